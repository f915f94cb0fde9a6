// One invocation for each element of the rows ROW0 to ROWS and the columns COL0 to COLS of a domain: chain(0), and DST where
// there is one.
layout(local_size_x = 256) in;

void main() {
	uint t = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 256u + gl_LocalInvocationIndex;
	if (t >= (ROWS - ROW0) * (COLS - COL0))
		return;
	uint i = t / (COLS - COL0), j = t - i * (COLS - COL0) + COL0;
	i += ROW0;
	float v = chain_do(0.0, i, j);
#ifdef DST
	DST(i, j) = v;
#endif
}
