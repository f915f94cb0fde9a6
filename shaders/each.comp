// One invocation for each element of a ROWS×COLS domain: chain(0), and DST where there is one.
layout(local_size_x = 256) in;

void main() {
	uint t = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 256u + gl_LocalInvocationIndex;
	if (t >= ROWS * COLS)
		return;
	uint i = t / COLS, j = t - i * COLS;
	float v = chain_do(0.0, i, j);
#ifdef DST
	DST(i, j) = v;
#endif
}
