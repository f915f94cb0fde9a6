// A reduction of LENGTH elements to each of OUTPUTS results (two at most for each, RESULTS). A work group of 256 has
// 256/LANES outputs, each folded by LANES invocations; long reductions are cut in SPLITS parts of CHUNK, a group each.
// The group that comes last, by an integer counter, folds the parts in their order: which one that is changes no bit.
// A launch has the groups from GROUP0 to GROUPS and of their splits those from SPLIT0 on; with STRETCH it folds some
// elements of one split, STRETCH0 to STRETCH, and goes on from, or leaves, what its lanes have.
#define OUTS (256u / LANES)

#define last INTS[RESULTS * 256]

// place is the element number p of output o.
uvec2 place(uint o, uint p) {
#if AXIS == 1
	return uvec2(p, o);
#elif AXIS == 2
	return uvec2(o, p);
#else
	uint i = p / COLS;
	return uvec2(i, p - i * COLS);
#endif
}

void tree(uint tid, uint lane, uint step_lanes) {
	spill0(tid);
#if RESULTS > 1
	spill1(tid);
#endif
	barrier();
	for (uint s = LANES / 2u; s > 0u; s >>= 1) {
		if (lane < s) {
			merge0(tid, tid + s * step_lanes);
#if RESULTS > 1
			merge1(tid, tid + s * step_lanes);
#endif
		}
		barrier();
	}
}

void run() {
	uint tid = gl_LocalInvocationIndex;
	// Neighbours in the group read neighbours in memory: columns are outputs when rows are folded.
#if AXIS == 1
	uint lane = tid / OUTS, slot = tid % OUTS, stride = OUTS;
#else
	uint lane = tid % LANES, slot = tid / LANES, stride = 1u;
#endif
	uint group = GROUP + GROUP0;
	uint o = group < GROUPS ? group * OUTS + slot : OUTPUTS;
#ifdef SCRATCH
	uint split = PART + SPLIT0;
#else
	uint split = PART;
#endif
	uint lo = split * CHUNK, hi = min(lo + CHUNK, LENGTH);
	uint from = lo + lane;
#ifdef STRETCH
	hi = min(hi, lo + STRETCH);
	from += STRETCH0 / LANES * LANES;
	from += from < lo + STRETCH0 ? LANES : 0u;
	uint kept = COUNTERS + LANES_AT + ((MODEL * ALL_GROUPS + group) * 256u + tid) * (2u * RESULTS);
#endif
#ifdef RESUMES
	resume0(kept, lane);
#if RESULTS > 1
	resume1(kept + 2u, lane);
#endif
#else
	start0();
#if RESULTS > 1
	start1();
#endif
#endif
	if (o < OUTPUTS)
		for (uint p = from; p < hi; p += LANES) {
			uvec2 at = place(o, p);
			take0(chain_map0(0.0, at.x, at.y), p);
#if RESULTS > 1
			take1(chain_map1(0.0, at.x, at.y), p);
#endif
		}
#ifdef PAUSES
	if (group < GROUPS) {
		pause0(kept);
#if RESULTS > 1
		pause1(kept + 2u);
#endif
	}
#else
	tree(tid, lane, stride);
	bool ends = lane == 0u && o < OUTPUTS;
#ifdef SCRATCH
	// Scratch: a counter for each group, then the parts of result 0 (value, index), then those of result 1. Counters lie
	// in a place of their own (COUNTERS words): every kernel leaves zeros there and anything elsewhere.
	uint parts = COUNTERS + MODEL * (OUTPUTS * SPLITS * 2u * RESULTS);
	uint part = parts + (o * SPLITS + split) * 2u;
	if (ends) {
		store0(tid, part);
#if RESULTS > 1
		store1(tid, part + OUTPUTS * SPLITS * 2u);
#endif
	}
	memoryBarrierBuffer();
	barrier();
	if (tid == 0u)
		last = group < GROUPS && atomicAdd(SCRATCH(MODEL * ALL_GROUPS + group), 1u) == SPLITS - 1u ? 1u : 0u;
	barrier();
	memoryBarrierBuffer();
	start0();
#if RESULTS > 1
	start1();
#endif
	if (last != 0u && o < OUTPUTS)
		for (uint p = lane; p < SPLITS; p += LANES) {
			uint at = parts + (o * SPLITS + p) * 2u;
			part0(at, p == 0u);
#if RESULTS > 1
			part1(at + OUTPUTS * SPLITS * 2u, p == 0u);
#endif
		}
	tree(tid, lane, stride);
	ends = ends && last != 0u;
	if (last != 0u && tid == 0u)
		SCRATCH(MODEL * ALL_GROUPS + group) = 0u;
#endif
	if (ends) {
		uvec2 at = AXIS == 0 ? uvec2(0u) : (AXIS == 1 ? uvec2(0u, o) : uvec2(o, 0u));
		finish0(tid, at.x, at.y);
#if RESULTS > 1
		finish1(tid, at.x, at.y);
#endif
	}
#endif
}
