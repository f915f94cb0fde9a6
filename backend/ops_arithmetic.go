package backend

import "math"

var (
	opLoad  = &Op{Name: "load", Args: "r", F: func(e *El) { e.V = e.A[0] }}
	opFill  = &Op{Name: "fill", F: func(e *El) { e.V = e.P[0] }}
	opKeep  = &Op{Name: "keep", Args: "w", F: func(e *El) { e.A[0] = e.V }}
	opGuard = &Op{Name: "guard", Args: "m", F: func(e *El) {
		if math.IsNaN(e.V) || math.IsInf(e.V, 0) || math.Abs(e.V) > math.MaxFloat32 {
			e.A[0] = 0
		}
	}}

	opAdd     = &Op{Name: "add", Args: "r", F: func(e *El) { e.S = largest(e.V, e.A[0]); e.V += e.A[0] }}
	opSub     = &Op{Name: "sub", Args: "r", F: func(e *El) { e.S = largest(e.V, e.A[0]); e.V -= e.A[0] }}
	opMul     = &Op{Name: "mul", Args: "r", F: func(e *El) { e.V *= e.A[0] }}
	opDiv     = &Op{Name: "div", Args: "r", F: func(e *El) { e.V /= e.A[0] }}
	opAxpy    = &Op{Name: "axpy", Args: "r", F: func(e *El) { e.S = largest(e.V, e.P[0]*e.A[0]); e.V += e.P[0] * e.A[0] }}
	opAddSign = &Op{Name: "add_sign", Args: "r", F: func(e *El) {
		e.S = largest(e.V, e.P[0])
		switch x := e.A[0]; {
		case x > 0:
			e.V += e.P[0]
		case x < 0:
			e.V -= e.P[0]
		case x != x:
			e.V = x
		}
	}}
	opSubMul = &Op{Name: "sub_mul", Args: "rr", F: func(e *El) { e.S = largest(e.V, e.A[0]*e.A[1]); e.V -= e.A[0] * e.A[1] }}
	opAffine = &Op{Name: "affine", F: func(e *El) { e.S = largest(e.P[0]*e.V, e.P[1]); e.V = e.P[0]*e.V + e.P[1] }}
	opClamp  = &Op{Name: "clamp", Grad: opClampGrad, Wants: WantY, F: func(e *El) {
		if e.V < e.P[0] {
			e.V = e.P[0]
		} else if e.V > e.P[1] {
			e.V = e.P[1]
		}
	}}
	opClampGrad = &Op{Name: "clamp_grad", Args: "r", F: func(e *El) {
		if y := e.A[0]; y <= e.P[0] || y >= e.P[1] {
			e.V = 0
		}
	}}

	opSquare = &Op{Name: "square", F: func(e *El) { e.V *= e.V }, Grad: opSquareGrad, Wants: WantX}
	opAbs    = &Op{Name: "abs", F: func(e *El) { e.V = math.Abs(e.V) }, Grad: opAbsGrad, Wants: WantX}
	opSqrt   = &Op{Name: "sqrt", F: func(e *El) { e.V = math.Sqrt(e.V) }, Grad: opSqrtGrad, Wants: WantY}
	opExp    = &Op{Name: "exp", F: func(e *El) { e.V = math.Exp(e.V) }, Grad: opExpGrad, Wants: WantY}
	opLog    = &Op{Name: "log", F: func(e *El) { e.V = math.Log(e.V) }, Grad: opLogGrad, Wants: WantX}
	opRecip  = &Op{Name: "recip", F: func(e *El) { e.V = 1 / e.V }, Grad: opRecipGrad, Wants: WantY}

	opSquareGrad = &Op{Name: "square_grad", Args: "r", F: func(e *El) { e.V *= 2 * e.A[0] }}
	opAbsGrad    = &Op{Name: "abs_grad", Args: "r", F: func(e *El) {
		switch {
		case e.A[0] < 0:
			e.V = -e.V
		case e.A[0] == 0:
			e.V = 0
		}
	}}
	opSqrtGrad  = &Op{Name: "sqrt_grad", Args: "r", F: func(e *El) { e.V *= 0.5 / e.A[0] }}
	opExpGrad   = &Op{Name: "exp_grad", Args: "r", F: func(e *El) { e.V *= e.A[0] }}
	opLogGrad   = &Op{Name: "log_grad", Args: "r", F: func(e *El) { e.V /= e.A[0] }}
	opRecipGrad = &Op{Name: "recip_grad", Args: "r", F: func(e *El) { e.V = -(e.V * e.A[0]) * e.A[0] }}

	arithmeticOps = []*Op{opLoad, opFill, opKeep, opGuard, opAdd, opSub, opMul, opDiv, opAxpy, opAddSign, opSubMul, opAffine, opClamp, opClampGrad,
		opSquare, opAbs, opSqrt, opExp, opLog, opRecip,
		opSquareGrad, opAbsGrad, opSqrtGrad, opExpGrad, opLogGrad, opRecipGrad}
)

