package tabular_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/data/tabular"
)

func TestNewFrame(t *testing.T) {
	n := func(name string, v ...float64) tabular.Column {
		return tabular.Column{Name: name, Kind: tabular.Number, Numbers: v}
	}
	c := func(name string, levels []string, codes ...int32) tabular.Column {
		return tabular.Column{Name: name, Kind: tabular.Category, Codes: codes, Levels: levels}
	}
	f, err := tabular.NewFrame(n("a", 1, math.NaN()), c("b", []string{"x"}, 0, -1))
	if err != nil || f.Len() != 2 || f.Column("b").Text(0) != "x" || f.Column("a").Missing() != 1 || f.Column("c") != nil {
		t.Errorf("%+v, %v", f, err)
	}
	for want, columns := range map[string][]tabular.Column{
		"column b has 1 rows, those before it 2": {n("a", 1, 2), n("b", 1)},
		`column 2 is called "a"`:                 {n("a", 1), n("a", 2)},
		`column 1 is called ""`:                  {n("", 1)},
		"a code that is none of its 1 levels":    {c("a", []string{"x"}, 1)},
		"a number that is not finite":            {n("a", math.Inf(1))},
		"column a: a auto with 0 numbers":        {{Name: "a"}},
	} {
		if _, err := tabular.NewFrame(columns...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestManyWholeNumbers: a target of more whole numbers than are counted is a regression, as one of a few hundred is.
func TestManyWholeNumbers(t *testing.T) {
	for _, n := range []int{300, 20_000} {
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = float64(i%7), float64(3*i)
		}
		f, err := tabular.NewFrame(tabular.Column{Name: "x", Kind: tabular.Number, Numbers: x}, tabular.Column{Name: "y", Kind: tabular.Number, Numbers: y})
		if err != nil {
			t.Fatal(err)
		}
		p, err := tabular.Recipe{Target: "y"}.Fit(f, nil)
		if err != nil || p.Target.Task != tabular.Regress {
			t.Errorf("%d numbers: %v, %v", n, p, err)
		}
	}
}
