// One invocation for each element of the result: the sum of BAG rows of the table, in order. Indices past the table's
// end count for nothing. A launch may see a part of the table only, TABLE0 to TABLE_ROWS: with PARTED it writes the
// elements whose one index lies there, and those past the end where it has the REST.
layout(local_size_x = 256) in;

void main() {
	uint t = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 256u + gl_LocalInvocationIndex;
	if (t >= (ROWS - ROW0) * (COLS - COL0))
		return;
	uint i = t / (COLS - COL0), j = t - i * (COLS - COL0) + COL0;
	i += ROW0;
#ifdef PARTED
	uint only = INDEX(i, 0u);
#ifdef REST
	if (only < TABLE0)
		return;
#else
	if (only < TABLE0 || only >= TABLE_ROWS)
		return;
#endif
#endif
#ifdef INTEGERS
	uint r = INDEX(i, 0u);
	uint v = 0u;
	if (r >= TABLE0 && r < TABLE_ROWS)
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
		if (r >= TABLE0 && r < TABLE_ROWS)
			v += TABLE(r, j);
	}
	DST(i, j) = chain_then(v, i, j);
#endif
}
