// A BM×BN tile of the rows ROW0 to ROWS and columns COL0 to COLS of the product for each work group of 256, TM×TN of it for each
// invocation. Slices of BK columns of A and rows of B pass through shared memory. Each element is one chain of multiply-adds
// over ascending k, whatever the tile: so all tiles give the same bits. Beyond the end of
// k the factors are −0, NOTHING, and 0: their product changes no sum, not even one of −0. TILE_INIT, TILE_LOAD, TILE_STEPS and TILE_SAVE are written
// out by tile.go, with a named accumulator for each element: an array that is indexed by a loop variable would not stay in
// registers.

#define AW (BM + 1u)

// The slices, and in their place, before and after them, a stripe of the tile: one of the TM rows of each invocation.
#define as(i) FLOATS[i]
#define bs(i) FLOATS[BK * AW + (i)]
#define cs(i) FLOATS[i]
#define STRIPE (BM / TM)

void run() {
	uint tid = gl_LocalInvocationIndex;
	uint i0 = ROW0 + GROUP / TILES_N * BM, j0 = COL0 + GROUP % TILES_N * BN;
	if (i0 < ROWS) {
		uint ty = tid / (BN / TN), tx = tid % (BN / TN);
		TILE_INIT
#if defined(BETA) && !defined(SPLIT)
		for (uint r = 0u; r < TM; r++) {
			for (uint e = tid; e < STRIPE * BN; e += 256u) {
				uint i = i0 + r * STRIPE + e / BN, j = j0 + e % BN;
				cs(e) = i < ROWS && j < COLS ? BETA * DST(i, j) : 0.0;
			}
			barrier();
			TILE_LOAD
			barrier();
		}
#endif
		for (uint k0 = K_FROM; k0 < K_TO; k0 += BK) {
			for (uint e = tid; e < BM * BK; e += 256u) {
#ifdef TRANS_A
				uint i = e % BM, k = e / BM;
#else
				uint i = e / BK, k = e % BK;
#endif
				as(k * AW + i) = i0 + i < ROWS && k0 + k < K_TO ? A(i0 + i, k0 + k) : NOTHING;
			}
			for (uint e = tid; e < BK * BN; e += 256u) {
#ifdef TRANS_B
				uint j = e / BK, k = e % BK;
#else
				uint j = e % BN, k = e / BN;
#endif
				bs(k * BN + j) = j0 + j < COLS && k0 + k < K_TO ? B(k0 + k, j0 + j) : 0.0;
			}
			barrier();
			TILE_STEPS
			barrier();
		}
		for (uint r = 0u; r < TM; r++) {
			TILE_SAVE
			barrier();
			for (uint e = tid; e < STRIPE * BN; e += 256u) {
				uint i = i0 + r * STRIPE + e / BN, j = j0 + e % BN;
				if (i < ROWS && j < COLS)
					put(cs(e), i, j);
			}
			barrier();
		}
#ifdef SPLIT
		if (arrive())
			for (uint e = tid; e < BM * BN; e += 256u)
				if (i0 + e / BN < ROWS && j0 + e % BN < COLS)
					add_up(i0 + e / BN, j0 + e % BN);
#endif
	}
}
