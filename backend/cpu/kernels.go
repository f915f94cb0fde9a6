package cpu

import (
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
)

// A kernel is how an op runs on a block: v are the elements from number first on, s.x the operands.
type kernel struct {
	run   func(s *scratch, l *link, v []float32, first int)
	cost  float64 // nanoseconds an element, roughly: decides who works, never what comes out; in tables that of the Go loop
	reads bool    // leaves v alone
}

var loadOp, fillOp, squareOp = backend.Find("load"), backend.Find("fill"), backend.Find("square")

// fast are the ops with loops of their own. An op is what it points to, not what it is called: a user's op may have
// the name of one of the table's.
var fast = kernels()

// kernelOf is the op's own loop, or its definition.
func kernelOf(l *link) kernel {
	k, ok := fast[l.op]
	if ok && l.ct != nil && l.arg[0].t.Size() != 1 {
		ok = false // the optimizers' loops take one flag for all
	}
	if !ok {
		return kernel{run: define, cost: 15}
	}
	return k
}

func kernels() map[*backend.Op]kernel {
	all := map[*backend.Op]kernel{}
	set := func(name string, cost float64, run func(s *scratch, l *link, v []float32, first int)) {
		op := backend.Find(name)
		if op == nil {
			panic("cpu: no op " + name)
		}
		all[op] = kernel{run, cost / f32.Gain(), readers[name]}
	}
	for name, f := range plainKernels {
		set(name, f.cost, func(_ *scratch, _ *link, v []float32, _ int) { f.run(v) })
	}
	for name, f := range binaryKernels {
		set(name, f.cost, func(s *scratch, _ *link, v []float32, _ int) {
			if x := s.x[0]; len(x) == len(v) {
				f.run(v, x)
			} else {
				f.broadcast(v, x[0])
			}
		})
	}
	for name, f := range gradientKernels {
		set(name, f.cost, func(s *scratch, _ *link, v []float32, _ int) { f.run(v, spread(s, 0, len(v))) })
	}
	for name, f := range activationKernels {
		set(name, f.cost, func(_ *scratch, l *link, v []float32, _ int) { f.run(v, l.params()) })
	}
	for name, f := range activationGradients {
		set(name, f.cost, func(s *scratch, l *link, v []float32, _ int) { f.run(v, spread(s, 0, len(v)), l.params()) })
	}
	for name, f := range otherKernels {
		set(name, f.cost, f.run)
	}
	for name, f := range lossKernels {
		set(name, f.cost, f.run)
	}
	return all
}

var readers = map[string]bool{"keep": true, "guard": true, "sgd": true, "momentum": true, "adam": true, "amsgrad": true,
	"nadam": true, "rmsprop": true, "lion": true}

// streaming are ops that take blocks of any length where their operand is dense.
var streaming = map[string]bool{"axpy": true, "add": true, "sub": true, "mul": true}

var plainKernels = map[string]struct {
	cost float64
	run  func(v []float32)
}{
	"relu":    {0.5, f32.ReLU},
	"tanh":    {3, f32.Tanh},
	"sigmoid": {4, f32.Sigmoid},
	"gelu":    {4, f32.GELU},
	"silu":    {4, f32.SiLU},

	"gelu_tanh":   {4, f32.GELUTanh},
	"mish":        {4, f32.Mish},
	"log_sigmoid": {11, f32.LogSigmoid},
	"softsign":    {1, f32.Softsign},
	"hardswish":   {1, f32.Hardswish},
	"hardsigmoid": {1, f32.Hardsigmoid},

	"log_cosh": {12, f32.LogCosh},

	"square": {0.3, f32.Square},
	"abs":    {0.3, f32.Abs},
	"sqrt":   {1, f32.Sqrt},
	"exp":    {3, f32.Exp},
	"log":    {3, f32.Log},
	"recip":  {1, f32.Recip},
}

var binaryKernels = map[string]struct {
	cost      float64
	run       func(v, x []float32)
	broadcast func(v []float32, c float32)
}{
	"add": {0.3, f32.Add, f32.AddC},
	"sub": {0.3, f32.Sub, func(v []float32, c float32) { f32.AddC(v, -c) }},
	"mul": {0.3, f32.Mul, f32.MulC},
	"div": {1, f32.Div, f32.DivC},
}

