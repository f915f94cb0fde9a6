package main

import "math"

// Exponentials and logarithms, by the generic code's polynomials.

const shift = 3 << 22 // adding it rounds to the nearest integer, which is then in the low bits

// Bounds of exp's argument: at low the result is 0, at high Inf, and so is it from about −87.7 and 88.4 on.
const low, high = -88, 89

// within keeps x between two constants; NaN stays NaN.
func (m *machine) within(x vec, lo, hi float32) vec { return m.atMost(m.atLeast(x, lo), hi) }

func (m *machine) atLeast(x vec, lo float32) vec { return m.max(m.k(lo), x) }
func (m *machine) atMost(x vec, hi float32) vec  { return m.min(m.k(hi), x) }

// reduce is x = n·ln 2 + r with |r| ≤ ln 2/2, t = n + shift.
func (m *machine) reduce(x vec) (t, r vec) {
	t = m.plus(m.copy(m.c(shift)), x, m.c(1.44269504088896341))
	n := m.sub(t, m.c(shift))
	return t, m.minus(m.minus(m.copy(x), n, m.c(0.693359375)), n, m.c(-2.12194440e-4))
}

// power is 2ⁿ, 0 at n = −127 and Inf at 128.
func (m *machine) power(t vec) vec { return m.addInts(m.left(t, 23), m.bits(127<<23)) }

var expPoly = []float32{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}

func (m *machine) expOf(r vec) vec { return m.poly(r, append(expPoly[:6:6], 1, 1)...) }

// exp is eˣ for x from low to high.
func (m *machine) exp(x vec) vec {
	t, r := m.reduce(x)
	return m.mul(m.expOf(r), m.power(t))
}

// fullExp is eˣ for all x, up to the largest number.
func (m *machine) fullExp(x vec) vec {
	t, r := m.reduce(m.within(x, low, high))
	p := m.expOf(r)
	p = m.add(p, m.keep(m.compare(eq, t, m.c(shift+128)), p)) // 2¹²⁸ is no number: 2·2¹²⁷
	return m.mul(p, m.power(m.atMost(t, shift+127)))
}

// expm1 is eˣ − 1 for x between low and high: small arguments keep their bits.
func (m *machine) expm1(x vec) vec {
	t, r := m.reduce(x)
	p := m.poly(r, expPoly...)
	s := m.power(t)
	return m.horner(m.horner(m.mul(p, r), r, r), s, m.sub(s, m.c(1)))
}

// half is e^(−|x|/2), whose square is a normal number for longer than its own magnitude is of use; 0 at infinities.
func (m *machine) half(x vec) vec {
	return m.exp(m.atLeast(m.mul(m.or(x, m.bits(1<<31)), m.c(0.5)), low))
}

// log1pOf is log(1 + q)/q for 0 ≤ q ≤ 1, a Chebyshev fit that is off by 1.5·10⁻⁸.
func (m *machine) log1pOf(q vec) vec {
	return m.poly(q, -0.0031760570, 0.0195425265, -0.0563736111, 0.1054362357, -0.1526966691, 0.1966327429, -0.2495161593,
		0.3332971036, -0.4999989271, 1)
}

// log is the natural logarithm of any number.
func (m *machine) log(x vec) vec {
	const sqrtHalf = 0x3f3504f3
	inf := float32(math.Inf(1))
	small := m.compare(less, x, m.c(0x1p-126))
	b := m.subInts(m.choose(small, m.mul(x, m.c(1<<23)), x), m.bits(sqrtHalf))
	e := m.sub(m.floats(m.right(b, 23)), m.keep(small, m.k(23)))
	y := m.logNear(m.sub(m.addInts(m.and(b, m.bits(1<<23-1)), m.bits(sqrtHalf)), m.c(1)), e)
	y = m.choose(m.compare(eq, x, m.c(0)), m.c(-inf), y)
	y = m.choose(m.compare(eq, x, m.c(inf)), m.c(inf), y)
	return m.choose(m.compare(notAtLeast, x, m.c(0)), m.bits(0x7fc00000), y)
}

// logNear is log(2ᵉ·(1 + f)) for 1 + f in √½…√2.
func (m *machine) logNear(f, e vec) vec {
	z := m.mul(f, f)
	p := m.poly(f, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
		2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
	y := m.plus(m.mul(m.mul(p, f), z), e, m.c(-2.12194440e-4))
	y = m.minus(y, z, m.c(0.5))
	return m.plus(m.add(f, y), e, m.c(0.693359375))
}
