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

float op_add_sign(El e, float v, float x) {
	if (is_nan(x))
		return x;
	return x > 0.0 ? v + e.p.x : (x < 0.0 ? v - e.p.x : v);
}

float op_sub_mul(El e, float v, float x, float y) { return v - x * y; }

float op_affine(El e, float v) { return fma(e.p.x, v, e.p.y); }

float op_clamp(El e, float v) {
	if (is_nan(v))
		return v;
	return v < e.p.x ? e.p.x : (v > e.p.y ? e.p.y : v);
}

float op_clamp_grad(El e, float v, float y) { return !is_nan(y) && (y <= e.p.x || y >= e.p.y) ? 0.0 : v; }

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

float op_sigmoid(El e, float v) { return fsigmoid(v); }

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

// 2u = x·(A + B·x²). Beyond 9 the result is x or x·0 in float32.
float op_gelu_tanh(El e, float v) {
	if (abs(v) > 9.0)
		return v > 0.0 ? v : times_zero(v);
	return v / (1.0 + fexp(-v * fma(0.0713548163, v * v, 1.59576912)));
}

float op_gelu_tanh_grad(El e, float v, float x) {
	if (!is_finite(x))
		return not_a_number();
	if (abs(x) > 9.0) // as gelu_grad; below -21 the definition's float64 is 0 too
		return v * (x > 0.0 ? 1.0 : (x > -21.0 ? -1.17549435e-38 : 0.0));
	float z = x * x;
	float t = fexp(-x * fma(0.0713548163, z, 1.59576912));
	float s = 1.0 / (1.0 + t);
	precise float rest = t * s; // 1 - s
	precise float both = rest * s;
	return v * fma(x * both, fma(0.214064449, z, 1.59576912), s);
}

float op_silu(El e, float v) { return v < -80.0 ? times_exp(v, 1.0, v) : v / (1.0 + fexp(-v)); }

float op_silu_grad(El e, float v, float x) {
	if (x < -80.0)
		return times_exp(v, 1.0 + x, x);
	float s = fsigmoid(x);
	return v * (s * (1.0 + x * (1.0 - s)));
}

// tanh(log(1 + n)) = n(n + 2)/(n(n + 2) + 2) with n = e^x.
float tanh_softplus(float x) {
	if (x > 20.0)
		return 1.0;
	float n = fexp(x);
	float w = n * (n + 2.0);
	return w / (w + 2.0);
}

float op_mish(El e, float v) { return v < -80.0 ? times_exp(v, 1.0, v) : v * tanh_softplus(v); }

float op_mish_grad(El e, float v, float x) {
	if (x < -80.0)
		return times_exp(v, 1.0 + x, x);
	float t = tanh_softplus(x);
	precise float rest = x * fsigmoid(x) * (1.0 - t) * (1.0 + t); // 0 where t is 1, however large x is
	return v * (t + rest);
}

float op_softplus(El e, float v) {
	float z = e.p.x * v;
	if (z > e.p.y || is_nan(v))
		return v;
	return z < -80.0 ? times_exp(1.0, fdiv(1.0, e.p.x), z) : fdiv(fsoftplus(z), e.p.x);
}

float op_softplus_grad(El e, float v, float x) {
	float z = e.p.x * x;
	if (is_nan(x))
		return x;
	if (z > e.p.y)
		return v;
	return z < -80.0 ? times_exp(v, 1.0, z) : v * fsigmoid(z);
}

float op_log_sigmoid(El e, float v) { return -fsoftplus(-v); }

float op_log_sigmoid_grad(El e, float v, float y) { return -v * fexpm1(y); }

float op_softsign(El e, float v) { return fdiv(v, 1.0 + abs(v)); }

float op_softsign_grad(El e, float v, float x) {
	float d = 1.0 + abs(x);
	return fdiv(fdiv(v, d), d);
}

float op_leaky_relu(El e, float v) { return v > 0.0 ? v : e.p.x * v; }

float op_leaky_relu_grad(El e, float v, float y) { return !is_nan(y) && y > 0.0 ? v : e.p.x * v; }

float op_prelu(El e, float v, float slope) { return v > 0.0 ? v : slope * v; }

float op_prelu_grad(El e, float v, float x, float slope) { return !is_nan(x) && x > 0.0 ? v : slope * v; }

float op_elu(El e, float v) {
	if (is_nan(v))
		return v;
	return v > 0.0 ? e.p.y * v : e.p.x * fexpm1(e.p.z * v);
}

float op_elu_grad(El e, float v, float y) { return v * (!is_nan(y) && y <= 0.0 ? e.p.z * (y + e.p.x) : e.p.y); }

// v is not multiplied with 6 on the way, which may overflow.
float op_hardswish(El e, float v) {
	if (v < -3.0)
		return times_zero(v);
	return v > 3.0 ? v : v * ((v + 3.0) * 0.166666672);
}

float op_hardswish_grad(El e, float v, float x) {
	if (is_nan(x) || x >= 3.0)
		return v;
	return x <= -3.0 ? 0.0 : v * fma(x, 0.333333343, 0.5);
}

float op_hardsigmoid(El e, float v) {
	if (is_nan(v))
		return v;
	return v <= -3.0 ? 0.0 : (v >= 3.0 ? 1.0 : (v + 3.0) * 0.166666672);
}

float op_hardsigmoid_grad(El e, float v, float y) { return !is_nan(y) && y > 0.0 && y < 1.0 ? v * 0.166666672 : 0.0; }

float op_dropout(El e, float v, uvec4 key) {
	return unit(random_word(key, e.p.y, e.index)) < e.p.x ? 0.0 : v * (1.0 / (1.0 - e.p.x));
}

float op_drop(El e, float v, uvec4 key) { return unit(random_word(key, e.p.y, e.index)) < e.p.x ? e.p.z : v; }

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
