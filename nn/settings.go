package nn

import (
	"fmt"
	"reflect"
	"strings"
)

// LossSettings says what a loss is: its name with all its exported settings, the same in every process.
func LossSettings(l Loss) string { return settings(l) }

// settings are a value's name and its exported fields, the same in every process: where a pointer points to, and a function,
// say nothing.
func settings(x any) string {
	var b strings.Builder
	if s, ok := x.(fmt.Stringer); ok {
		b.WriteString(s.String())
	}
	v := reflect.ValueOf(x)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice: // the parts of a loss for several heads
		for i := range v.Len() {
			fmt.Fprintf(&b, " [%d]=%s", i, fieldSettings(v.Index(i)))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fmt.Fprintf(&b, " %s=%s", f.Name, fieldSettings(v.Field(i)))
			}
		}
	}
	return b.String()
}

func fieldSettings(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return "?"
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return "none"
		}
		return settings(v.Interface())
	case reflect.Struct:
		return "{" + settings(v.Interface()) + " }"
	}
	return fmt.Sprint(v.Interface())
}
