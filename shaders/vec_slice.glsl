// How a slice of a factor of matmul_vec.comp comes in, as text that is repeated for each, %X. Of the slice an invocation takes, turn by
// turn, four rows of four where k is the fast axis in memory (FAST_%X), else one row of four. LONG_%X is how long the factor is
// across k, Q%X how many fours of the tile that are, REST_%X what stands beyond its end.
#ifdef FAST_%X
#define TURNS_%X ((BK / 4u * Q%X + 255u) / 256u)
#define HELD_%X (4u * TURNS_%X)
#else
#define TURNS_%X ((BK * Q%X + 255u) / 256u)
#define HELD_%X TURNS_%X
#endif

shared vec4 slice%X[2u * BK * (Q%X + 1u)];

// at%X is the place of k, and four numbers across it, in slice number `to`.
uint at%X(uint to, uint k, uint q) { return (to * BK + k) * (Q%X + 1u) + q; }

// fetch%X reads what is this invocation's of the slice from k0 on, of the tile from i0 on; keep%X puts it into slice `to`.
void fetch%X(uint tid, uint i0, uint k0, out vec4 r[HELD_%X]) {
	for (uint s = 0u; s < TURNS_%X; s++) {
		uint e = s * 256u + tid;
#ifdef FAST_%X
		uint q = e / (BK / 4u), k = e % (BK / 4u) * 4u;
		for (uint d = 0u; d < 4u; d++) {
			uint i = i0 + q * 4u + d;
			r[s * 4u + d] = e < BK / 4u * Q%X && i < LONG_%X && k0 + k < K_TO ? V%X((i * %X_ROW + k0 + k) / 4u) : vec4(REST_%X);
		}
#else
		uint k = e / Q%X, q = e % Q%X;
		r[s] = e < BK * Q%X && i0 + q * 4u < LONG_%X && k0 + k < K_TO ? V%X(((k0 + k) * %X_ROW + i0) / 4u + q) : vec4(REST_%X);
#endif
	}
}

void keep%X(uint tid, uint to, vec4 r[HELD_%X]) {
	for (uint s = 0u; s < TURNS_%X; s++) {
		uint e = s * 256u + tid;
#ifdef FAST_%X
		uint q = e / (BK / 4u), k = e % (BK / 4u) * 4u;
		if (e < BK / 4u * Q%X) {
			mat4 t = transpose(mat4(r[s * 4u], r[s * 4u + 1u], r[s * 4u + 2u], r[s * 4u + 3u]));
			slice%X[at%X(to, k, q)] = t[0];
			slice%X[at%X(to, k + 1u, q)] = t[1];
			slice%X[at%X(to, k + 2u, q)] = t[2];
			slice%X[at%X(to, k + 3u, q)] = t[3];
		}
#else
		uint k = e / Q%X, q = e % Q%X;
		if (e < BK * Q%X)
			slice%X[at%X(to, k, q)] = r[s];
#endif
	}
}
