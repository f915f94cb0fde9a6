// The product of matmul.comp where both factors can be read four numbers at a time: VA and VB are them by vec4, counted from where
// they begin, A_ROW and B_ROW their strides. Slices lie k-major in shared memory, a vec4 apart from the next against conflicts of
// banks, and twice, so that the next one comes in, by way of registers, while this one is multiplied. An invocation has fragments of
// 4×4 that lie a part of the tile from each other. Each element is the same chain of multiply-adds, to the same bits.
// VEC_INIT, VEC_LOAD, VEC_STEPS and VEC_SAVE are written out by vec.go.

#define QM (BM / 4u)
#define QN (BN / 4u)
#define AQ (QM + 1u)
#define BQ (QN + 1u)
#define STRIPE (BM / TM)
#define cs(i) FLOATS[i]

shared vec4 as[2u * BK * AQ];
shared vec4 bs[2u * BK * BQ];

// One block of 4×4, or one row of four where k is the slow axis, for each invocation and turn.
#ifdef TRANS_A
#define A_TURNS ((BK * QM + 255u) / 256u)
#else
#define A_TURNS ((BK / 4u * QM + 255u) / 256u)
#endif
#ifdef TRANS_B
#define B_TURNS ((BK / 4u * QN + 255u) / 256u)
#else
#define B_TURNS ((BK * QN + 255u) / 256u)
#endif

vec4 nothing() { return vec4(NOTHING); }

// fetch_a and fetch_b read what this invocation brings in of the slice from k0 on, keep_a and keep_b put it where slice `to` lies.
#ifdef TRANS_A
void fetch_a(uint tid, uint i0, uint k0, out vec4 r[A_TURNS]) {
	for (uint s = 0u; s < A_TURNS; s++) {
		uint e = s * 256u + tid, k = e / QM, q = e % QM;
		r[s] = e < BK * QM && i0 + q * 4u < ROWS && k0 + k < K_TO ? VA(((k0 + k) * A_ROW + i0) / 4u + q) : nothing();
	}
}

void keep_a(uint tid, uint to, vec4 r[A_TURNS]) {
	for (uint s = 0u; s < A_TURNS; s++) {
		uint e = s * 256u + tid, k = e / QM, q = e % QM;
		if (e < BK * QM)
			as[(to * BK + k) * AQ + q] = r[s];
	}
}
#else
void fetch_a(uint tid, uint i0, uint k0, out vec4 r[4u * A_TURNS]) {
	for (uint s = 0u; s < A_TURNS; s++) {
		uint e = s * 256u + tid, q = e / (BK / 4u), k = e % (BK / 4u) * 4u;
		for (uint d = 0u; d < 4u; d++) {
			uint i = i0 + q * 4u + d;
			r[s * 4u + d] = e < BK / 4u * QM && i < ROWS && k0 + k < K_TO ? VA((i * A_ROW + k0 + k) / 4u) : nothing();
		}
	}
}

void keep_a(uint tid, uint to, vec4 r[4u * A_TURNS]) {
	for (uint s = 0u; s < A_TURNS; s++) {
		uint e = s * 256u + tid, q = e / (BK / 4u), k = e % (BK / 4u) * 4u;
		if (e < BK / 4u * QM) {
			mat4 t = transpose(mat4(r[s * 4u], r[s * 4u + 1u], r[s * 4u + 2u], r[s * 4u + 3u]));
			as[(to * BK + k) * AQ + q] = t[0];
			as[(to * BK + k + 1u) * AQ + q] = t[1];
			as[(to * BK + k + 2u) * AQ + q] = t[2];
			as[(to * BK + k + 3u) * AQ + q] = t[3];
		}
	}
}
#endif

#ifdef TRANS_B
void fetch_b(uint tid, uint j0, uint k0, out vec4 r[4u * B_TURNS]) {
	for (uint s = 0u; s < B_TURNS; s++) {
		uint e = s * 256u + tid, q = e / (BK / 4u), k = e % (BK / 4u) * 4u;
		for (uint d = 0u; d < 4u; d++) {
			uint j = j0 + q * 4u + d;
			r[s * 4u + d] = e < BK / 4u * QN && j < COLS && k0 + k < K_TO ? VB((j * B_ROW + k0 + k) / 4u) : vec4(0.0);
		}
	}
}

void keep_b(uint tid, uint to, vec4 r[4u * B_TURNS]) {
	for (uint s = 0u; s < B_TURNS; s++) {
		uint e = s * 256u + tid, q = e / (BK / 4u), k = e % (BK / 4u) * 4u;
		if (e < BK / 4u * QN) {
			mat4 t = transpose(mat4(r[s * 4u], r[s * 4u + 1u], r[s * 4u + 2u], r[s * 4u + 3u]));
			bs[(to * BK + k) * BQ + q] = t[0];
			bs[(to * BK + k + 1u) * BQ + q] = t[1];
			bs[(to * BK + k + 2u) * BQ + q] = t[2];
			bs[(to * BK + k + 3u) * BQ + q] = t[3];
		}
	}
}
#else
void fetch_b(uint tid, uint j0, uint k0, out vec4 r[B_TURNS]) {
	for (uint s = 0u; s < B_TURNS; s++) {
		uint e = s * 256u + tid, k = e / QN, q = e % QN;
		r[s] = e < BK * QN && j0 + q * 4u < COLS && k0 + k < K_TO ? VB(((k0 + k) * B_ROW + j0) / 4u + q) : vec4(0.0);
	}
}

void keep_b(uint tid, uint to, vec4 r[B_TURNS]) {
	for (uint s = 0u; s < B_TURNS; s++) {
		uint e = s * 256u + tid, k = e / QN, q = e % QN;
		if (e < BK * QN)
			bs[(to * BK + k) * BQ + q] = r[s];
	}
}
#endif

#ifdef TRANS_A
#define A_HELD A_TURNS
#else
#define A_HELD (4u * A_TURNS)
#endif
#ifdef TRANS_B
#define B_HELD (4u * B_TURNS)
#else
#define B_HELD B_TURNS
#endif

// tile_at is the place of the group's tile: neighbours in time share rows of A and, SWIZZLE tiles high, columns of B.
uvec2 tile_at(uint group) {
	uint strip = group / (SWIZZLE * TILES_N), in_strip = group % (SWIZZLE * TILES_N);
	uint high = min(SWIZZLE, TILES_M - strip * SWIZZLE);
	return uvec2(strip * SWIZZLE + in_strip % high, in_strip / high);
}

void run() {
	uint tid = gl_LocalInvocationIndex;
	if (GROUP < TILES_M * TILES_N) {
		uvec2 tile = tile_at(GROUP);
		uint i0 = tile.x * BM, j0 = tile.y * BN;
		uint ty = tid / (BN / TN), tx = tid % (BN / TN);
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
		vec4 ra[A_HELD], rb[B_HELD];
		fetch_a(tid, i0, K_FROM, ra);
		fetch_b(tid, j0, K_FROM, rb);
		keep_a(tid, 0u, ra);
		keep_b(tid, 0u, rb);
		barrier();
		uint now = 0u;
		for (uint k0 = K_FROM; k0 < K_TO; k0 += BK) {
			bool more = k0 + BK < K_TO;
			if (more) {
				fetch_a(tid, i0, k0 + BK, ra);
				fetch_b(tid, j0, k0 + BK, rb);
			}
			VEC_STEPS
			if (more) {
				keep_a(tid, 1u - now, ra);
				keep_b(tid, 1u - now, rb);
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
