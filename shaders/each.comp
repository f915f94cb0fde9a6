// One invocation for each element of the rows ROW0 to ROWS and the columns COL0 to COLS of a domain: chain_do(0), and DST where
// there is one. A group has SHARE elements.

void run() {
	uint hi = min((GROUP + 1u) * SHARE, (ROWS - ROW0) * (COLS - COL0));
	for (uint t = GROUP * SHARE + gl_LocalInvocationIndex; t < hi; t += 256u) {
		uint i = t / (COLS - COL0), j = t - i * (COLS - COL0) + COL0;
		i += ROW0;
		float v = chain_do(0.0, i, j);
#ifdef DST
		DST(i, j) = v;
#endif
	}
}
