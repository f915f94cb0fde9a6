package backend

import "math"

var (
	opDropout = &Op{Name: "dropout", Args: "k", F: func(e *El) {
		if Uniform(e.word()) < e.P[0] {
			e.V = 0
		} else {
			e.V *= 1 / (1 - e.P[0])
		}
	}}
	opDrop = &Op{Name: "drop", Args: "k", F: func(e *El) {
		if Uniform(e.word()) < e.P[0] {
			e.V = e.P[2]
		}
	}}
	opUniform = &Op{Name: "uniform", Args: "k", F: func(e *El) {
		u := Uniform(e.word())
		e.S = largest(e.P[0], (e.P[2]-e.P[0])*u)
		e.V = e.P[0] + (e.P[2]-e.P[0])*u
	}}
	// Box-Muller on the words of elements 2i and 2i+1 of a second numbering, so that each normal has a pair of its own.
	opNormal = &Op{Name: "normal", Args: "k", F: func(e *El) {
		w1, w2 := Bits(e.K, uint32(e.P[1]), 2*e.Index), Bits(e.K, uint32(e.P[1]), 2*e.Index+1)
		radius := math.Sqrt(-2 * math.Log(Uniform(w1)+1.0/(1<<25)))
		z := radius * math.Cos(2*math.Pi*Uniform(w2))
		// cos loses relative accuracy at its zeros: an absolute error of the radius is what a device can promise.
		e.S = largest(e.P[0], e.P[2]*radius)
		e.V = e.P[0] + e.P[2]*z
	}}

	randomOps = []*Op{opDropout, opDrop, opUniform, opNormal}
)

// word is the element's random word under the key row and the stream in P[1].
func (e *El) word() uint32 { return Bits(e.K, uint32(e.P[1]), e.Index) }

// Dropout zeroes v with probability p, 0 ≤ p < 1, and scales it by 1/(1−p) otherwise. The mask is a function of key,
// stream (below 2²⁴) and the element's number, so the backward pass draws it again instead of storing it.
func Dropout(p float32, stream int, key Tensor) Fn {
	return fnp(opDropout, [4]float32{p, float32(stream)}, key)
}

// Drop makes v value with probability p, 0 ≤ p < 1, where Dropout with the same stream and key would make it 0, and
// leaves it alone otherwise.
func Drop(p, value float32, stream int, key Tensor) Fn {
	return fnp(opDrop, [4]float32{p, float32(stream), value}, key)
}

// AlphaDropout keeps the mean 0 and the variance 1 of values that SELU made: Drop to SELU's limit −scale·alpha, then the
// a·v + b that restores both (Klambauer, Unterthiner, Mayr and Hochreiter, 2017). grad is the backward half, which draws
// the mask again.
func AlphaDropout(p float32, stream int, key Tensor) (forward, grad Chain) {
	const limit = -seluScale * seluAlpha
	q := float64(p)
	a := 1 / math.Sqrt((limit*limit*q+1)*(1-q))
	b := -a * limit * q
	return Chain{Drop(p, limit, stream, key), Affine(float32(a), float32(b))},
		Chain{Drop(p, 0, stream, key), Affine(float32(a), 0)}
}

// UniformFill starts a chain with draws from [lo, hi).
func UniformFill(lo, hi float32, stream int, key Tensor) Fn {
	return fnp(opUniform, [4]float32{lo, float32(stream), hi}, key)
}

// NormalFill starts a chain with draws of mean mean and standard deviation std, by Box and Muller's transform.
func NormalFill(mean, std float32, stream int, key Tensor) Fn {
	return fnp(opNormal, [4]float32{mean, float32(stream), std}, key)
}
