// Elementary functions of our own. GLSL promises little for its built-in ones (exp 3 + 2|x| units in the last place,
// tanh and log nothing near their zeros, isnan and the comparisons nothing for NaN), so these reduce the range
// themselves and look at bits. The polynomials are Chebyshev interpolations over the intervals named beside them;
// shaders_test.go checks every function against float64 over its whole range. `precise` stands where a compiler that
// re-associates would undo a reduction, or overflow on a way that the order of the steps avoids.

bool is_nan(float x) { return (floatBitsToUint(x) & 0x7fffffffu) > 0x7f800000u; }

bool is_finite(float x) { return (floatBitsToUint(x) & 0x7f800000u) != 0x7f800000u; }

// is_set is x != 0, true for NaN.
bool is_set(float x) { return (floatBitsToUint(x) & 0x7fffffffu) != 0u; }

float infinity() { return uintBitsToFloat(0x7f800000u); }

float not_a_number() { return uintBitsToFloat(0x7fc00000u); }

// times_zero is x·0, NaN at the infinities: compilers take the product for 0.
float times_zero(float x) { return is_finite(x) ? 0.0 : not_a_number(); }

// with_sign is |a| with the sign of s.
float with_sign(float a, float s) {
	return uintBitsToFloat((floatBitsToUint(a) & 0x7fffffffu) | (floatBitsToUint(s) & 0x80000000u));
}

// pow2 is 2^n for -126 <= n <= 127.
float pow2(int n) { return uintBitsToFloat(uint(n + 127) << 23); }

// fdiv is a/b over the whole range: a GPU's a*(1/b) is 0 where b is above 2^126, for 1/b is then subnormal.
float fdiv(float a, float b) {
	uint e = (floatBitsToUint(b) >> 23) & 255u;
	float s = e < 4u ? 4294967296.0 : (e > 248u && e < 255u ? 1.0 / 4294967296.0 : 1.0);
	precise float t = b * s;
	precise float q = a / t;
	precise float r = q * s;
	return r;
}

float fsqrt(float x) {
	uint b = floatBitsToUint(x);
	if ((b & 0x7fffffffu) == 0u || b == 0x7f800000u || is_nan(x))
		return x;
	return b >= 0x80000000u ? not_a_number() : sqrt(x);
}

// exp_near is e^r - 1 for |r| <= ln 2/2; the polynomial is (e^r - 1 - r)/r².
float exp_near(float r) {
	float p = fma(fma(fma(fma(0.00139269268, r, 0.00836377405), r, 0.0416665487), r, 0.166665733), r, 0.5);
	precise float y = r + r * r * p;
	return y;
}

// fexp: n·ln 2 is subtracted in two parts, the first exact for every n. 2^n is applied in two factors, since it may be
// out of range where the result is not.
float fexp(float x) {
	if (is_nan(x))
		return x;
	if (x > 89.0)
		return infinity();
	if (x < -104.0)
		return 0.0;
	precise float n = floor(x * 1.44269504 + 0.5);
	precise float r = (x - n * 0.693145752) - n * 1.42860682e-6;
	precise float y = 1.0 + exp_near(r);
	int i = int(n);
	int h = i >> 1;
	precise float part = y * pow2(h);
	precise float all = part * pow2(i - h);
	return all;
}

float fexpm1(float x) { return abs(x) < 0.34 ? exp_near(x) : fexp(x) - 1.0; }

// times_exp is v·a·e^x for x < -80, where e^x may be subnormal and the product not: e^x is taken e^32 times as large.
float times_exp(float v, float a, float x) {
	precise float d = fexp(x + 32.0) * a;
	precise float t = v * d;
	precise float r = t * 1.26641655e-14;
	return r;
}

