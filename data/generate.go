package data

import (
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/data/internal/draw"
)

// The uses of a seed: sets of one seed have nothing in common.
const (
	kindSpirals = 1 + iota
	kindMoons
	kindBlobs
	kindCentres
	kindSine
	kindFriedman1
	kindSplit
)

// Spirals is n points on intertwined arms, one for each class, that a linear model cannot tell apart. Row i has label
// i mod classes and, with r uniform in [0, 1),
//
//	a = 2π·(1.5·r + label/classes)
//	x = r·cos a + noise·N(0, 1)
//	y = r·sin a + noise·N(0, 1)
//
// After the two spirals of Lang and Witbrock, "Learning to tell two spirals apart", 1988, with half as many turns.
// Arms are 1/(1.5·classes) apart: a noise of a tenth of that leaves them separable.
//
// Rows depend on the seed and their number alone, here and in the other generators; platforms may differ in a number's
// last bit. All panic where n is below 0 or another number makes no sense, as a noise below 0 does.
func Spirals(n, classes int, noise float64, seed uint64) Table {
	check("Spirals", n, noise)
	atLeast("Spirals", "classes", classes, 1)
	return labelled(n, 2, classes, func(i int, label uint32, x []float32) {
		s := draw.New(seed, kindSpirals, uint64(i))
		r := s.Uniform()
		sin, cos := math.Sincos(2 * math.Pi * (1.5*r + float64(label)/float64(classes)))
		x[0] = float32(r*cos + noise*s.Normal())
		x[1] = float32(r*sin + noise*s.Normal())
	})
}

// Moons is n points on two interleaved half circles. Row i has label i mod 2 and, with t uniform in [0, π),
//
//	label 0:  x = cos t,      y = sin t
//	label 1:  x = 1 − cos t,  y = ½ − sin t
//
// plus noise·N(0, 1) on both. The shapes are those of scikit-learn's make_moons, which spaces t evenly.
func Moons(n int, noise float64, seed uint64) Table {
	check("Moons", n, noise)
	return labelled(n, 2, 2, func(i int, label uint32, x []float32) {
		s := draw.New(seed, kindMoons, uint64(i))
		sin, cos := math.Sincos(math.Pi * s.Uniform())
		if label == 1 {
			sin, cos = 0.5-sin, 1-cos
		}
		x[0] = float32(cos + noise*s.Normal())
		x[1] = float32(sin + noise*s.Normal())
	})
}

// Blobs is n points in dims dimensions around one centre for each class, uniform in [−10, 10) in every dimension.
// Row i has label i mod classes and lies at its centre plus spread·N(0, 1). The convention, with spread for
// cluster_std, is that of scikit-learn's make_blobs.
func Blobs(n, classes, dims int, spread float64, seed uint64) Table {
	check("Blobs", n, spread)
	atLeast("Blobs", "classes", classes, 1)
	atLeast("Blobs", "dimensions", dims, 1)
	centres := make([]float64, classes*dims)
	for class := range classes {
		s := draw.New(seed, kindCentres, uint64(class))
		for d := range dims {
			centres[class*dims+d] = s.Within(10)
		}
	}
	return labelled(n, dims, classes, func(i int, label uint32, x []float32) {
		s := draw.New(seed, kindBlobs, uint64(i))
		for d := range x {
			x[d] = float32(centres[int(label)*dims+d] + spread*s.Normal())
		}
	})
}

// Sine is n points of a noisy sine, a regression: x uniform in [−π, π), y = sin x + noise·N(0, 1).
func Sine(n int, noise float64, seed uint64) Table {
	check("Sine", n, noise)
	return valued(n, 1, func(i int, x []float32) float64 {
		s := draw.New(seed, kindSine, uint64(i))
		a := s.Within(math.Pi)
		x[0] = float32(a)
		return math.Sin(a) + noise*s.Normal()
	})
}

// Friedman1 is a regression over dims inputs, at least 5, uniform in [0, 1), of which five matter:
//
//	y = 10·sin(π·x₀·x₁) + 20·(x₂ − ½)² + 10·x₃ + 5·x₄ + noise·N(0, 1)
//
// Friedman, "Multivariate adaptive regression splines", Annals of Statistics 19, 1991; scikit-learn's make_friedman1.
func Friedman1(n, dims int, noise float64, seed uint64) Table {
	check("Friedman1", n, noise)
	atLeast("Friedman1", "dimensions", dims, 5)
	return valued(n, dims, func(i int, x []float32) float64 {
		s := draw.New(seed, kindFriedman1, uint64(i))
		for d := range x {
			x[d] = float32(s.Uniform()) // exact
		}
		at := func(d int) float64 { return float64(x[d]) }
		return 10*math.Sin(math.Pi*at(0)*at(1)) + 20*(at(2)-0.5)*(at(2)-0.5) + 10*at(3) + 5*at(4) + noise*s.Normal()
	})
}

// labelled makes rows whose labels count up, so that every part of a table has its share of each class.
func labelled(n, cols, classes int, row func(i int, label uint32, x []float32)) Table {
	t := Table{X: make([]float32, n*cols), Cols: cols, Labels: make([]uint32, n)}
	for i := range n {
		t.Labels[i] = uint32(i % classes)
		row(i, t.Labels[i], t.Row(i))
	}
	return t
}

func valued(n, cols int, row func(i int, x []float32) float64) Table {
	t := Table{X: make([]float32, n*cols), Cols: cols, Values: make([]float32, n), Outputs: 1}
	for i := range n {
		t.Values[i] = float32(row(i, t.Row(i)))
	}
	return t
}

func check(name string, n int, noise float64) {
	atLeast(name, "rows", n, 0)
	if !(noise >= 0 && noise <= math.MaxFloat32) {
		panic(fmt.Sprintf("data: %s: noise of %v: want a number from 0 on", name, noise))
	}
}

func atLeast(name, what string, n, least int) {
	if n < least {
		panic(fmt.Sprintf("data: %s: %d %s: want at least %d", name, n, what, least))
	}
}
