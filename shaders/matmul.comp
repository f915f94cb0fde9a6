// A BM×BN tile of the rows ROW0 to ROWS and columns COL0 to COLS of the product for each work group of 256, TM×TN of it for each invocation. Slices of BK columns of A
// and rows of B pass through shared memory. Each element is one chain of multiply-adds over ascending k, whatever the
// tile: so all tiles give the same bits. TILE_INIT, TILE_STEPS and TILE_SAVE are written out by tile.go, with a named
// accumulator for each element: an array that is indexed by a loop variable would not stay in registers.
layout(local_size_x = 256) in;

#define AW (BM + 1u)

#ifdef BETA
#define TILE_START(cell) cs[cell]
#else
#define TILE_START(cell) 0.0
#endif

shared float as[BK * AW];
shared float bs[BK * BN];
shared float cs[BM * BN];

void main() {
	uint tid = gl_LocalInvocationIndex;
	uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
	uint i0 = ROW0 + group / TILES_N * BM, j0 = COL0 + group % TILES_N * BN;
	if (i0 >= ROWS)
		return;
	uint ty = tid / (BN / TN), tx = tid % (BN / TN);
#ifdef BETA
	for (uint e = tid; e < BM * BN; e += 256u) {
		uint i = i0 + e / BN, j = j0 + e % BN;
		cs[e] = i < ROWS && j < COLS ? BETA * DST(i, j) : 0.0;
	}
	barrier();
#endif
	TILE_INIT
	for (uint k0 = K_LO; k0 < K_HI; k0 += BK) {
		for (uint s = 0u; s < BM * BK / 256u; s++) {
			uint e = s * 256u + tid;
#ifdef TRANS_A
			uint i = e % BM, k = e / BM;
#else
			uint i = e / BK, k = e % BK;
#endif
			as[k * AW + i] = i0 + i < ROWS && k0 + k < K_HI ? A(i0 + i, k0 + k) : 0.0;
		}
		for (uint s = 0u; s < BK * BN / 256u; s++) {
			uint e = s * 256u + tid;
#ifdef TRANS_B
			uint j = e / BK, k = e % BK;
#else
			uint j = e % BN, k = e / BN;
#endif
			bs[k * BN + j] = j0 + j < COLS && k0 + k < K_HI ? B(k0 + k, j0 + j) : 0.0;
		}
		barrier();
		TILE_STEPS
		barrier();
	}
	TILE_SAVE
	barrier();
	for (uint e = tid; e < BM * BN; e += 256u) {
		uint i = i0 + e / BN, j = j0 + e % BN;
		if (i < ROWS && j < COLS)
			DST(i, j) = chain_then(cs[e], i, j);
	}
}
