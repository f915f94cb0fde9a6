package nn

import (
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// An Initializer gives a parameter its first values. [Model.Init] runs it on the host, so that one seed gives one start
// on every device. Those of this package are values that may be shared between layers and models.
type Initializer interface {
	// String is how errors name the initialiser: "KaimingNormal(fan-in, 1.4142135623730951)".
	String() string
	// Check says what is wrong with the settings; nn.New adds the layer's place and the parameter's role.
	Check() error
	// Fill writes all of p.W. It sees no other parameter, and is a function of p alone.
	Fill(p *InitParam)
}

// InitParam is a parameter as an [Initializer] sees it: memory to fill, its shape, and draws of its own.
type InitParam struct {
	W          []float32 // Rows×Cols, row after row
	Rows, Cols int
	Fans

	key    [4]uint32
	stream uint32
}

// Fans are what the scale of a layer's first weights depends on: the layer's inputs and outputs. A fan of 0 stands for
// the parameter's own rows (In) or columns (Out), which are the fans of a weight that is in×out. (PyTorch keeps the
// transpose: its fan-in is a weight's columns.)
type Fans struct{ In, Out int }

func (p *InitParam) word(i int) uint32 { return backend.Bits(p.key, p.stream, uint64(i)) }

// Uniform is a draw from [0, 1) for element i: the same for all who ask, independent of those for other elements,
// parameters and seeds. Uniform and Normal of one i come from one random word, so an element uses one of the two.
func (p *InitParam) Uniform(i int) float64 { return backend.Uniform(p.word(i)) }

// Normal is a draw from the standard normal distribution for element i: the normal quantile of its random word w, at
// (w + ½)/2³², which reaches to ±6.3.
func (p *InitParam) Normal(i int) float64 { return math.Sqrt2 * math.Erfinv(2*p.open(i)-1) }

// open is a draw from the open interval (0, 1).
func (p *InitParam) open(i int) float64 { return (float64(p.word(i)) + 0.5) / (1 << 32) }

// elementwise is an initialiser that draws each element on its own.
type elementwise struct {
	text string
	err  error
	draw func(p *InitParam, i int) float64
}

func (e elementwise) String() string { return e.text }
func (e elementwise) Check() error   { return e.err }

func (e elementwise) Fill(p *InitParam) {
	for i := range p.W {
		p.W[i] = float32(e.draw(p, i))
	}
}

// Zeros is 0 everywhere: Keras' default for biases.
func Zeros() Initializer { return constant("Zeros", 0) }

// Ones is 1 everywhere.
func Ones() Initializer { return constant("Ones", 1) }

// Constant is value everywhere.
func Constant(value float64) Initializer { return constant(fmt.Sprintf("Constant(%v)", value), value) }

func constant(text string, value float64) Initializer {
	return elementwise{text, representable("value", value), func(*InitParam, int) float64 { return value }}
}

// Uniform draws from U(a, b), a ≤ b: PyTorch's uniform_, whose defaults are 0 and 1; Keras' RandomUniform.
func Uniform(a, b float64) Initializer {
	err := firstError(representable("a", a), representable("b", b))
	if err == nil && a > b {
		err = fmt.Errorf("a %v is above b %v", a, b)
	}
	return elementwise{fmt.Sprintf("Uniform(%v, %v)", a, b), err, func(p *InitParam, i int) float64 {
		return uniformBetween(a, b, p.Uniform(i))
	}}
}

// uniformBetween starts from the middle, so that U(−b, b) is symmetric to the last bit.
func uniformBetween(a, b, u float64) float64 {
	middle, half := a/2+b/2, b/2-a/2
	return min(max(middle+half*(2*u-1), a), b)
}

// Normal draws from N(mean, std²): PyTorch's normal_, whose defaults are 0 and 1; Keras' RandomNormal.
func Normal(mean, std float64) Initializer {
	err := firstError(representable("mean", mean), nonNegative("std", std))
	return elementwise{fmt.Sprintf("Normal(%v, %v)", mean, std), err, func(p *InitParam, i int) float64 {
		return mean + std*p.Normal(i)
	}}
}

// TruncatedNormal draws from N(mean, std²) under the condition that the draw lies in [a, b], by the quantile: PyTorch's
// trunc_normal_, whose defaults are 0, 1, −2 and 2. As there, std is that of the normal before it is cut, and a and b
// are values, not multiples of std. Keras' TruncatedNormal(mean, std) is cut at mean ± 2·std. A mean that is more than
// 2·std away from [a, b], of which PyTorch warns, is an error.
func TruncatedNormal(mean, std, a, b float64) Initializer {
	err := firstError(representable("mean", mean), positive("std", std), representable("a", a), representable("b", b))
	switch {
	case err != nil:
	case a >= b:
		err = fmt.Errorf("a %v is not below b %v", a, b)
	case mean < a-2*std || mean > b+2*std:
		err = fmt.Errorf("mean %v is more than 2·std away from [%v, %v]", mean, a, b)
	}
	quantile := truncated(mean, std, a, b)
	return elementwise{fmt.Sprintf("TruncatedNormal(%v, %v, %v, %v)", mean, std, a, b), err, func(p *InitParam, i int) float64 {
		return quantile(p.open(i))
	}}
}

// truncated is the quantile function of a normal distribution cut at a and b.
func truncated(mean, std, a, b float64) func(u float64) float64 {
	// erf of a quantile is 2Φ − 1: what Erfinv takes.
	lo, hi := math.Erf((a-mean)/(std*math.Sqrt2)), math.Erf((b-mean)/(std*math.Sqrt2))
	return func(u float64) float64 {
		x := mean + std*math.Sqrt2*math.Erfinv(lo+(hi-lo)*u)
		return min(max(x, a), b)
	}
}

// representable wants a finite number that float32 holds.
func representable(name string, x float64) error {
	if !(math.Abs(x) <= math.MaxFloat32) {
		return fmt.Errorf("%s %v: it has to be finite", name, x)
	}
	return nil
}
