// One invocation for each element of the result: the sum of BAG rows of the table, in order. Indices past the table's
// end count for nothing.
layout(local_size_x = 256) in;

void main() {
	uint t = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 256u + gl_LocalInvocationIndex;
	if (t >= ROWS * COLS)
		return;
	uint i = t / COLS, j = t - i * COLS;
#ifdef INTEGERS
	uint r = INDEX(i, 0u);
	uint v = 0u;
	if (r < TABLE_ROWS)
		v = TABLE(r, j);
	DST(i, j) = v;
#else
#ifdef CONTINUES
	float v = DST(i, j);
#else
	float v = 0.0;
#endif
	for (uint l = BAG_LO; l < BAG_HI; l++) {
		uint r = INDEX(i, l);
		if (r < TABLE_ROWS)
			v += TABLE(r, j);
	}
	DST(i, j) = chain_then(v, i, j);
#endif
}
