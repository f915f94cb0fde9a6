package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/nn"
)

// marshal is JSON of the exported fields, with numbers that JSON lacks, NaN and ±Inf, as strings.
func marshal(x any) (string, error) {
	b, err := json.Marshal(plain(reflect.ValueOf(x)))
	return string(b), err
}

// plain is a value in JSON's own types. A number keeps its bits: the shortest text that reads back as it.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Sprint(f)
		}
	case reflect.Struct:
		fields := map[string]any{}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fields[f.Name] = plain(v.Field(i))
			}
		}
		return fields
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		all := make([]any, v.Len())
		for i := range all {
			all[i] = plain(v.Index(i))
		}
		return all
	case reflect.Map:
		all := map[string]any{}
		for _, k := range v.MapKeys() {
			all[fmt.Sprint(k)] = plain(v.MapIndex(k))
		}
		return all
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	}
	return v.Interface()
}

// unmarshal reads what marshal wrote. Fields that are not in the text keep their values.
func unmarshal(text string, to any) error {
	var raw any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&raw); err != nil {
		return err
	}
	return restore(raw, reflect.ValueOf(to).Elem())
}

func restore(raw any, v reflect.Value) error {
	switch x := raw.(type) {
	case nil:
		return nil
	case map[string]any:
		return restoreFields(x, v)
	case []any:
		if v.Kind() != reflect.Slice {
			return fmt.Errorf("a list, where %v is wanted", v.Type())
		}
		v.Set(reflect.MakeSlice(v.Type(), len(x), len(x)))
		for i := range x {
			if err := restore(x[i], v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(x)
			return nil
		}
	}
	return restoreScalar(fmt.Sprint(raw), v)
}

func restoreFields(x map[string]any, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return restoreFields(x, v.Elem())
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			return fmt.Errorf("a map by %v", v.Type().Key())
		}
		v.Set(reflect.MakeMap(v.Type()))
		for k, raw := range x {
			item := reflect.New(v.Type().Elem()).Elem()
			if err := restore(raw, item); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
			v.SetMapIndex(reflect.ValueOf(k).Convert(v.Type().Key()), item)
		}
		return nil
	case reflect.Struct:
		for k, raw := range x {
			f, ok := v.Type().FieldByName(k)
			if !ok || !f.IsExported() {
				return fmt.Errorf("no field %s", k)
			}
			if err := restore(raw, v.FieldByIndex(f.Index)); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
		}
		return nil
	}
	return fmt.Errorf("fields, where %v is wanted", v.Type())
}

func restoreScalar(text string, v reflect.Value) (err error) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Float64, reflect.Float32:
		var f float64
		f, err = strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(f)
	case reflect.Int, reflect.Int64, reflect.Int32:
		var n int64
		n, err = strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
	case reflect.Uint64, reflect.Uint32, reflect.Uint:
		var n uint64
		n, err = strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
	default:
		err = fmt.Errorf("%q, where %v is wanted", text, v.Type())
	}
	return err
}

const memoryKey = "memory"

// remembered is what a callback of this package keeps.
func remembered(x any) (nn.Extra, error) {
	text, err := marshal(x)
	return nn.Extra{Strings: map[string]string{memoryKey: text}}, err
}

// recalled is what remembered was given, all of it.
func recalled[T any](x nn.Extra) (m T, err error) {
	text, ok := x.Strings[memoryKey]
	if !ok {
		return m, errors.New("nothing was saved")
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return m, err
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if _, ok := all[f.Name]; !ok && f.IsExported() {
			return m, fmt.Errorf("the saved state has no %s", f.Name)
		}
	}
	err = unmarshal(text, &m)
	return m, err
}