// Load starts a chain with x.
func Load(x Tensor) Fn { return fn(opLoad, x) }

// Fill starts a chain with a constant.
func Fill(c float32) Fn { return fnp(opFill, [4]float32{c}) }

// Keep saves the value, at this place of the chain, to dst.
func Keep(dst Tensor) Fn { return fn(opKeep, dst) }

// Guard sets ok, of the domain's shape, to 0 where the value is not finite, and leaves it alone elsewhere.
func Guard(ok Tensor) Fn { return fn(opGuard, ok) }

// Add is v + x.
func Add(x Tensor) Fn { return fn(opAdd, x) }

// Sub is v − x.
func Sub(x Tensor) Fn { return fn(opSub, x) }

// Mul is v·x.
func Mul(x Tensor) Fn { return fn(opMul, x) }

// Div is v/x.
func Div(x Tensor) Fn { return fn(opDiv, x) }

// Axpy is v + a·x.
func Axpy(a float32, x Tensor) Fn { return fnp(opAxpy, [4]float32{a}, x) }

// AddSign is v + a·sign(x), sign(0) being 0: the gradient of a·|x| added to another.
func AddSign(a float32, x Tensor) Fn { return fnp(opAddSign, [4]float32{a}, x) }

// SubMul is v − x·y.
func SubMul(x, y Tensor) Fn { return fn(opSubMul, x, y) }

// Affine is a·v + b.
func Affine(a, b float32) Fn { return fnp(opAffine, [4]float32{a, b}) }

// Clamp is v kept between lo and hi, with gradient 0 at both, as PyTorch's Hardtanh; NaN stays NaN.
func Clamp(lo, hi float32) Fn { return fnp(opClamp, [4]float32{lo, hi}) }

// Square is v².
func Square() Fn { return fn(opSquare) }

// Abs is |v|, with gradient 0 at 0.
func Abs() Fn { return fn(opAbs) }

// Sqrt is √v.
func Sqrt() Fn { return fn(opSqrt) }

// Exp is eᵛ.
func Exp() Fn { return fn(opExp) }

// Log is the natural logarithm of v.
func Log() Fn { return fn(opLog) }

// Recip is 1/v.
func Recip() Fn { return fn(opRecip) }

// Gradient is the backward half of op at x and y = op(x): hung on dy it gives dx. The parameters are the forward
// op's. It panics where op has no gradient.
func Gradient(f Fn, x, y Tensor) Fn {
	switch {
	case f.Op.Grad == nil:
		misuse("Gradient", "op "+f.Op.Name+" has no gradient")
	case f.Op.Wants == WantX:
		return fnp(f.Op.Grad, f.P, x)
	case f.Op.Wants == WantY:
		return fnp(f.Op.Grad, f.P, y)
	}
	return fnp(f.Op.Grad, f.P)
}
