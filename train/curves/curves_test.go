package curves

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/metrics"
)

// history is a training of n epochs that learns, and then learns by heart.
func history(n int, validated, labels bool) (h train.History) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		x := float64(i) / float64(max(20, n/3))
		e := train.Epoch{Number: i + 1, Loss: 2.3*math.Exp(-2*x) + 0.02 + 0.01*rng.Float64(), Steps: 10, Rows: 1000, Time: time.Second}
		if labels {
			e.Accuracy = 1 - 0.9*math.Exp(-2*x)
		}
		if validated {
			e.Validation = train.Score{Loss: 2.2*math.Exp(-2*x) + 0.1 + 0.1*x*x + 0.02*rng.Float64(), Accuracy: 0.97 * e.Accuracy, Rows: 100}
		}
		h = append(h, e)
	}
	return h
}

func logY(panels []Panel) []Panel {
	panels[0].LogY = true
	return panels
}

// pages are what people may get to see.
func pages() map[string]struct {
	Options
	panels []Panel
} {
	var rates, losses []float64
	for i := range 100 {
		r := 1e-6 * math.Pow(10, 7*float64(i)/99)
		rates, losses = append(rates, r), append(losses, 2.3-1.8/(1+math.Pow(r/3e-3, -1.2))+math.Pow(r/0.5, 3))
	}
	gaps := history(30, true, false)
	gaps[7].Validation.Rows, gaps[9].Loss, gaps[20].Loss, gaps[22].Loss = 0, math.NaN(), math.Inf(1), math.NaN()
	long := strings.Repeat("a name that is too long for one line ", 6)
	many := Panel{Title: long, X: "step"}
	for i := range 8 {
		many.Curves = append(many.Curves, Curve{fmt.Sprintf("run %d of train/784-2048-2048-512-10", i), []float64{0, 1, 2}, []float64{float64(i), 1e6 * float64(8-i), -3e5}})
	}
	many.Curves[3].Name = long
	huge := Panel{Title: "Far from 0", X: "step", Curves: []Curve{{"loss", []float64{1e6, 3e6}, []float64{1e6 + 0.25, 1e6 + 0.75}}}}
	flat := Panel{Title: "Flat", X: "epoch", LogY: true, Curves: []Curve{{"loss", []float64{1, 2, 3}, []float64{1e-9, 1e-9, 1e-9}}, {"none", nil, nil}}}
	return map[string]struct {
		Options
		panels []Panel
	}{
		"1-epoch":     {Options{}, History(history(1, true, true))},
		"2-epochs":    {Options{Title: "Two epochs"}, History(history(2, true, true))},
		"20-epochs":   {Options{Title: "784-128-10, Adam(0.002), batch 128"}, History(history(20, true, true))},
		"20-dark":     {Options{Title: "784-128-10, Adam(0.002), batch 128", Dark: true}, History(history(20, true, true))},
		"1000-epochs": {Options{Title: long + "\x00\x1b"}, logY(History(history(1000, true, true)))},
		"regression":  {Options{}, History(history(50, false, false))},
		"gaps":        {Options{}, History(gaps)},
		"rates":       {Options{Title: "Learning rate"}, []Panel{Rates(rates, losses)}},
		"rates-dark":  {Options{Dark: true}, []Panel{Rates(rates, losses)}},
		"many":        {Options{}, []Panel{many, huge, flat}},
	}
}