var gradientKernels = map[string]struct {
	cost float64
	run  func(v, x []float32)
}{
	"relu_grad":    {0.5, f32.ReLUGrad},
	"tanh_grad":    {0.5, f32.TanhGrad},
	"sigmoid_grad": {0.5, f32.SigmoidGrad},
	"gelu_grad":    {7, f32.GELUGrad},
	"silu_grad":    {5, f32.SiLUGrad},

	"gelu_tanh_grad":   {6, f32.GELUTanhGrad},
	"mish_grad":        {5, f32.MishGrad},
	"log_sigmoid_grad": {4, f32.LogSigmoidGrad},
	"softsign_grad":    {1, f32.SoftsignGrad},
	"hardswish_grad":   {1, f32.HardswishGrad},
	"hardsigmoid_grad": {1, f32.HardsigmoidGrad},

	"log_cosh_grad": {5, f32.LogCoshGrad},

	"square_grad": {0.3, f32.SquareGrad},
	"abs_grad":    {0.5, f32.AbsGrad},
	"sqrt_grad":   {1, f32.SqrtGrad},
	"exp_grad":    {0.3, f32.Mul},
	"recip_grad":  {0.5, f32.RecipGrad},
	"log_grad":    {1, f32.Div},
}

// Activations with parameters, and their gradients.
var activationKernels = map[string]struct {
	cost float64
	run  func(v []float32, p [4]float32)
}{
	"huber":      {1, func(v []float32, p [4]float32) { f32.Huber(v, p[0], p[1]) }},
	"clamp":      {1, func(v []float32, p [4]float32) { f32.Clamp(v, p[0], p[1]) }},
	"leaky_relu": {0.5, func(v []float32, p [4]float32) { f32.LeakyReLU(v, p[0]) }},
	"elu":        {5, func(v []float32, p [4]float32) { f32.ELU(v, p[0], p[1], p[2]) }},
	"softplus":   {11, func(v []float32, p [4]float32) { f32.Softplus(v, p[0], p[1]) }},
}

var activationGradients = map[string]struct {
	cost float64
	run  func(v, x []float32, p [4]float32)
}{
	"huber_grad":      {1, func(v, x []float32, p [4]float32) { f32.HuberGrad(v, x, p[0], p[1]) }},
	"clamp_grad":      {1, func(v, y []float32, p [4]float32) { f32.ClampGrad(v, y, p[0], p[1]) }},
	"leaky_relu_grad": {0.5, func(v, y []float32, p [4]float32) { f32.LeakyReLUGrad(v, y, p[0]) }},
	"elu_grad":        {1, func(v, y []float32, p [4]float32) { f32.ELUGrad(v, y, p[0], p[1], p[2]) }},
	"softplus_grad":   {4, func(v, x []float32, p [4]float32) { f32.SoftplusGrad(v, x, p[0], p[1]) }},
}

