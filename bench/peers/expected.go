package main

import (
	"math"

	"github.com/gloss-ml/gloss/internal/peer"
)

// expected is what a check has to answer, computed in float64, and how far rounding to float32 may take it away. The
// tolerances are some ten times what random rounding of every element comes to: an operand that is transposed, or another
// factor, is off by orders of magnitude more.
func expected(w peer.Workload) (want, tolerance float64) {
	switch w.Kind {
	case "gemm":
		g := w.Gemm
		return product(w), 1e-6 * math.Sqrt(float64(g.M)*float64(g.N)*float64(g.K))
	case "each":
		return vectors(w), 1e-6 * math.Sqrt(float64(w.N))
	}
	return outputs(w), 1e-5
}

// product is left·A·B·right, without the product: (left·A)·(B·right).
func product(w peer.Workload) float64 {
	g := w.Gemm
	a, b := peer.Uniform(peer.VecA, g.M*g.K), peer.Uniform(peer.VecB, g.K*g.N)
	left, right := peer.Uniform(peer.VecLeft, g.M), peer.Uniform(peer.VecRight, g.N)
	at := func(v []float32, rows, cols, i, j int, t bool) float64 {
		if t {
			return float64(v[j*rows+i])
		}
		return float64(v[i*cols+j])
	}
	sum := 0.0
	for l := range g.K {
		var la, br float64
		for i := range g.M {
			la += float64(left[i]) * at(a, g.M, g.K, i, l, g.Form[0] == 't')
		}
		for j := range g.N {
			br += at(b, g.K, g.N, l, j, g.Form[1] == 't') * float64(right[j])
		}
		sum += la * br
	}
	return sum
}

// vectors is the Dot of the parameters with VecProbe after two steps.
func vectors(w peer.Workload) (sum float64) {
	x, g, probe := peer.Uniform(peer.VecW, w.N), peer.Uniform(peer.VecG, w.N), peer.Uniform(peer.VecProbe, w.N)
	for i := range x {
		v := float64(x[i])
		if w.Op == "axpy" {
			v += 2 * float64(float32(1e-3)) * float64(g[i])
		} else {
			v = adam(v, float64(g[i]), 2)
		}
		sum += v * float64(probe[i])
	}
	return sum
}

// adam is so many steps with one gradient, with PyTorch's defaults and the rate 1e-3 (Kingma and Ba, 2015).
func adam(w, g float64, steps int) float64 {
	const rate, beta1, beta2, epsilon = 1e-3, 0.9, 0.999, 1e-8
	var m, v float64
	for t := 1; t <= steps; t++ {
		m = beta1*m + (1-beta1)*g
		v = beta2*v + (1-beta2)*g*g
		mean, square := m/(1-math.Pow(beta1, float64(t))), v/(1-math.Pow(beta2, float64(t)))
		w -= rate * mean / (math.Sqrt(square) + epsilon)
	}
	return w
}

// outputs is the Projection of the network's outputs.
func outputs(w peer.Workload) (sum float64) {
	x, params := peer.Uniform(peer.VecX, w.Batch*w.Net[0]), w.Start(0)
	left, right := peer.Uniform(peer.VecLeft, w.Batch), peer.Uniform(peer.VecRight, w.Net[len(w.Net)-1])
	for r := range w.Batch {
		y := make([]float64, w.Net[0])
		for i := range y {
			y[i] = float64(x[r*len(y)+i])
		}
		p := params
		for l, out := range w.Net[1:] {
			y = layer(y, p[:len(y)*out], p[len(y)*out:][:out], l < len(w.Net)-2)
			p = p[(w.Net[l]+1)*out:]
		}
		for j := range y {
			sum += float64(left[r]) * y[j] * float64(right[j])
		}
	}
	return sum
}

// layer is x·W + b with W in×out, and ReLU if it is hidden.
func layer(x []float64, weights, bias []float32, hidden bool) []float64 {
	y := make([]float64, len(bias))
	for j := range y {
		y[j] = float64(bias[j])
		for i := range x {
			y[j] += x[i] * float64(weights[i*len(bias)+j])
		}
		if hidden {
			y[j] = max(y[j], 0)
		}
	}
	return y
}
