// The end of xent.comp in a launch of its own, for calls whose operands leave it no block to pass anything between work
// groups: the groups' sums, which it has left in the scratch, are added in the same order, to the same bits.
#define sv(i) FLOATS[i]
#define si(i) INTS[i]

void run() {
	uint tid = gl_LocalInvocationIndex;
	uint parts = COUNTERS + MODEL * GROUPS * 2u;
	float loss = 0.0;
	uint correct = 0u;
	for (uint g = tid; g < GROUPS; g += 256u) {
		loss += uintBitsToFloat(SCRATCH(parts + g * 2u));
		correct += SCRATCH(parts + 1u + g * 2u);
	}
	sv(tid) = loss;
	si(tid) = correct;
	barrier();
	for (uint s = 128u; s > 0u; s >>= 1) {
		if (tid < s) {
			sv(tid) += sv(tid + s);
			si(tid) += si(tid + s);
		}
		barrier();
	}
	if (tid == 0u) {
#ifdef LOSS
		LOSS(0u, 0u) = chain_then(sv(0), 0u, 0u);
#endif
#ifdef CORRECT
		CORRECT(0u, 0u) = float(si(0));
#endif
	}
}