// log_near is log(2^k·(1 + f)) for 1 + f in [√½, √2]; the polynomial is (log(1+f) - f + f²/2)/f³.
float log_near(float f, float k) {
	float p = fma(fma(fma(fma(-0.0790001675, f, 0.12656042), f, -0.130122274), f, 0.142113969), f, -0.166400075);
	p = fma(fma(fma(p, f, 0.200011119), f, -0.250003278), f, 0.333333313);
	precise float s = f * f;
	precise float r = f - (0.5 * s - s * f * p);
	precise float y = k * 0.693145752 + (r + k * 1.42860682e-6);
	return y;
}

float flog(float x) {
	uint b = floatBitsToUint(x);
	if ((b & 0x7fffffffu) == 0u)
		return -infinity();
	if (b >= 0x7f800000u)
		return b == 0x7f800000u || is_nan(x) ? x : not_a_number();
	int k = 0;
	if (b < 0x00800000u) { // subnormal, or nothing where the device takes it for zero
		b = floatBitsToUint(x * 8388608.0);
		k = -23;
		if (b == 0u)
			return -infinity();
	}
	int n = (int(b) - 0x3f3504f3) >> 23;
	return log_near(uintBitsToFloat(b - (uint(n) << 23)) - 1.0, float(n + k));
}

float flog1p(float x) {
	if (x > -0.29 && x < 0.41)
		return log_near(x, 0.0);
	return flog(1.0 + x);
}

// fsoftplus is log(1 + e^x).
float fsoftplus(float x) { return (x > 0.0 ? x : 0.0) + flog1p(fexp(-abs(x))); }

// fsigmoid is 1/(1 + e^-x); it is 0 where the quotient is subnormal.
float fsigmoid(float x) { return 1.0 / (1.0 + fexp(-x)); }

// ftanh: (tanh x - x)/x³ in x² below 0.625.
float ftanh(float x) {
	if (is_nan(x))
		return x;
	float a = abs(x);
	if (a < 0.625) {
		float z = x * x;
		float p = fma(fma(fma(fma(-0.00609671418, z, 0.0209971797), z, -0.0538509078), z, 0.133327693), z, -0.333333284);
		return fma(x * z, p, x);
	}
	return with_sign(a > 9.2 ? 1.0 : 1.0 - 2.0 / (fexp(2.0 * a) + 1.0), x);
}

// ferf: erf(x)/x - 1 in x² below 1; above, 1 - e^q with q the polynomial of log(1 - erf x) around 2.5, up to 4.
float ferf(float x) {
	if (is_nan(x))
		return x;
	float a = abs(x);
	if (a < 1.0) {
		float z = x * x;
		float p = fma(fma(fma(7.87587487e-05, z, -0.00080168643), z, 0.00518908724), z, -0.0268542115);
		p = fma(fma(fma(p, z, 0.112835944), z, -0.37612626), z, 0.128379166);
		return fma(x, p, x);
	}
	if (a > 4.0)
		return with_sign(1.0, x);
	float t = a - 2.5;
	float q = fma(fma(fma(fma(1.6371514e-06, t, -1.33150143e-05), t, 7.72913772e-05), t, -0.000420122524), t, 0.00216530357);
	q = fma(fma(fma(fma(q, t, -0.0108585414), t, -0.943893731), t, -5.35268068), t, -7.80681515);
	return with_sign(1.0 - fexp(q), x);
}

// cos_turn is cos(2π·k/2^24): the quadrant is taken off in integers.
float cos_turn(uint k) {
	uint shifted = k + 0x200000u;
	uint quadrant = (shifted >> 22) & 3u;
	float t = float(int(shifted & 0x3fffffu) - 0x200000) * 3.74507028e-07;
	float z = t * t;
	float y;
	if ((quadrant & 1u) == 0u)
		y = fma(z * z, fma(fma(2.45479423e-05, z, -0.00138883025), z, 0.0416666642), fma(-0.5, z, 1.0));
	else
		y = fma(t * z, fma(fma(-0.000195878907, z, 0.00833274797), z, -0.166666642), t);
	return quadrant == 1u || quadrant == 2u ? -y : y;
}
