// What becomes of an element of a product. With SPLIT a group has a part of k, PART: it leaves its sum in the scratch, and the last of
// a place's groups, by an integer counter, adds the parts up in their order: which one that is changes no bit.
#ifdef SPLIT
#define last INTS[0]
#define PARTS_AT (COUNTERS + MODEL * (PARTS * (ROWS - ROW0) * (COLS - COL0)))

void put(float v, uint i, uint j) {
	SCRATCH(PARTS_AT + (PART * (ROWS - ROW0) + i - ROW0) * (COLS - COL0) + j - COL0) = floatBitsToUint(v);
}

// arrive reports whether all parts are there.
bool arrive() {
	memoryBarrierBuffer();
	barrier();
	if (gl_LocalInvocationIndex == 0u) {
		uint at = MODEL * PLACES + GROUP;
		last = atomicAdd(SCRATCH(at), 1u) == PARTS - 1u ? 1u : 0u;
		if (last != 0u)
			SCRATCH(at) = 0u;
	}
	barrier();
	memoryBarrierBuffer();
	return last != 0u;
}

void add_up(uint i, uint j) {
#ifdef BETA
	precise float v = BETA * DST(i, j);
#else
	precise float v = 0.0;
#endif
	for (uint p = 0u; p < PARTS; p++)
		v += uintBitsToFloat(SCRATCH(PARTS_AT + (p * (ROWS - ROW0) + i - ROW0) * (COLS - COL0) + j - COL0));
	DST(i, j) = chain_then(v, i, j);
}

#define K_FROM (K_LO + PART * PART_K)
#define K_TO min(K_FROM + PART_K, K_HI)
#else
void put(float v, uint i, uint j) { SET_DST(i, j, chain_then(v, i, j)); }
#define K_FROM K_LO
#define K_TO K_HI
#endif
