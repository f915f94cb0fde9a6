// One work group for each row of the result and 256 of its columns. The group reads ROUND indices at a time and marks
// those that name its row in a bit set; then each invocation adds the marked rows of the source to its own column, in
// order. No atomics on floats: the order of the sum is the order of the indices.
#define ROUND 2048u

#define hits(w) INTS[w]             // 64 words: one bit for each index of the round
#define some(s) INTS[64u + (s)]     // 2 words: one bit for each word of hits

void run() {
	uint tid = gl_LocalInvocationIndex;
	uint r = GROUP + ROW0;
	uint j = PART * 256u + tid + COL0;
	bool mine = r < ROWS && j < COLS;
	float v = 0.0;
#ifdef BETA
	if (mine)
		v = BETA * DST(r, j);
#endif
	for (uint base = ITEM_LO; base < ITEM_HI; base += ROUND) {
		if (tid < 64u)
			hits(tid) = 0u;
		if (tid < 2u)
			some(tid) = 0u;
		barrier();
		for (uint q = 0u; q < ROUND / 256u; q++) {
			uint item = base + q * 256u + tid;
			if (item < ITEM_HI) {
				uint i = item / BAG;
				if (INDEX(i, item - i * BAG) == r) {
					uint w = q * 8u + (tid >> 5);
					atomicOr(hits(w), 1u << (tid & 31u));
					atomicOr(some(w >> 5), 1u << (w & 31u));
				}
			}
		}
		barrier();
		for (uint s = 0u; s < 2u; s++) {
			uint words = some(s);
			while (words != 0u) {
				uint w = s * 32u + uint(findLSB(words));
				words &= words - 1u;
				uint set = hits(w);
				while (set != 0u) {
					uint bit = uint(findLSB(set));
					set &= set - 1u;
					if (mine)
						v += SRC((base + w * 32u + bit) / BAG, j);
				}
			}
		}
		barrier();
	}
	if (mine)
		DST(r, j) = v;
}
