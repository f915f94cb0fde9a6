// One invocation for each element of the result, which looks at every index itself: for few indices, where the work
// groups of scatter.comp would stand idle. The order of the sum is the same.

void run() {
	uint t = GROUP * 256u + gl_LocalInvocationIndex;
	if (t < (ROWS - ROW0) * (COLS - COL0)) {
		uint r = t / (COLS - COL0), j = t - r * (COLS - COL0) + COL0;
		r += ROW0;
		float v = 0.0;
#ifdef BETA
		v = BETA * DST(r, j);
#endif
		for (uint item = ITEM_LO; item < ITEM_HI; item++) {
			uint i = item / BAG;
			if (INDEX(i, item - i * BAG) == r)
				v += SRC(i, j);
		}
		DST(r, j) = v;
	}
}
