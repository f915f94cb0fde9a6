// The product of matmul.comp where both factors can be read four numbers at a time: VA and VB are them by vec4, counted from where
// they begin, A_ROW and B_ROW their strides. Slices lie k-major in shared memory, a vec4 apart from the next against conflicts of
// banks, and twice, so that the next one comes in, by way of registers, while this one is multiplied. An invocation has fragments of
// 4×4 that lie a part of the tile from each other. Each element is the same chain of multiply-adds, to the same bits.
// How slices come in is vec_slice.glsl's, once for A and once for B. VEC_INIT, VEC_LOAD, VEC_STEPS and VEC_SAVE are written out by vec.go.

#define STRIPE (BM / TM)
#define cs(i) FLOATS[i]

// tile_at is the place of the group's tile: neighbours in time share rows of A and, SWIZZLE tiles high, columns of B.
uvec2 tile_at(uint group) {
	uint strip = group / (SWIZZLE * TILES_N), in_strip = group % (SWIZZLE * TILES_N);
	uint high = min(SWIZZLE, TILES_M - strip * SWIZZLE);
	return uvec2(strip * SWIZZLE + in_strip % high, in_strip / high);
}

// fragments_at is the place of an invocation's fragments among the tile's. A warp, 32 neighbours, has 4×8 of them: it reads fewer words of
// the slices than in a row.
uvec2 fragments_at(uint tid) {
	uint warp = tid / 32u, lane = tid % 32u, across = BN / TN / 8u;
	return uvec2(warp / across * 4u + lane / 8u, warp % across * 8u + lane % 8u);
}

void run() {
	uint tid = gl_LocalInvocationIndex;
	if (GROUP < TILES_M * TILES_N) {
		uvec2 tile = tile_at(GROUP);
		uint i0 = tile.x * BM, j0 = tile.y * BN;
		uint ty = fragments_at(tid).x, tx = fragments_at(tid).y;
		VEC_INIT
#if defined(BETA) && !defined(SPLIT)
		for (uint r = 0u; r < TM; r++) {
			for (uint e = tid; e < STRIPE * BN; e += 256u) {
				uint i = i0 + VEC_ROW(e / BN, r), j = j0 + e % BN;
				cs(e) = i < ROWS && j < COLS ? BETA * DST(i, j) : 0.0;
			}
			barrier();
			VEC_LOAD
			barrier();
		}
#endif
		vec4 ra[HELD_A], rb[HELD_B];
		fetchA(tid, i0, K_FROM, ra);
		fetchB(tid, j0, K_FROM, rb);
		keepA(tid, 0u, ra);
		keepB(tid, 0u, rb);
		barrier();
		uint now = 0u;
		for (uint k0 = K_FROM; k0 < K_TO; k0 += BK) {
			bool more = k0 + BK < K_TO;
			if (more) {
				fetchA(tid, i0, k0 + BK, ra);
				fetchB(tid, j0, k0 + BK, rb);
			}
			VEC_STEPS
			if (more) {
				keepA(tid, 1u - now, ra);
				keepB(tid, 1u - now, rb);
			}
			now = 1u - now;
			barrier();
		}
		for (uint r = 0u; r < TM; r++) {
			VEC_SAVE
			barrier();
			for (uint e = tid; e < STRIPE * BN; e += 256u) {
				uint i = i0 + VEC_ROW(e / BN, r), j = j0 + e % BN;
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
