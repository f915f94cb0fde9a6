// One invocation for each element of the product, whose factors it reads where they lie: for products so small that a tile of
// matmul.comp would be mostly empty. The same chain of multiply-adds, to the same bits. A group has SHARE elements.

void run() {
	uint hi = min((GROUP + 1u) * SHARE, (ROWS - ROW0) * (COLS - COL0));
	for (uint t = GROUP * SHARE + gl_LocalInvocationIndex; t < hi; t += 256u) {
		uint i = t / (COLS - COL0), j = t - i * (COLS - COL0) + COL0;
		i += ROW0;
		precise float c = 0.0;
#if defined(BETA) && !defined(SPLIT)
		c = BETA * DST(i, j);
#endif
		for (uint k = K_FROM; k < K_TO; k++)
			c = fma(A(i, k), B(k, j), c);
		put(c, i, j);
	}
#ifdef SPLIT
	if (arrive())
		for (uint t = GROUP * SHARE + gl_LocalInvocationIndex; t < hi; t += 256u)
			add_up(t / (COLS - COL0) + ROW0, t % (COLS - COL0) + COL0);
#endif
}
