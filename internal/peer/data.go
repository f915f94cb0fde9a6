package peer

import "math"

// Vectors that peers compute with, by number. Those of a network's training add 1000 times the number of the start.
const (
	VecA = 1 + iota
	VecB
	VecLeft // a product is checked by left·C·right
	VecRight
	VecW // of Adam and axpy
	VecG
	VecProbe

	VecX       = 50
	VecY       = 51
	VecWeights = 100 // and for each layer two: weights, in×out, and biases
)

// bits is element i of vector number v as 32 random bits: murmur3's finaliser, which numpy and C have in three lines.
func bits(v, i uint32) uint32 {
	h := i + v*0x9e3779b9
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// Uniform is the start of vector number v: numbers from [−1, 1) that float32 has exactly.
func Uniform(v, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(bits(uint32(v), uint32(i))>>8)/(1<<23) - 1
	}
	return out
}

// Labels are classes drawn from vector number v.
func Labels(v, n, classes int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = bits(uint32(v), uint32(i)) % uint32(classes)
	}
	return out
}

// Start is the weights that a training begins with, as nn.Model.Weights has them: uniform in ±1/√in.
func (w Workload) Start(seed int) []float32 {
	var all []float32
	for l, in := range w.Net[:len(w.Net)-1] {
		limit, out := float32(1/math.Sqrt(float64(in))), w.Net[l+1]
		layer := append(Uniform(1000*seed+VecWeights+2*l, in*out), Uniform(1000*seed+VecWeights+2*l+1, out)...)
		for i := range layer {
			layer[i] *= limit
		}
		all = append(all, layer...)
	}
	return all
}

// Dot is Σ aᵢ·xᵢ in float64.
func Dot(a, x []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(x[i])
	}
	return sum
}

// Projection is left·C·right of a rows×cols matrix: one number that an element in the wrong place, or a wrong one, moves.
func Projection(c []float32, rows, cols int) (sum float64) {
	left, right := Uniform(VecLeft, rows), Uniform(VecRight, cols)
	for i := range rows {
		sum += float64(left[i]) * Dot(c[i*cols:][:cols], right)
	}
	return sum
}