// TestWrite writes all pages in both formats, to the folder that GLOSS_PLOTS names for those who want to look at them.
func TestWrite(t *testing.T) {
	dir := os.Getenv("GLOSS_PLOTS")
	for name, c := range pages() {
		var svg, image bytes.Buffer
		if err := Write(&svg, "svg", c.Options, c.panels...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		texts := textsOf(t, name, svg.Bytes())
		for _, p := range c.panels {
			if !strings.Contains(texts, p.Title[:4]) || !strings.Contains(texts, p.X) || !strings.Contains(texts, "best ") {
				t.Errorf("%s does not say %s, %s or what is best:\n%s", name, p.Title, p.X, texts)
			}
		}
		if got := strings.Contains(texts, "logarithmic"); got != (strings.HasPrefix(name, "rates") || name == "1000-epochs" || name == "many") {
			t.Errorf("%s: logarithmic scale: %v", name, got)
		}
		if testing.Short() && name != "rates-dark" {
			continue // pixels take long
		}
		if err := Write(&image, "png", c.Options, c.panels...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if dir != "" {
			if err := errors.Join(os.WriteFile(filepath.Join(dir, name+".png"), image.Bytes(), 0o666), os.WriteFile(filepath.Join(dir, name+".svg"), svg.Bytes(), 0o666)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := png.Decode(&image)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b := got.Bounds(); b.Dx() != 2000 || b.Dy() < 700 || b.Dy() > 3000 {
			t.Errorf("%s: %v pixels", name, b)
		}
		if ground := color.RGBAModel.Convert(got.At(1, 1)); ground != newTheme(c.Dark).ground {
			t.Errorf("%s: the ground is %v", name, ground)
		}
	}
}

// textsOf wants well-formed XML, and returns its texts.
func textsOf(t *testing.T, name string, svg []byte) string {
	t.Helper()
	var texts strings.Builder
	for dec := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			return texts.String()
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if text, ok := token.(xml.CharData); ok {
			texts.Write(append(text, '\n'))
		}
	}
}

func TestHistory(t *testing.T) {
	for _, c := range []struct {
		h              train.History
		panels, curves int
	}{{history(3, true, true), 2, 2}, {history(3, false, true), 2, 1}, {history(3, true, false), 1, 2}, {nil, 1, 1}} {
		p := History(c.h)
		if len(p) != c.panels || len(p[0].Curves) != c.curves || len(p[0].Curves[0].X) != len(c.h) {
			t.Errorf("%d epochs: %+v", len(c.h), p)
		}
	}
	h := history(3, true, true)
	h[1].Metrics = metrics.Results{{Name: "mse", Value: 7}}
	if p := History(h, metrics.MSE())[2]; p.Title != "mse" || p.Most || p.Curves[0].Y[1] != 7 || p.Curves[0].Y[0] == p.Curves[0].Y[0] {
		t.Errorf("%+v", p)
	}
	if p := History(h); p[0].Curves[1].Y[2] != h[2].Validation.Loss || p[1].Curves[0].Y[1] != h[1].Accuracy || p[0].Curves[0].X[2] != 3 || p[0].Most || !p[1].Most {
		t.Errorf("%+v", p)
	}
}

func TestRates(t *testing.T) {
	p := Rates([]float64{1, 2, 3, 4}, []float64{2, 1, 3, 3.1})
	if y := p.Curves[0].Y; y[0] != 2 || y[2] != 3 || y[3] == y[3] || !p.LogX {
		t.Errorf("%+v", p)
	}
	if p := Rates(nil, nil); len(p.Curves[0].X) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	some, uneven := History(history(2, false, false)), Panel{Title: "P", Curves: []Curve{{"c", []float64{1}, nil}}}
	nan := Panel{Curves: []Curve{{"c", []float64{1}, []float64{math.NaN()}}}}
	for _, c := range []struct {
		file   string
		panels []Panel
		want   string
	}{
		{"a.svg", nil, "no point"},
		{"a.svg", History(nil), "no point"},
		{"a.svg", []Panel{nan}, "no point"},
		{"a.svg", []Panel{{LogX: true, Curves: []Curve{{"c", []float64{0}, []float64{1}}}}}, "no point"},
		{"a.svg", []Panel{uneven}, "P, c: 1 places and 0 values"},
		{"a.pdf", some, "a.pdf: want"},
		{"", some, "want a name"},
		{"not/there.svg", some, "not/there.svg"},
	} {
		if err := Save(filepath.Join(dir, c.file), Options{}, c.panels...); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "curves: ") {
			t.Errorf("%q: error %v, want %q", c.file, err, c.want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
	if err := Write(io.Discard, "pdf", Options{}, some...); err == nil {
		t.Error("there is a format pdf")
	}
	if err := Save(filepath.Join(dir, "a.PNG"), Options{}, some...); err != nil {
		t.Error(err)
	}
}

func TestAxis(t *testing.T) {
	for _, c := range []struct {
		lo, hi            float64
		log, tight, whole bool
		want              string
	}{
		{1, 20, false, true, true, "1 5 10 15 20"},
		{1, 2, false, true, true, "1 2"},
		{1, 1, false, true, true, "1"},
		{1, 1000, false, true, true, "1 200 400 600 800 1000"},
		{0.02, 2.31, false, false, false, "0.0 0.5 1.0 1.5 2.0 2.5"},
		{-3, 4, false, false, false, "-4 -2 0 2 4"},
		{0, 0, false, false, false, "-1.0 -0.5 0.0 0.5 1.0"},
		{1e-6, 10, true, true, false, "1e-06 1e-05 0.0001 0.001 0.01 0.1 1 10"},
		{0.03, 0.9, true, false, false, "0.02 0.05 0.1 0.2 0.5 1"},
		{0.93, 0.96, true, false, false, "0.5 1"},
		{1e6 + 0.25, 1e6 + 0.75, false, false, false, "1000000.2 1000000.3 1000000.4 1000000.5 1000000.6 1000000.7 1000000.8"},
	} {
		a := newAxis(c.lo, c.hi, c.log, c.tight, c.whole)
		var got []string
		for _, v := range a.ticks {
			got = append(got, a.tick(v))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v to %v: %q", c.lo, c.hi, got)
		}
		for _, v := range []float64{c.lo, c.hi} {
			if at := a.at(v); !(at >= -1e-9 && at <= 1+1e-9) {
				t.Errorf("%v to %v: %v lies at %v", c.lo, c.hi, v, at)
			}
		}
	}
}

// TestColors: a name has one colour in all panels; names that a panel has twice do not count.
func TestColors(t *testing.T) {
	x, y := []float64{1, 2}, []float64{3, 4}
	s, err := newSheet(Options{}, []Panel{
		{Curves: []Curve{{"training", x, y}, {"validation", x, y}}}, {Curves: []Curve{{"validation", x, y}}}, {Curves: []Curve{{"", x, y}, {"", x, y}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	of := func(plot, curve int) any { return s.color(&s.plots[plot], curve) }
	if of(0, 1) != of(1, 0) || of(0, 0) == of(0, 1) || of(2, 0) == of(2, 1) {
		t.Errorf("%v %v, %v, %v %v", of(0, 0), of(0, 1), of(1, 0), of(2, 0), of(2, 1))
	}
}
