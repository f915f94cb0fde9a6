package tabular_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
)

func read(t *testing.T, text string, c tabular.CSV) *tabular.Frame {
	t.Helper()
	f, err := tabular.Read(strings.NewReader(text), c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRead(t *testing.T) {
	number := func(name string, v ...float64) tabular.Column {
		return tabular.Column{Name: name, Kind: tabular.Number, Numbers: v}
	}
	category := func(name string, levels []string, codes ...int32) tabular.Column {
		return tabular.Column{Name: name, Kind: tabular.Category, Codes: codes, Levels: levels}
	}
	for name, c := range map[string]struct {
		text string
		csv  tabular.CSV
		want []tabular.Column
	}{
		"plain":             {"a,b\n1,x\n-2.5,y\n3e2,x\n", tabular.CSV{}, []tabular.Column{number("a", 1, -2.5, 300), category("b", []string{"x", "y"}, 0, 1, 0)}},
		"semicolons, comma": {"a;b\n1,5;2\n-2,25;3\n", tabular.CSV{}, []tabular.Column{number("a", 1.5, -2.25), number("b", 2, 3)}},
		"tabs":              {"a\tb\n1\t2\n", tabular.CSV{}, []tabular.Column{number("a", 1), number("b", 2)}},
		"bars":              {"a|b|c\n1|2|3\n", tabular.CSV{}, []tabular.Column{number("a", 1), number("b", 2), number("c", 3)}},
		"one column":        {"a\n1\n2\n", tabular.CSV{}, []tabular.Column{number("a", 1, 2)}},
		"BOM, CRLF, spaces": {"\xef\xbb\xbfa, b\r\n 1, x \r\n2,y\r\n", tabular.CSV{}, []tabular.Column{number("a", 1, 2), category("b", []string{"x", "y"}, 0, 1)}},
		"quotes": {"a,b\n\"1\",\"x, \"\"y\"\"\"\n2,\"two\nlines\"\n", tabular.CSV{},
			[]tabular.Column{number("a", 1, 2), category("b", []string{"x, \"y\"", "two\nlines"}, 0, 1)}},
		"gaps":         {"a,b\n,x\nNA,?\n3,\n", tabular.CSV{}, []tabular.Column{number("a", math.NaN(), math.NaN(), 3), category("b", []string{"x"}, 0, -1, -1)}},
		"own gaps":     {"a\n-1\n2\n", tabular.CSV{Missing: []string{"-1"}}, []tabular.Column{number("a", math.NaN(), 2)}},
		"no header":    {"1,2\n3,4\n", tabular.CSV{NoHeader: true}, []tabular.Column{number("c1", 1, 3), number("c2", 2, 4)}},
		"kinds":        {"zip,x,y\n8001,1,2\n3000,3,4\n", tabular.CSV{Kinds: map[string]tabular.Kind{"zip": tabular.Category, "y": tabular.Ignore}}, []tabular.Column{category("zip", []string{"8001", "3000"}, 0, 1), number("x", 1, 3)}},
		"empty column": {"a,b\n1,\n2,\n", tabular.CSV{}, []tabular.Column{number("a", 1, 2), category("b", nil, -1, -1)}},
		"blank lines":  {"a,b\n\n1,2\n\n", tabular.CSV{}, []tabular.Column{number("a", 1), number("b", 2)}},
		"no rows":      {"a,b\n", tabular.CSV{}, []tabular.Column{category("a", nil), category("b", nil)}},
	} {
		f, err := tabular.Read(strings.NewReader(c.text), c.csv)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		// NaN is not itself, but prints as itself.
		if got, want := fmt.Sprintf("%+v", f.Columns), fmt.Sprintf("%+v", c.want); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestReadErrors(t *testing.T) {
	long := "a,b\n" + strings.Repeat("1,2\n", 1500)
	for name, c := range map[string]struct {
		text string
		csv  tabular.CSV
		want string
	}{
		"empty":          {"", tabular.CSV{Name: "x.csv"}, "x.csv: the file is empty"},
		"UTF-16":         {"\xff\xfea\x00", tabular.CSV{}, "csv: this is UTF-16; save it as UTF-8"},
		"binary":         {"a,b\n\x00\x01,2\n", tabular.CSV{}, "csv: there are zero bytes in it: this is no text"},
		"Latin-1":        {"a,b\nM\xfcller,1\n", tabular.CSV{}, "csv:2:1: column a: this is not UTF-8: save the file as UTF-8"},
		"twice":          {"a,b,a\n1,2,3\n", tabular.CSV{}, `csv:1:5: a second column is called "a"`},
		"no header":      {"1,2\n3,4\n", tabular.CSV{}, "csv:1: numbers where the columns' names are to be: a file without a header is read with NoHeader"},
		"fields":         {"a,b\n1,2\n1,2,3\n", tabular.CSV{}, "csv:3: 3 fields; the lines before have 2"},
		"fewer":          {"a,b\n1,2\n\"1\n2\",2\n1\n", tabular.CSV{}, "csv:5: 1 fields; the lines before have 2"},
		"quote":          {"a,b\n1,\"x\n2,3\n", tabular.CSV{}, `csv:3:5: a quoted field that does not end`},
		"bare quote":     {"a,b\n1,x\"y\n", tabular.CSV{}, "csv:2:4: a quote inside a field that is not quoted"},
		"late text":      {long + "3,4\nx,5\n", tabular.CSV{Name: "late.csv"}, `late.csv:1503:1: column a: "x" is no number. All 1000 rows before have numbers there`},
		"number asked":   {"a,b\n1,2\nx,3\n", tabular.CSV{Kinds: map[string]tabular.Kind{"a": tabular.Number}}, `csv:3:1: column a: "x" is no number.`},
		"infinite":       {"a,b\n1,2\n3,1e999\n", tabular.CSV{}, "csv:3:3: column b: 1e999 is not finite"},
		"unknown column": {"a,b\n1,2\n", tabular.CSV{Kinds: map[string]tabular.Kind{"c": tabular.Number}}, `csv: no column is called "c": there are a, b`},
		"signs":          {"a,b\n1,2\n", tabular.CSV{Comma: ',', Decimal: ','}, `csv: numbers with ',' between fields with ','`},
	} {
		_, err := tabular.Read(strings.NewReader(c.text), c.csv)
		var e *tabular.Error
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || !errors.As(err, &e) {
			t.Errorf("%s: %v\nwant %s", name, err, c.want)
		}
	}
	if _, err := tabular.ReadFile("no such file.csv", tabular.CSV{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

const people = `name,age,city,income,group,w
ann,20,rome,1000,b,1
bob,30,oslo,,a,2
cid,,rome,3000,b,1
dee,60,paris,2000,a,0.5
`

func TestPrep(t *testing.T) {
	f := read(t, people, tabular.CSV{})
	p, err := tabular.Recipe{Target: "group", Weights: "w", Drop: []string{"name"}, Indicate: true,
		Columns: map[string]tabular.ColumnRecipe{"income": {Scale: tabular.MinMax, Impute: tabular.Mean}}}.Fit(f, []int{0, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.Names(), "|"); got != "age|age is missing|city=oslo|city=rome|income|income is missing" || p.Cols() != 6 {
		t.Errorf("%d columns: %s", p.Cols(), got)
	}
	if !slices.Equal(p.Target.Classes, []string{"a", "b"}) {
		t.Errorf("classes %v", p.Target.Classes)
	}
	table, err := p.Table(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Ages 20 and 30: mean 25, deviation 5, median 25. Incomes 1000 to 3000, mean 2000. Paris was not there to be learned.
	want := []float32{
		-1, 0, 0, 1, 0, 0,
		1, 0, 1, 0, 0.5, 1,
		0, 1, 0, 1, 1, 0,
		7, 0, 0, 0, 0.5, 0,
	}
	if !slices.Equal(table.X, want) {
		t.Errorf("inputs\n%v, want\n%v", table.X, want)
	}
	if !slices.Equal(table.Labels, []uint32{1, 0, 1, 0}) || !slices.Equal(table.Weights, []float32{1, 2, 1, 0.5}) {
		t.Errorf("labels %v, weights %v", table.Labels, table.Weights)
	}
	x, _, err := p.Row(map[string]string{"city": "oslo", "age": "35", "else": "?"})
	if err != nil || !slices.Equal(x, []float32{2, 0, 1, 0, 0.5, 1}) {
		t.Errorf("%v, %v", x, err)
	}
	if _, _, err := p.Row(map[string]string{"age": "old"}); err == nil || err.Error() != `tabular: column age: "old" is no number` {
		t.Error(err)
	}

	// In another order, without the target, with more columns, and with a category that looks like numbers.
	other, err := p.Table(read(t, "zip,income,city,age\n1,2000,1,30\n", tabular.CSV{}), nil)
	if err != nil || !slices.Equal(other.X, []float32{1, 0, 0, 0, 0.5, 0}) || other.Labels != nil {
		t.Errorf("%+v, %v", other, err)
	}
}

func TestScalesAndCodings(t *testing.T) {
	f := read(t, "x,c,y\n0,b,1.5\n1,a,2.5\n2,b,3.5\n3,c,4.5\n100,b,5.5\n", tabular.CSV{})
	for name, c := range map[string]struct {
		r    tabular.Recipe
		want []float32 // the first row's
	}{
		"robust":    {tabular.Recipe{Target: "y", Scale: tabular.Robust}, []float32{-1, 0, 1, 0}}, // median 2, quartiles 1 and 3
		"as it is":  {tabular.Recipe{Target: "y", Scale: tabular.AsIs}, []float32{0, 0, 1, 0}},
		"ordinal":   {tabular.Recipe{Target: "y", Scale: tabular.MinMax, Coding: tabular.Ordinal}, []float32{0, 0.5}},
		"embedding": {tabular.Recipe{Target: "y", Scale: tabular.MinMax, Coding: tabular.Embed}, []float32{0}},
	} {
		p, err := c.r.Fit(f, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		table, err := p.Table(f, nil)
		if err != nil || !slices.Equal(table.X[:p.Cols()], c.want) {
			t.Errorf("%s: %v, want %v; %v", name, table.X[:p.Cols()], c.want, err)
		}
		if name == "embedding" && (!slices.Equal(table.Codes, []uint32{1, 0, 1, 2, 1}) || !slices.Equal(p.Codes(), []int{3})) {
			t.Errorf("codes %v of %v", table.Codes, p.Codes())
		}
		if got := p.Target.Value(table.Values[3]); math.Abs(got-4.5) > 1e-6 {
			t.Errorf("%s: the target comes back as %v", name, got)
		}
	}
	// A constant column is not divided by rounding's zero.
	p, err := tabular.Recipe{}.Fit(read(t, "x\n0.1\n0.1\n0.1\n", tabular.CSV{}), nil)
	if x, _, _ := p.Row(map[string]string{"x": "0.1"}); err != nil || math.Abs(float64(x[0])) > 1e-6 {
		t.Errorf("%v, %v", x, err)
	}
}

func TestRecipeErrors(t *testing.T) {
	f := read(t, people, tabular.CSV{})
	one, two := read(t, "x,y\n1,a\n2,a\n", tabular.CSV{}), read(t, "x,y\n1,a\n2,b\n", tabular.CSV{})
	for want, fit := range map[string]func() error{
		`no column is called "species": there are name, age, city, income, group, w`: func() error { _, err := tabular.Recipe{Target: "species"}.Fit(f, nil); return err },
		`no column is called "nam"`:                              func() error { _, err := tabular.Recipe{Drop: []string{"nam"}}.Fit(f, nil); return err },
		"there are no rows to learn from":                        func() error { _, err := tabular.Recipe{}.Fit(f, []int{}); return err },
		"no column is left for the inputs":                       func() error { _, err := tabular.Recipe{Target: "y", Drop: []string{"x"}}.Fit(two, nil); return err },
		`column y: all rows have "a"; two classes are the least`: func() error { _, err := tabular.Recipe{Target: "y"}.Fit(one, nil); return err },
		"column group: a regression needs numbers":               func() error { _, err := tabular.Recipe{Target: "group", Task: tabular.Regress}.Fit(f, nil); return err },
		"column city: weights have to be numbers":                func() error { _, err := tabular.Recipe{Target: "group", Weights: "city"}.Fit(f, nil); return err },
		"row 3: column age: nothing is there":                    func() error { return apply(f, f, tabular.Recipe{Target: "group", Impute: tabular.Fail}) },
		`row 1: column group, the target: "b" is not among the classes that were learned, a, c`: func() error {
			return apply(read(t, strings.ReplaceAll(people, ",b,", ",c,"), tabular.CSV{}), f, tabular.Recipe{Target: "group"})
		},
		"row 2: column income, the target: nothing is there": func() error { return apply(f, f, tabular.Recipe{Target: "income", Task: tabular.Regress}) },
		`no column is called "age": there are x, y`:          func() error { return apply(f, one, tabular.Recipe{Target: "group", Drop: []string{"name"}}) },
	} {
		if err := fit(); err == nil || !strings.HasPrefix(err.Error(), "tabular: "+want) {
			t.Errorf("%v\nwant tabular: %s", err, want)
		}
	}
}

func apply(fit, to *tabular.Frame, r tabular.Recipe) error {
	p, err := r.Fit(fit, nil)
	if err != nil {
		return err
	}
	_, err = p.Table(to, nil)
	return err
}

// TestMeta: the columns go into a model's file and come back.
func TestMeta(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	p, err := tabular.Recipe{Target: "group", Columns: map[string]tabular.ColumnRecipe{"city": {Coding: tabular.Embed}}}.Fit(read(t, people, tabular.CSV{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	model, err := nn.New(dev, p.Cols(), nn.Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := model.Save(path, p.Meta()); err != nil {
		t.Fatal(err)
	}
	_, meta, err := nn.Load(dev, path)
	if err != nil {
		t.Fatal(err)
	}
	back, err := tabular.FromMeta(meta)
	if err != nil || !reflect.DeepEqual(back, p) {
		t.Errorf("%+v, want %+v: %v", back, p, err)
	}
	for _, text := range []string{"", "{", `{"Inputs":[{}]}`, `{"Inputs":[],"Target":{"Name":"y","Task":1,"Classes":["a"]}}`} {
		if _, err := tabular.FromMeta(map[string]string{tabular.MetaKey: text}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := tabular.FromMeta(nil); err == nil {
		t.Error("a model without columns has some")
	}
}

// TestConvert: what goes through the disk is what a frame makes, row by row.
func TestConvert(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	var text strings.Builder
	text.WriteString("x,color,w,y,junk\n")
	for i := range 3000 {
		fmt.Fprintf(&text, "%d,%s,%d,%g,z%d\n", i%97, []string{"red", "", "blue"}[i%3], 1+i%2, float64(i%97)/2, i)
	}
	recipe := tabular.Recipe{Target: "y", Weights: "w", Columns: map[string]tabular.ColumnRecipe{"color": {Coding: tabular.Embed}}}
	csv := tabular.CSV{Name: "long.csv", Kinds: map[string]tabular.Kind{"junk": tabular.Ignore}}
	dir := t.TempDir()
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text.String())), nil }
	c, err := tabular.Convert(open, tabular.Conversion{CSV: csv, Recipe: recipe, Holdout: 0.25, Seed: 3, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	n, m := c.Train.Len(), c.Holdout.Len()
	if n+m != 3000 || m < 650 || m > 850 {
		t.Errorf("%d rows to learn from, %d held out", n, m)
	}
	whole, err := data.Stream(dev, c.Train, c.Train.Target)
	if err != nil || whole.Codes() != 1 || !whole.Weighted() {
		t.Fatal(err)
	}
	// Without a holdout the rows are the frame's.
	all, err := tabular.Convert(open, tabular.Conversion{CSV: csv, Recipe: recipe, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	f := read(t, text.String(), csv)
	prep, err := recipe.Fit(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	table, err := prep.Table(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(all.Prep, prep) || all.Holdout != nil {
		t.Errorf("%+v, want %+v", all.Prep, prep)
	}
	raw := make([]byte, 4*len(table.X))
	order := make([]uint32, 3000)
	for i := range order {
		order[i] = uint32(i)
	}
	if err := all.Train.ReadRows(raw, order); err != nil {
		t.Fatal(err)
	}
	set, err := data.FromTable(dev, table)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, len(table.X))
	buf, err := backend.Alloc(dev, backend.U8, len(raw))
	if err != nil {
		t.Fatal(err)
	}
	backend.Write(dev, buf, 0, raw)
	for i := range x {
		x[i] = math.Float32frombits(uint32(raw[4*i]) | uint32(raw[4*i+1])<<8 | uint32(raw[4*i+2])<<16 | uint32(raw[4*i+3])<<24)
	}
	if !slices.Equal(x, table.X) || set.Len() != all.Train.Len() {
		t.Error("the rows on the disk are others")
	}
	if err := errors.Join(c.Close(), all.Close()); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestConvertErrors(t *testing.T) {
	dir := t.TempDir()
	of := func(text string) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	}
	late := "x,y\n" + strings.Repeat("1,2.5\n2,3.5\n", 800)
	again := 0
	for want, c := range map[string]func() (*tabular.Converted, error){
		`f.csv:1603:3: column y, the target: nothing is there`: func() (*tabular.Converted, error) {
			return tabular.Convert(of(late+"3,1\n4,\n"), tabular.Conversion{CSV: tabular.CSV{Name: "f.csv"}, Recipe: tabular.Recipe{Target: "y", Task: tabular.Regress}, Dir: dir})
		},
		"tabular: a conversion needs a target": func() (*tabular.Converted, error) { return tabular.Convert(of(late), tabular.Conversion{}) },
		"tabular: 1 of the rows are to be held out": func() (*tabular.Converted, error) {
			return tabular.Convert(of(late), tabular.Conversion{Holdout: 1, Recipe: tabular.Recipe{Target: "y"}})
		},
		"tabular: gone": func() (*tabular.Converted, error) {
			return tabular.Convert(func() (io.ReadCloser, error) { return nil, errors.New("gone") }, tabular.Conversion{Recipe: tabular.Recipe{Target: "y"}})
		},
		"tabular: the file has changed between two readings": func() (*tabular.Converted, error) {
			return tabular.Convert(func() (io.ReadCloser, error) {
				again++
				return io.NopCloser(strings.NewReader(late[:len(late)-6*again])), nil
			}, tabular.Conversion{Recipe: tabular.Recipe{Target: "y", Task: tabular.Regress}, Dir: dir})
		},
	} {
		if _, err := c(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
