package nn

import (
	"fmt"
	"math"
)

// Gains that keep the scale of what flows through a layer with the nonlinearity behind it: PyTorch's calculate_gain. For
// leaky ReLU see [GainLeakyReLU]. The gain of SELU steadies gradients; for self-normalizing networks PyTorch says to
// use GainLinear.
const (
	GainLinear  = 1.0
	GainSigmoid = 1.0
	GainTanh    = 5.0 / 3
	GainReLU    = math.Sqrt2
	GainSELU    = 3.0 / 4
)

// GainLeakyReLU is √(2/(1 + slope²)).
func GainLeakyReLU(slope float64) float64 { return math.Sqrt(2 / (1 + slope*slope)) }

// Fan is which of a layer's [Fans] its weights are scaled by.
type Fan int

const (
	FanIn  Fan = iota // inputs: keeps the variance on the way forward
	FanOut            // outputs: keeps the variance of gradients on the way back
	FanAvg            // their mean
)

func (f Fan) String() string {
	if f < FanIn || f > FanAvg {
		return fmt.Sprintf("Fan(%d)", int(f))
	}
	return [...]string{"fan-in", "fan-out", "fan-avg"}[f]
}

func (f Fan) of(x Fans) float64 {
	switch f {
	case FanIn:
		return float64(x.In)
	case FanOut:
		return float64(x.Out)
	}
	return (float64(x.In) + float64(x.Out)) / 2
}

func (f Fan) check() error {
	if f < FanIn || f > FanAvg {
		return fmt.Errorf("mode %v: FanIn, FanOut or FanAvg", f)
	}
	return nil
}

// UniformFanIn draws from U(−1/√fan-in, 1/√fan-in): PyTorch's initialisation of Linear, weight and bias alike, which
// it writes as kaiming_uniform_ with a = √5; the default of gloss.
func UniformFanIn() Initializer { return scaledUniform("UniformFanIn", FanIn, 1, 1) }

// KaimingUniform draws from U(−gain·√(3/fan), gain·√(3/fan)): PyTorch's kaiming_uniform_, Keras' he_uniform for FanIn
// and [GainReLU] (He, Zhang, Ren and Sun, 2015).
func KaimingUniform(mode Fan, gain float64) Initializer {
	return scaledUniform(fmt.Sprintf("KaimingUniform(%v, %v)", mode, gain), mode, gain, math.Sqrt(3))
}

// KaimingNormal draws from N(0, gain²/fan): PyTorch's kaiming_normal_ (He, Zhang, Ren and Sun, 2015). Keras' he_normal
// is cut at two standard deviations besides, as [LeCunNormal] is.
func KaimingNormal(mode Fan, gain float64) Initializer {
	return scaledNormal(fmt.Sprintf("KaimingNormal(%v, %v)", mode, gain), mode, gain)
}

// XavierUniform draws from U(−gain·√(6/(fan-in + fan-out)), …): PyTorch's xavier_uniform_; with gain 1 Keras'
// glorot_uniform, the default of its Dense (Glorot and Bengio, 2010).
func XavierUniform(gain float64) Initializer {
	return scaledUniform(fmt.Sprintf("XavierUniform(%v)", gain), FanAvg, gain, math.Sqrt(3))
}

// XavierNormal draws from N(0, 2·gain²/(fan-in + fan-out)): PyTorch's xavier_normal_ (Glorot and Bengio, 2010). Keras'
// glorot_normal is cut at two standard deviations besides, as [LeCunNormal] is.
func XavierNormal(gain float64) Initializer {
	return scaledNormal(fmt.Sprintf("XavierNormal(%v)", gain), FanAvg, gain)
}

// LeCunUniform draws from U(−√(3/fan-in), √(3/fan-in)): Keras' lecun_uniform; PyTorch has no name for it (LeCun,
// Bottou, Orr and Müller, 1998).
func LeCunUniform() Initializer { return scaledUniform("LeCunUniform", FanIn, 1, math.Sqrt(3)) }

// LeCunNormal draws from a normal distribution cut at two of its standard deviations, widened so that what is left has
// a variance of 1/fan-in: Keras' lecun_normal. Uncut it is KaimingNormal(FanIn, GainLinear), PyTorch's way to the
// start that self-normalizing networks want (Klambauer, Unterthiner, Mayr and Hochreiter, 2017).
func LeCunNormal() Initializer {
	return elementwise{text: "LeCunNormal", draw: func(p *InitParam, i int) float64 {
		std := 1 / math.Sqrt(FanIn.of(p.Fans)) / cutStd
		return std * unitCut(p.open(i))
	}}
}

// cutStd is the standard deviation of a standard normal cut at ±2.
const cutStd = 0.87962566103423978

var unitCut = truncated(0, 1, -2, 2)

// scaledUniform draws from U(−bound, bound) with bound = gain·width/√fan; √3 is the width that has a variance of 1.
func scaledUniform(text string, mode Fan, gain, width float64) Initializer {
	err := firstError(mode.check(), nonNegative("gain", gain))
	return elementwise{text, err, func(p *InitParam, i int) float64 {
		bound := gain * width / math.Sqrt(mode.of(p.Fans))
		return uniformBetween(-bound, bound, p.Uniform(i))
	}}
}

func scaledNormal(text string, mode Fan, gain float64) Initializer {
	err := firstError(mode.check(), nonNegative("gain", gain))
	return elementwise{text, err, func(p *InitParam, i int) float64 {
		return gain / math.Sqrt(mode.of(p.Fans)) * p.Normal(i)
	}}
}
