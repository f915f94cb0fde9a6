// The losses of the op table; see ops.glsl.

float op_huber(El e, float v) {
	float d = abs(v);
	return d <= e.p.x ? e.p.y * 0.5 * d * d : e.p.y * e.p.x * (d - 0.5 * e.p.x);
}

float op_huber_grad(El e, float v, float x) {
	if (is_nan(x))
		return x;
	return v * (e.p.y * (x < -e.p.x ? -e.p.x : (x > e.p.x ? e.p.x : x)));
}

float op_log_cosh(El e, float v) {
	float d = abs(v);
	return d + flog1p(fexp(-2.0 * d)) - 0.693147180559945309;
}

float op_log_cosh_grad(El e, float v, float x) { return v * ftanh(x); }

float op_bce(El e, float v, float t, float p) { return (1.0 - t) * v + (1.0 + (p - 1.0) * t) * fsoftplus(-v); }

float op_bce_grad(El e, float v, float x, float t, float p) { return v * ((1.0 - t) - (1.0 + (p - 1.0) * t) * fsigmoid(-x)); }

float focal_power(float gamma, float x, float t) {
	if (gamma == 0.0)
		return 1.0;
	// The logarithm of a sigmoid, where the sigmoid itself may have left float32.
	if (t == 0.0)
		return fexp(-gamma * fsoftplus(-x));
	if (t == 1.0)
		return fexp(-gamma * fsoftplus(x));
	return fexp(gamma * flog(fsigmoid(x) * (1.0 - t) + fsigmoid(-x) * t));
}

float focal_alpha(float alpha, float t) { return alpha < 0.0 ? 1.0 : alpha * t + (1.0 - alpha) * (1.0 - t); }

float op_focal(El e, float v, float t) { return focal_alpha(e.p.x, t) * focal_power(e.p.y, v, t) * (fsoftplus(v) - t * v); }

float op_focal_grad(El e, float v, float x, float t) {
	float s = fsigmoid(x), o = fsigmoid(-x);
	float slope = t == 0.0 ? o : (t == 1.0 ? -s : s * o * (1.0 - 2.0 * t) / (s * (1.0 - t) + o * t));
	return v * focal_alpha(e.p.x, t) * focal_power(e.p.y, x, t) * (e.p.y * slope * (fsoftplus(x) - t * x) + (s - t));
}

float stirling(float full, float t) {
	return full == 0.0 || !(t > 1.0) ? 0.0 : t * flog(t) - t + 0.5 * flog(6.28318530717958648 * t);
}

float op_poisson(El e, float v, float t) { return fexp(v) - t * v + stirling(e.p.x, t); }

float op_poisson_grad(El e, float v, float x, float t) { return v * (fexp(x) - t); }

float op_poisson_rate(El e, float v, float t) { return v - t * flog(v + e.p.y) + stirling(e.p.x, t); }

float op_poisson_rate_grad(El e, float v, float x, float t) { return v * (1.0 - fdiv(t, x + e.p.y)); }

float op_kl(El e, float v, float t) { return t <= 0.0 ? 0.0 : t * (flog(t) - v); }

float op_kl_log(El e, float v, float t) { return fexp(t) * (t - v); }

float op_gauss(El e, float v, float t, float variance) {
	float d = v - t, s = variance < e.p.x ? e.p.x : variance;
	return 0.5 * (flog(s) + fdiv(d * d, s)) + e.p.y;
}

float op_gauss_grad(El e, float v, float x, float t, float variance) {
	return fdiv(v * (x - t), variance < e.p.x ? e.p.x : variance);
}

float op_gauss_var_grad(El e, float v, float x, float t, float variance) {
	float d = x - t, s = variance < e.p.x ? e.p.x : variance;
	return fdiv(v * 0.5 * (1.0 - fdiv(d * d, s)), s);
}

float op_pinball(El e, float v, float t, float q) {
	float d = t - v;
	return d >= 0.0 ? q * d : (q - 1.0) * d;
}

float op_pinball_grad(El e, float v, float x, float t, float q) {
	return v * (t > x ? -q : (t < x ? 1.0 - q : 0.5 - q));
}
