// An element of a product, whose factors are read where they lie: for products so small that a tile of matmul.comp would be mostly
// empty. The same chain of multiply-adds, to the same bits.

void element(uint i, uint j) {
	precise float c = 0.0;
#if defined(BETA) && !defined(SPLIT)
	c = BETA * DST(i, j);
#endif
	for (uint k = K_FROM; k < K_TO; k++)
		c = fma(A(i, k), B(k, j), c);
	put(c, i, j);
}

void run() {
	elements();
#ifdef SPLIT
	uint t = GROUP * 256u + gl_LocalInvocationIndex;
	if (arrive() && t < (ROWS - ROW0) * (COLS - COL0))
		add_up(t / (COLS - COL0) + ROW0, t % (COLS - COL0) + COL0);
#endif
}
