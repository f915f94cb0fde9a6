// One work group for each row of the result and 256 of its columns. The group reads 256 indices at a time and marks
// those that name its row in a bit set; then each invocation adds the marked rows of the source to its own column, in
// order. No atomics on floats: the order of the sum is the order of the indices.
layout(local_size_x = 256) in;

shared uint hits[8];

void main() {
	uint tid = gl_LocalInvocationIndex;
	uint r = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
	uint j = PART * 256u + tid;
	bool mine = r < ROWS && j < COLS;
	float v = 0.0;
#ifdef BETA
	if (mine)
		v = BETA * DST(r, j);
#endif
	for (uint base = ITEM_LO; base < ITEM_HI; base += 256u) {
		if (tid < 8u)
			hits[tid] = 0u;
		barrier();
		uint item = base + tid;
		if (item < ITEM_HI) {
			uint i = item / BAG;
			if (INDEX(i, item - i * BAG) == r)
				atomicOr(hits[tid >> 5], 1u << (tid & 31u));
		}
		barrier();
		for (uint w = 0u; w < 8u; w++) {
			uint set = hits[w];
			while (set != 0u) {
				uint bit = uint(findLSB(set));
				set &= set - 1u;
				if (mine)
					v += SRC((base + w * 32u + bit) / BAG, j);
			}
		}
		barrier();
	}
	if (mine)
		DST(r, j) = v;
}
