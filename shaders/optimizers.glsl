// The optimizers of the op table; see ops.glsl.

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

float op_amsgrad(El e, float v, float ok, inout float w, inout float m, inout float s, inout float most, float c[8]) {
	if (is_set(ok)) {
		m = c[4] * m + c[5] * v;
		precise float t = c[7] * v;
		precise float u = t * v;
		s = c[6] * s + u;
		if (!(s <= most))
			most = s;
		w = c[3] * w - fdiv(c[0] * m, fsqrt(most) * c[1] + c[2]);
	}
	return v;
}

float op_nadam(El e, float v, float ok, inout float w, inout float m, inout float s, float c[8]) {
	if (is_set(ok)) {
		m = c[4] * m + c[5] * v;
		precise float t = c[7] * v;
		precise float u = t * v;
		s = c[6] * s + u;
		w = w - fdiv(c[0] * v + c[1] * m, fsqrt(s) * c[2] + c[3]);
	}
	return v;
}

float op_rmsprop(El e, float v, float ok, inout float w, inout float s, float c[5]) {
	if (is_set(ok)) {
		precise float t = c[2] * v;
		precise float u = t * v;
		s = c[1] * s + u;
		w = w - fdiv(c[0] * v, fsqrt(s + c[4]) + c[3]);
	}
	return v;
}

float op_rmsprop_all(El e, float v, float ok, inout float w, inout float s, inout float mean, inout float buf, float c[7]) {
	if (is_set(ok)) {
		precise float t = c[2] * v;
		precise float u = t * v;
		s = c[1] * s + u;
		mean = c[1] * mean + t;
		float spread = s;
		if (is_set(c[6])) {
			precise float square = mean * mean;
			spread = s - square;
			if (spread < 0.0)
				spread = 0.0;
		}
		buf = c[5] * buf + fdiv(v, fsqrt(spread + c[4]) + c[3]);
		w = w - c[0] * buf;
	}
	return v;
}

float op_lion(El e, float v, float ok, inout float w, inout float m, float c[6]) {
	if (is_set(ok)) {
		precise float t = c[3] * v;
		float d = c[2] * m + t;
		m = c[4] * m + c[5] * v;
		w = c[1] * w - c[0] * (d > 0.0 ? 1.0 : (d < 0.0 ? -1.0 : d));
	}
	return v;
}
