// The counter-based generator of package backend (philox.go), the same bits.

void philox_round(inout uvec2 key, inout uvec4 ctr) {
	uint hi0, lo0, hi1, lo1;
	umulExtended(0xD2511F53u, ctr.x, hi0, lo0);
	umulExtended(0xCD9E8D57u, ctr.z, hi1, lo1);
	ctr = uvec4(hi1 ^ ctr.y ^ key.x, lo1, hi0 ^ ctr.w ^ key.y, lo0);
	key += uvec2(0x9E3779B9u, 0xBB67AE85u);
}

// Ten rounds, written out: a loop in here would count against llvmpipe's limit for each element of the caller's loop.
uvec4 philox(uvec2 key, uvec4 ctr) {
	philox_round(key, ctr);
	philox_round(key, ctr);
	philox_round(key, ctr);
	philox_round(key, ctr);
	philox_round(key, ctr);
	philox_round(key, ctr);
	philox_round(key, ctr);
	philox_round(key, ctr);
	philox_round(key, ctr);
	philox_round(key, ctr);
	return ctr;
}

// random_word is backend.Bits: index is a 64-bit number, low word first.
uint random_word(uvec4 key, float stream, uvec2 index) {
	uvec4 ctr = uvec4((index.x >> 2) | (index.y << 30), index.y >> 2, key.z, key.w + uint(stream));
	uvec4 w = philox(key.xy, ctr);
	uint lane = index.x & 3u;
	return lane < 2u ? (lane == 0u ? w.x : w.y) : (lane == 2u ? w.z : w.w);
}

// unit maps a word to [0, 1).
float unit(uint word) { return float(word >> 8) * (1.0 / 16777216.0); }

uint order_hash(uint x) {
	x ^= x >> 16;
	x *= 0x7feb352du;
	x ^= x >> 15;
	x *= 0x846ca68bu;
	return x ^ (x >> 16);
}

// permuted is backend.Permuted: half is half the width of the numbers, n > i.
uint permuted(uvec4 key, uint half_bits, uint n, uint i) {
	uvec4 a = philox(key.xy, uvec4(0u, 0u, key.z, 0x70657231u)), b = philox(key.xy, uvec4(1u, 0u, key.z, 0x70657231u));
	uint mask = (1u << half_bits) - 1u;
	do {
		uint l = i >> half_bits, r = i & mask;
		l ^= order_hash(r + a.x) & mask;
		r ^= order_hash(l + a.y) & mask;
		l ^= order_hash(r + a.z) & mask;
		r ^= order_hash(l + a.w) & mask;
		l ^= order_hash(r + b.x) & mask;
		r ^= order_hash(l + b.y) & mask;
		i = (l << half_bits) | r;
	} while (i >= n);
	return i;
}
