// The op table in GLSL: op_<name> for each row of backend.Ops, in its order. An op takes the element's place El, the
// running value, and its operands in the order of its roles: r `float`, w `out float`, m `inout float`, c `float[n]`,
// k `uvec4`. It returns the new running value. The parameters are e.p.

struct El {
	uint row;
	uint col;
	uvec2 index; // row·columns + col, 64 bits, low word first
	vec4 p;
};

float op_load(El e, float v, float x) { return x; }

float op_fill(El e, float v) { return e.p.x; }

float op_keep(El e, float v, out float dst) {
	dst = v;
	return v;
}

float op_guard(El e, float v, inout float ok) {
	if (!is_finite(v))
		ok = 0.0;
	return v;
}

float op_add(El e, float v, float x) { return v + x; }

float op_sub(El e, float v, float x) { return v - x; }

float op_mul(El e, float v, float x) { return v * x; }

float op_div(El e, float v, float x) { return fdiv(v, x); }

float op_axpy(El e, float v, float x) { return fma(e.p.x, x, v); }

float op_affine(El e, float v) { return fma(e.p.x, v, e.p.y); }

float op_clamp(El e, float v) {
	if (is_nan(v))
		return v;
	return v < e.p.x ? e.p.x : (v > e.p.y ? e.p.y : v);
}

float op_square(El e, float v) { return v * v; }

// The factor 2 goes where it overflows only if the result does.
float op_square_grad(El e, float v, float x) {
	bool small = abs(x) < 1.0;
	precise float t = small ? 2.0 * x : v * x;
	precise float r = small ? v * t : 2.0 * t;
	return r;
}

float op_abs(El e, float v) { return abs(v); }

float op_abs_grad(El e, float v, float x) {
	if (is_nan(x))
		return v;
	return x < 0.0 ? -v : (x == 0.0 ? 0.0 : v);
}

float op_sqrt(El e, float v) { return fsqrt(v); }

float op_sqrt_grad(El e, float v, float y) {
	bool large = abs(v) > 1.0;
	precise float t = large ? 0.5 * v : v;
	precise float q = fdiv(t, y);
	precise float r = large ? q : 0.5 * q;
	return r;
}

float op_exp(El e, float v) { return fexp(v); }

float op_exp_grad(El e, float v, float y) { return v * y; }

float op_log(El e, float v) { return flog(v); }

float op_log_grad(El e, float v, float x) { return fdiv(v, x); }

float op_recip(El e, float v) { return fdiv(1.0, v); }

// y·y first where it is a normal number: v·y may not be one while the result is.
float op_recip_grad(El e, float v, float y) {
	float a = abs(y);
	bool normal = a > 1e-18 && a < 1e18;
	precise float t = normal ? y * y : v * y;
	precise float r = normal ? v * t : t * y;
	return -r;
}

float op_relu(El e, float v) {
	if (is_nan(v))
		return v;
	return v > 0.0 ? v : 0.0;
}

float op_relu_grad(El e, float v, float y) { return !is_nan(y) && y <= 0.0 ? 0.0 : v; }

float op_tanh(El e, float v) { return ftanh(v); }

float op_tanh_grad(El e, float v, float y) { return v * fma(-y, y, 1.0); }

float op_sigmoid(El e, float v) { return 1.0 / (1.0 + fexp(-v)); }

float op_sigmoid_grad(El e, float v, float y) { return v * (y * (1.0 - y)); }

float op_gelu(El e, float v) { return v * (0.5 * (1.0 + ferf(v * 0.707106781))); }

float op_gelu_grad(El e, float v, float x) {
	float cdf = 0.5 * (1.0 + ferf(x * 0.707106781));
	float pdf = 0.398942280 * fexp(-0.5 * x * x);
	float d = cdf + x * pdf;
	// Far below zero the derivative is less than float32 can say, but negative: an infinite v meets its sign.
	if (d == 0.0 && x < -1.0 && x > -38.0)
		d = -1.17549435e-38;
	return v * d;
}

// Below -80 the sigmoid is e^x, taken e^32 times as large: it may be subnormal where the result is not.
float op_silu(El e, float v) {
	if (v < -80.0) {
		precise float t = v * fexp(v + 32.0);
		precise float r = t * 1.26641655e-14;
		return r;
	}
	return v / (1.0 + fexp(-v));
}

float op_silu_grad(El e, float v, float x) {
	if (x < -80.0) {
		precise float d = fexp(x + 32.0) * (1.0 + x);
		precise float t = v * d;
		precise float r = t * 1.26641655e-14;
		return r;
	}
	float s = 1.0 / (1.0 + fexp(-x));
	return v * (s * (1.0 + x * (1.0 - s)));
}

float op_dropout(El e, float v, uvec4 key) {
	return unit(random_word(key, e.p.y, e.index)) < e.p.x ? 0.0 : v * (1.0 / (1.0 - e.p.x));
}

float op_uniform(El e, float v, uvec4 key) {
	return fma(e.p.z - e.p.x, unit(random_word(key, e.p.y, e.index)), e.p.x);
}

// Elements 2i and 2i+1 of a second numbering. The logarithm is of u + 2^-25, which float32 holds only below a half;
// above, it is taken of 1 minus the rest, which is exact.
float op_normal(El e, float v, uvec4 key) {
	uvec2 twice = uvec2(e.index.x << 1, (e.index.y << 1) | (e.index.x >> 31));
	uint w1 = random_word(key, e.p.y, twice) >> 8;
	uint w2 = random_word(key, e.p.y, twice + uvec2(1u, 0u)) >> 8;
	float l;
	if (w1 < 0x800000u)
		l = flog(float(2u * w1 + 1u) * (1.0 / 33554432.0));
	else
		l = flog1p(-(float(2u * (0x1000000u - w1) - 1u) * (1.0 / 33554432.0)));
	return fma(e.p.z * fsqrt(-2.0 * l), cos_turn(w2), e.p.x);
}

float op_sgd(El e, float v, float ok, inout float w, float c[2]) {
	if (is_set(ok))
		w = c[1] * w - c[0] * v;
	return v;
}

float op_momentum(El e, float v, float ok, inout float w, inout float buf, float c[5]) {
	if (is_set(ok)) {
		buf = c[2] * buf + c[3] * v;
		float d = is_set(c[4]) ? v + c[2] * buf : buf;
		w = c[1] * w - c[0] * d;
	}
	return v;
}

float op_adam(El e, float v, float ok, inout float w, inout float m, inout float s, float c[8]) {
	if (is_set(ok)) {
		m = c[4] * m + c[5] * v;
		precise float t = c[7] * v; // v * v overflows long before this
		precise float u = t * v;
		s = c[6] * s + u;
		w = c[3] * w - fdiv(c[0] * m, fsqrt(s) * c[1] + c[2]);
	}
	return v;
}
