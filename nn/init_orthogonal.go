package nn

import (
	"fmt"
	"math"
)

// Orthogonal makes gain·Q with QᵀQ = 1 where the parameter has no more columns than rows, and QQᵀ = 1 where it has
// more, uniformly drawn among such matrices: PyTorch's orthogonal_ (Saxe, McClelland and Ganguli, 2014). It takes
// 2·a²·b operations on the host for sides a ≤ b, about a second for 1024×1024.
func Orthogonal(gain float64) Initializer {
	return orthogonal{gain}
}

type orthogonal struct{ gain float64 }

func (o orthogonal) String() string { return fmt.Sprintf("Orthogonal(%v)", o.gain) }
func (o orthogonal) Check() error   { return nonNegative("gain", o.gain) }

func (o orthogonal) Fill(p *InitParam) {
	// The vectors to be made orthogonal are the rows of a wide parameter, the columns of a tall one; element i of the
	// parameter starts from draw i.
	count, step, length, stride := p.Rows, p.Cols, p.Cols, 1
	if p.Rows > p.Cols {
		count, step, length, stride = p.Cols, 1, p.Rows, p.Cols
	}
	v := make([][]float64, count)
	for i := range v {
		v[i] = make([]float64, length)
		for j := range v[i] {
			v[i][j] = p.Normal(i*step + j*stride)
		}
	}
	orthonormalize(v)
	for i := range v {
		for j, x := range v[i] {
			p.W[i*step+j*stride] = float32(o.gain * x)
		}
	}
}

// orthonormalize is the modified Gram-Schmidt process on vectors that are linearly independent. It is the QR
// factorisation whose R has a positive diagonal, for which Q is uniform if the vectors are normal (Mezzadri, "How to
// generate random matrices from the classical compact groups", 2007); PyTorch brings LAPACK's Q there by signs.
func orthonormalize(v [][]float64) {
	for i, q := range v {
		scale := 1 / math.Sqrt(dot(q, q))
		for k := range q {
			q[k] *= scale
		}
		for _, w := range v[i+1:] {
			along := dot(q, w)
			for k, x := range q {
				w[k] -= along * x
			}
		}
	}
}

// dot has four sums, so that an addition need not wait for the one before.
func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