var otherKernels = map[string]struct {
	cost float64
	run  func(s *scratch, l *link, v []float32, first int)
}{
	"load": {0.1, func(s *scratch, _ *link, v []float32, _ int) {
		if x := s.x[0]; len(x) == len(v) {
			copy(v, x)
		} else {
			f32.Fill(v, x[0])
		}
	}},
	"fill": {0.1, func(_ *scratch, l *link, v []float32, _ int) { f32.Fill(v, float32(l.p[0])) }},
	"keep": {0.1, func(s *scratch, _ *link, v []float32, _ int) { copy(s.x[0], v) }},
	"guard": {0.3, func(s *scratch, _ *link, v []float32, _ int) {
		if f32.Finite(v) {
			return
		}
		for i, x := range v {
			if x-x != 0 {
				s.x[0][i] = 0
			}
		}
	}},
	"axpy": {0.3, func(s *scratch, l *link, v []float32, _ int) {
		a := float32(l.p[0])
		if x := s.x[0]; len(x) == len(v) {
			f32.Axpy(v, a, x)
		} else {
			f32.AddC(v, a*x[0])
		}
	}},
	"sub_mul": {0.4, func(s *scratch, _ *link, v []float32, _ int) {
		f32.SubMul(v, spread(s, 0, len(v)), spread(s, 1, len(v)))
	}},
	"affine":  {0.3, func(_ *scratch, l *link, v []float32, _ int) { f32.Affine(v, float32(l.p[0]), float32(l.p[1])) }},
	"dropout": {3, func(_ *scratch, l *link, v []float32, first int) { drop(l, v, float32(1/(1-l.p[0])), 0, first) }},
	"drop":    {3, func(_ *scratch, l *link, v []float32, first int) { drop(l, v, 1, float32(l.p[2]), first) }},
	"uniform": {4, func(_ *scratch, l *link, v []float32, first int) {
		f32.Uniform(v, float32(l.p[0]), float32((l.p[2]-l.p[0])*0x1p-24), l.stream(), uint64(first))
	}},
	"prelu": {0.5, func(s *scratch, _ *link, v []float32, _ int) { f32.PReLU(v, v, spread(s, 0, len(v))) }},
	"prelu_grad": {0.5, func(s *scratch, _ *link, v []float32, _ int) {
		f32.PReLU(v, spread(s, 0, len(v)), spread(s, 1, len(v)))
	}},
	"sgd": {0.5, func(s *scratch, l *link, v []float32, _ int) {
		if s.x[0][0] != 0 {
			f32.SGD(s.x[1], v, float32(l.c[0]), float32(l.c[1]))
		}
	}},
	"momentum": {0.7, func(s *scratch, l *link, v []float32, _ int) {
		step := f32.Momentum
		if l.c[4] != 0 {
			step = f32.Nesterov
		}
		if s.x[0][0] != 0 {
			step(s.x[1], s.x[2], v, float32(l.c[0]), float32(l.c[1]), float32(l.c[2]), float32(l.c[3]))
		}
	}},
	"adam": {3, func(s *scratch, l *link, v []float32, _ int) {
		if s.x[0][0] != 0 {
			row := adamRow(l.constants())
			f32.Adam(s.x[1], s.x[2], s.x[3], v, &row)
		}
	}},
	"amsgrad": {3, func(s *scratch, l *link, v []float32, _ int) {
		if s.x[0][0] != 0 {
			row := adamRow(l.constants())
			f32.AMSGrad(s.x[1], s.x[2], s.x[3], s.x[4], v, &row)
		}
	}},
	"nadam": {3, func(s *scratch, l *link, v []float32, _ int) {
		if c := l.constants(); s.x[0][0] != 0 {
			row := f32.NAdamRow{Now: c[0], Next: c[1], Scale: c[2], Eps: c[3], B1: c[4], D1: c[5], B2: c[6], D2: c[7]}
			f32.NAdam(s.x[1], s.x[2], s.x[3], v, &row)
		}
	}},
	"rmsprop": {3, func(s *scratch, l *link, v []float32, _ int) {
		if c := l.constants(); s.x[0][0] != 0 {
			f32.RMSprop(s.x[1], s.x[2], v, c[0], c[1], c[2], c[3], c[4])
		}
	}},
	"lion": {1, func(s *scratch, l *link, v []float32, _ int) {
		if c := l.constants(); s.x[0][0] != 0 {
			f32.Lion(s.x[1], s.x[2], v, c[0], c[1], c[2], c[3], c[4], c[5])
		}
	}},
}

func adamRow(c [8]float32) f32.AdamRow {
	return f32.AdamRow{Step: c[0], Scale: c[1], Eps: c[2], Keep: c[3], B1: c[4], D1: c[5], B2: c[6], D2: c[7]}
}

// constants are the op's row of constants.
func (l *link) constants() (c [8]float32) {
	for i, x := range l.c {
		c[i] = float32(x)
	}
	return c
}

// drop is dropout by the op's key and stream: value with probability P[0], else scale times v.
func drop(l *link, v []float32, scale, value float32, first int) {
	f32.Dropout(v, scale, value, uint32(math.Ceil(l.p[0]*(1<<24))), l.stream(), uint64(first))
}

// stream is where the op's random words come from: its key and the stream in P[1].
func (l *link) stream() f32.Stream {
	return f32.Stream{Key: [2]uint32{l.k[0], l.k[1]}, Lo: l.k[2], Hi: l.k[3] + uint32(l.p[1])}
}

// params are the op's parameters as they were given.
func (l *link) params() (p [4]float32) {
	for i, x := range l.p {
		p[i] = float32(x)
	}
	return p
}

// spread is operand a as a row of n numbers.
func spread(s *scratch, a, n int) []float32 {
	x := s.x[a]
	if len(x) != n {
		f32.Fill(s.tmp[a][:n], x[0])
		x = s.tmp[a][:n]
	}
	return x
}
