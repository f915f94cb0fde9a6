// The softmax cross-entropy of the rows ROW0 to ROWS, each of COLS logits, its gradient and the count of right answers. A work group of
// 256 takes 256/LANES rows at a time. The rows' losses are added per invocation, per group in a tree, and at last over
// the groups by the one that comes last; which one that is changes no bit.
#define OUTS (256u / LANES)

#define sv(i) FLOATS[i]
#define si(i) INTS[i]
#define last INTS[256]

// sum is the sum over n neighbours, for all of them.
float sum(uint tid, uint n, float v) {
	uint lane = tid & (n - 1u);
	sv(tid) = v;
	barrier();
	for (uint s = n / 2u; s > 0u; s >>= 1) {
		if (lane < s)
			sv(tid) += sv(tid + s);
		barrier();
	}
	float r = sv(tid - lane);
	barrier();
	return r;
}

uint count(uint tid, uint v) {
	si(tid) = v;
	barrier();
	for (uint s = 128u; s > 0u; s >>= 1) {
		if (tid < s)
			si(tid) += si(tid + s);
		barrier();
	}
	uint r = si(0);
	barrier();
	return r;
}

// top is the index of the row's first largest value, 0 where nothing is above -Inf. NaN is never largest.
uint top(uint tid, float v, uint j) {
	uint lane = tid & (LANES - 1u);
	sv(tid) = v;
	si(tid) = j;
	barrier();
	for (uint s = LANES / 2u; s > 0u; s >>= 1) {
		if (lane < s && (sv(tid + s) > sv(tid) || sv(tid + s) == sv(tid) && si(tid + s) < si(tid))) {
			sv(tid) = sv(tid + s);
			si(tid) = si(tid + s);
		}
		barrier();
	}
	uint r = si(tid - lane);
	barrier();
	return r == 0xffffffffu ? 0u : r;
}

// What this invocation has seen of the rows' losses and right answers.
float loss;
uint correct;

void begin() {
	loss = 0.0;
	correct = 0u;
}

// turn takes the rows from base on, as many as there is room for.
void turn(uint base) {
	uint tid = gl_LocalInvocationIndex;
	uint lane = tid & (LANES - 1u);
	uint i = base + tid / LANES;
	bool there = i < ROWS;
	bool counts = there;
	uint label = 0u;
#ifdef LABEL
	if (there)
		label = LABEL(i, 0u);
	counts = there && label < COLS;
#endif
	uint lo = counts ? lane : COLS;
	float best = -infinity();
	uint where = 0xffffffffu;
	for (uint j = lo; j < COLS; j += LANES) {
		float x = LOGITS(i, j);
		if (!is_nan(x) && x > best) {
			best = x;
			where = j;
		}
	}
	uint high = top(tid, best, where);
#ifdef TARGET
	best = -infinity();
	where = 0xffffffffu;
	for (uint j = lo; j < COLS; j += LANES) {
		float q = TARGET(i, j);
		if (!is_nan(q) && q > best) {
			best = q;
			where = j;
		}
	}
	label = top(tid, best, where);
#endif
	float shift = counts ? LOGITS(i, high) : 0.0;
	// The largest term is 1 and is left out, so that log1p keeps what the others say.
	float others = 0.0, mass = 0.0;
	for (uint j = lo; j < COLS; j += LANES) {
		if (j != high)
			others += fexp(LOGITS(i, j) - shift);
		mass += goal(i, j, label);
	}
	others = sum(tid, LANES, others);
	mass = sum(tid, LANES, mass);
	float w = 1.0;
#ifdef SCALE
	w = SCALE(0u, 0u);
#endif
#ifdef WEIGHT
	if (counts)
		w *= WEIGHT(i, 0u);
#endif
	precise float none = shift - shift; // 0, or NaN where the largest logit is not finite
	float lse = flog1p(others) + none;
	float part = 1.0 / (1.0 + others) + none;
	float l = 0.0;
	for (uint j = lo; j < COLS; j += LANES) {
		float x = LOGITS(i, j) - shift;
		float q = goal(i, j, label);
		l -= q * (x - lse);
#ifdef GRAD
		SET_GRAD(i, j, w * (fexp(x) * part * mass - q));
#endif
	}
	l = sum(tid, LANES, l);
	if (counts && lane == 0u) {
		loss += w * l;
		correct += high == label ? 1u : 0u;
	}
#ifdef GRAD
	if (there && !counts)
		for (uint j = lane; j < COLS; j += LANES)
			SET_GRAD(i, j, 0.0);
#endif
}

void end() {
#ifdef TOTALS
	uint tid = gl_LocalInvocationIndex;
	uint group = GROUP;
	loss = sum(tid, 256u, loss);
	correct = count(tid, correct);
	bool ends = tid == 0u;
#ifdef SCRATCH
#ifdef LATER
	uint parts = COUNTERS + (MODEL * ALL_GROUPS + GROUP0) * 2u;
#else
	uint parts = COUNTERS + MODEL * GROUPS * 2u;
#endif
	if (ends) {
		SCRATCH(parts + group * 2u) = floatBitsToUint(loss);
		SCRATCH(parts + 1u + group * 2u) = correct;
	}
#ifndef LATER // xent_sum.comp goes on from here
	memoryBarrierBuffer();
	barrier();
	if (tid == 0u)
		last = atomicAdd(SCRATCH(MODEL), 1u) == GROUPS - 1u ? 1u : 0u;
	barrier();
	memoryBarrierBuffer();
	loss = 0.0;
	correct = 0u;
	if (last != 0u)
		for (uint g = tid; g < GROUPS; g += 256u) {
			loss += uintBitsToFloat(SCRATCH(parts + g * 2u));
			correct += SCRATCH(parts + 1u + g * 2u);
		}
	loss = sum(tid, 256u, loss);
	correct = count(tid, correct);
	ends = ends && last != 0u;
	if (ends)
		SCRATCH(MODEL) = 0u;
#endif
#endif
	if (ends) {
#ifdef LOSS
		LOSS(0u, 0u) = chain_then(loss, 0u, 0u);
#endif
#ifdef CORRECT
		CORRECT(0u, 0u) = float(correct);
#endif
	}
#endif
}

void run() {
	begin();
	for (uint base = ROW0 + GROUP * OUTS; base < ROWS; base += GROUPS * OUTS)
		turn(base);
	end();
}
