package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// generators make n rows of a seed.
var generators = []struct {
	name   string
	make   func(n int, seed uint64) Table
	cols   int
	golden string
}{
	{"spirals", func(n int, seed uint64) Table { return Spirals(n, 3, 0.02, seed) }, 2, "8ce02a461848cac1"},
	{"moons", func(n int, seed uint64) Table { return Moons(n, 0.1, seed) }, 2, "9a3e2d8e3466a789"},
	{"blobs", func(n int, seed uint64) Table { return Blobs(n, 4, 5, 0.5, seed) }, 5, "991a56517d154e0b"},
	{"sine", func(n int, seed uint64) Table { return Sine(n, 0.1, seed) }, 1, "7c60894ee4e98e7f"},
	{"friedman1", func(n int, seed uint64) Table { return Friedman1(n, 7, 1, seed) }, 7, "9942346267cf002f"},
}

func TestGenerators(t *testing.T) {
	for _, g := range generators {
		a := g.make(300, 1)
		if a.Len() != 300 || a.Cols != g.cols || len(a.X) != 300*g.cols || len(a.Labels)+len(a.Values) != 300 {
			t.Errorf("%s: %d rows of %d, %d labels, %d values", g.name, a.Len(), a.Cols, len(a.Labels), len(a.Values))
		}
		b := g.make(10, 1)
		if !slices.Equal(b.X, a.X[:len(b.X)]) || !slices.Equal(b.Labels, a.Labels[:len(b.Labels)]) || !slices.Equal(b.Values, a.Values[:len(b.Values)]) {
			t.Errorf("%s: 10 rows are not the first of 300", g.name)
		}
		if other := g.make(300, 2); slices.Equal(other.X[:g.cols], a.X[:g.cols]) || slices.Equal(a.Row(0), a.Row(12)) {
			t.Errorf("%s: rows occur twice", g.name)
		}
		if empty := g.make(0, 1); empty.Len() != 0 || empty.Cols != g.cols {
			t.Errorf("%s: 0 rows: %+v", g.name, empty)
		}
		var raw bytes.Buffer
		if err := binary.Write(&raw, binary.LittleEndian, slices.Concat(a.X, a.Values)); err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256(raw.Bytes())
		if got := hex.EncodeToString(hash[:8]); runtime.GOARCH == "amd64" && got != g.golden {
			t.Errorf("%s: hash %s, want %s", g.name, got, g.golden)
		}
	}
}

// TestShapes checks the formulas where there is no noise.
func TestShapes(t *testing.T) {
	near := func(name string, i int, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) < 1e-5) {
			t.Fatalf("%s, row %d: %v, want %v", name, i, got, want)
		}
	}
	at := func(s Table, i, j int) float64 { return float64(s.Row(i)[j]) }
	const n = 200
	spirals, moons, blobs, sine, friedman := Spirals(n, 3, 0, 1), Moons(n, 0, 1), Blobs(n, 4, 2, 0, 1), Sine(n, 0, 1), Friedman1(n, 5, 0, 1)
	for i := range n {
		x, y := at(spirals, i, 0), at(spirals, i, 1)
		r := math.Hypot(x, y)
		a := 2 * math.Pi * (1.5*r + float64(i%3)/3)
		near("spirals", i, x, r*math.Cos(a))
		near("spirals", i, y, r*math.Sin(a))

		x, y = at(moons, i, 0), at(moons, i, 1)
		if moons.Labels[i] == 1 {
			x, y = 1-x, 0.5-y
		}
		near("moons", i, x*x+y*y, 1)
		if y < 0 {
			t.Fatalf("moons, row %d lies in the wrong half", i)
		}

		if blobs.Labels[i] != uint32(i%4) || !slices.Equal(blobs.Row(i), blobs.Row(i%4)) {
			t.Fatalf("blobs, row %d is not at its centre", i)
		}
		near("sine", i, float64(sine.Values[i]), math.Sin(at(sine, i, 0)))
		f := friedman.Row(i)
		want := 10*math.Sin(math.Pi*float64(f[0])*float64(f[1])) + 20*math.Pow(float64(f[2])-0.5, 2) + 10*float64(f[3]) + 5*float64(f[4])
		near("friedman1", i, float64(friedman.Values[i]), want)
	}
}

func TestGeneratorsPanic(t *testing.T) {
	for want, f := range map[string]func(){
		"Spirals: -1 rows: want at least 0":          func() { Spirals(-1, 2, 0, 1) },
		"Spirals: 0 classes: want at least 1":        func() { Spirals(1, 0, 0, 1) },
		"Moons: noise of NaN":                        func() { Moons(1, math.NaN(), 1) },
		"Blobs: 0 dimensions: want at least 1":       func() { Blobs(1, 1, 0, 0, 1) },
		"Blobs: noise of -1: want a number from 0":   func() { Blobs(1, 1, 1, -1, 1) },
		"Sine: noise of +Inf":                        func() { Sine(1, math.Inf(1), 1) },
		"Friedman1: 4 dimensions: want at least 5":   func() { Friedman1(1, 4, 0, 1) },
		"Subset: no row 3 in 6 elements":             func() { Moons(3, 0, 1).Subset([]int{3}) },
		"Subset: no row -1":                          func() { Sine(3, 0, 1).Subset([]int{-1}) },
		"Subset: no row 1 in 4 elements in rows of ": func() { Images{Pixels: make([]byte, 4), Labels: []uint32{0}, Height: 2, Width: 2}.Subset([]int{1}) },
	} {
		func() {
			defer func() {
				if message, _ := recover().(string); !strings.Contains(message, want) {
					t.Errorf("panic %q, want one that says %q", message, want)
				}
			}()
			f()
		}()
	}
}

func TestSubset(t *testing.T) {
	rows := []int{4, 0, 4}
	s, labelled, valued := Friedman1(5, 5, 0, 1), Blobs(5, 2, 3, 1, 1), Friedman1(5, 5, 0, 1)
	valued.Outputs = 0 // stands for 1
	for _, whole := range []Table{s, labelled, valued} {
		part := whole.Subset(rows)
		if part.Len() != 3 || part.Cols != whole.Cols || (part.Labels == nil) != (whole.Labels == nil) || (part.Values == nil) != (whole.Values == nil) {
			t.Fatalf("%+v is no subset of three rows of %+v", part, whole)
		}
		for i, r := range rows {
			if !slices.Equal(part.Row(i), whole.Row(r)) ||
				whole.Labels != nil && part.Labels[i] != whole.Labels[r] || whole.Values != nil && part.Values[i] != whole.Values[r] {
				t.Errorf("row %d of %+v is not row %d of %+v", i, part, r, whole)
			}
		}
		part.X[0]++
		if part.X[0] == whole.Row(4)[0] {
			t.Error("a subset shares memory with the whole")
		}
	}
	two := Table{X: []float32{1, 2}, Cols: 1, Values: []float32{1, 2, 3, 4}, Outputs: 2}.Subset([]int{1})
	if !slices.Equal(two.Values, []float32{3, 4}) {
		t.Errorf("two values in a row: %+v", two)
	}
	im := Images{Pixels: []byte{1, 2, 3, 4, 5, 6}, Labels: []uint32{7, 8, 9}, Height: 1, Width: 2}.Subset([]int{2, 0})
	if !bytes.Equal(im.Pixels, []byte{5, 6, 1, 2}) || !slices.Equal(im.Labels, []uint32{9, 7}) || im.Height != 1 || im.Width != 2 {
		t.Errorf("images: %+v", im)
	}
}
