// An element is a number of an epoch's order.

void element(uint i, uint j) {
	uvec4 key = uvec4(KEY(0u, 0u), KEY(0u, 1u), KEY(0u, 2u), KEY(0u, 3u));
	uint n = i * WIDTH + j, p = key.w + n;
	DST(i, j) = p >= n && p < N ? permuted(key, RIGHT_BITS, (1u << LEFT_BITS) - 1u, (1u << RIGHT_BITS) - 1u, N, p) : 0xffffffffu;
}

void run() { elements(); }
