// One invocation for each element of the rows ROW0 to ROWS and the columns COL0 to COLS; with SHARE a group has so many, one after
// another, and where LONE has an invocation for a group, all of them. What becomes of one is the template's to say, with the code of
// its operands behind this.
void element(uint i, uint j);

// number is for element number t.
void number(uint t) {
	uint i = t / (COLS - COL0);
	element(i + ROW0, t - i * (COLS - COL0) + COL0);
}

void elements() {
#ifdef LONE
	for (uint i = ROW0; i < ROWS; i++)
		for (uint j = COL0; j < COLS; j++)
			element(i, j);
#elif defined(SHARE)
	uint hi = min((GROUP + 1u) * SHARE, (ROWS - ROW0) * (COLS - COL0));
	for (uint t = GROUP * SHARE + gl_LocalInvocationIndex; t < hi; t += 256u)
		number(t);
#else
	uint t = GROUP * 256u + gl_LocalInvocationIndex;
	if (t < (ROWS - ROW0) * (COLS - COL0))
		number(t);
#endif
}
