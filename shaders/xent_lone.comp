// xent.comp by one invocation, which is each of a row's LANES, and each of the groups, in turn: the same order of all sums, to the
// same bits. FLOATS are four times 256: of the lanes of a row twice, of the rows of a turn, of the groups.
#define OUTS (256u / LANES)
#define lane_at 0u
#define mass_at 256u
#define turn_at 512u
#define group_at 768u

// tree is the sum of n numbers, a power of two.
float tree(uint at, uint n) {
	for (uint s = n / 2u; s > 0u; s >>= 1)
		for (uint i = at; i < at + s; i++)
			FLOATS[i] += FLOATS[i + s];
	return FLOATS[at];
}

uint correct;

// row gives the weighted loss of a row.
float row(uint i) {
	bool counts = true;
	uint label = 0u;
#ifdef LABEL
	label = LABEL(i, 0u);
	counts = label < COLS;
#endif
	uint cols = counts ? COLS : 0u, high = 0u;
	float best = -infinity();
	for (uint j = 0u; j < cols; j++) {
		float x = LOGITS(i, j);
		if (!is_nan(x) && x > best) {
			best = x;
			high = j;
		}
	}
#ifdef TARGET
	best = -infinity();
	for (uint j = 0u; j < cols; j++) {
		float q = TARGET(i, j);
		if (!is_nan(q) && q > best) {
			best = q;
			label = j;
		}
	}
#endif
	float shift = counts ? LOGITS(i, high) : 0.0;
	for (uint lane = 0u; lane < LANES; lane++) {
		float others = 0.0, mass = 0.0;
		for (uint j = lane; j < cols; j += LANES) {
			if (j != high)
				others += fexp(LOGITS(i, j) - shift);
			mass += goal(i, j, label);
		}
		FLOATS[lane_at + lane] = others;
		FLOATS[mass_at + lane] = mass;
	}
	float others = tree(lane_at, LANES), mass = tree(mass_at, LANES);
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
	for (uint lane = 0u; lane < LANES; lane++) {
		float l = 0.0;
		for (uint j = lane; j < cols; j += LANES) {
			float x = LOGITS(i, j) - shift;
			float q = goal(i, j, label);
			l -= q * (x - lse);
#ifdef GRAD
			GRAD(i, j) = w * (fexp(x) * part * mass - q);
#endif
		}
		FLOATS[lane_at + lane] = l;
	}
#ifdef GRAD
	for (uint j = cols; j < COLS; j++)
		GRAD(i, j) = 0.0;
#endif
	correct += counts && high == label ? 1u : 0u;
	float l = tree(lane_at, LANES);
	return counts ? w * l : 0.0;
}

void run() {
	correct = 0u;
	for (uint g = 0u; g < 256u; g++)
		FLOATS[group_at + g] = 0.0;
	for (uint g = 0u; g < GROUPS; g++) {
		for (uint slot = 0u; slot < OUTS; slot++)
			FLOATS[turn_at + slot] = 0.0;
		for (uint base = ROW0 + g * OUTS; base < ROWS; base += GROUPS * OUTS)
			for (uint i = base; i < min(base + OUTS, ROWS); i++)
				FLOATS[turn_at + i - base] += row(i);
		FLOATS[group_at + g] = tree(turn_at, OUTS);
	}
#ifdef LOSS
	LOSS(0u, 0u) = chain_then(tree(group_at, 256u), 0u, 0u);
#endif
#ifdef CORRECT
	CORRECT(0u, 0u) = float(correct);
#endif
}
