// What one result (%R) of a reduction does, as text that is repeated for each. BY: 0 sum, 1 max, 2 argmax. A maximum
// starts with the first element even if that is NaN, and then stays there: `stuck`, only ever true in lane 0.
#define values%R(i) FLOATS[%Ru * 256u + (i)]
#define indices%R(i) INTS[%Ru * 256u + (i)]
float acc%R;
uint arg%R;
bool stuck%R;

void start%R() {
	acc%R = BY%R == 0 ? 0.0 : -infinity();
	arg%R = 0xffffffffu;
	stuck%R = false;
}

void take_at%R(float v, uint p, bool first) {
#if BY%R == 0
	acc%R += v;
#else
	if (is_nan(v)) {
		stuck%R = stuck%R || first;
		if (!first)
			v = -infinity();
	}
	if (stuck%R && !first)
		return;
	if (first || arg%R == 0xffffffffu || v > acc%R) {
		acc%R = v;
		arg%R = p;
	}
#endif
}

void take%R(float v, uint p) { take_at%R(v, p, p == 0u); }

void spill%R(uint tid) {
	values%R(tid) = acc%R;
#if BY%R != 0
	indices%R(tid) = arg%R;
#endif
}

void merge%R(uint tid, uint other) {
#if BY%R == 0
	values%R(tid) += values%R(other);
#else
	float v = values%R(other);
	uint p = indices%R(other);
	if (!stuck%R && (v > values%R(tid) || v == values%R(tid) && p < indices%R(tid))) {
		values%R(tid) = v;
		indices%R(tid) = p;
	}
#endif
}

#ifdef SCRATCH
void store%R(uint tid, uint at) {
	SCRATCH(at) = floatBitsToUint(values%R(tid));
#if BY%R != 0
	SCRATCH(at + 1u) = indices%R(tid);
#endif
}

// pause and resume are the lane's own.
void pause%R(uint at) {
	SCRATCH(at) = floatBitsToUint(acc%R);
	SCRATCH(at + 1u) = arg%R;
}

void resume%R(uint at, uint lane) {
	acc%R = uintBitsToFloat(SCRATCH(at));
	arg%R = SCRATCH(at + 1u);
	stuck%R = BY%R != 0 && lane == 0u && is_nan(acc%R);
}

// part folds a stored part in; that of an empty chunk has no index.
void part%R(uint at, bool first) {
	float v = uintBitsToFloat(SCRATCH(at));
#if BY%R == 0
	acc%R += v;
#else
	uint p = SCRATCH(at + 1u);
	if (p != 0xffffffffu)
		take_at%R(v, p, first);
#endif
}
#endif

void finish%R(uint tid, uint i, uint j) {
#if BY%R == 2
	DST%R(i, j) = indices%R(tid);
#else
	float v = values%R(tid);
#ifdef BETA%R
	v += BETA%R * DST%R(i, j);
#endif
	DST%R(i, j) = chain_then%R(v, i, j);
#endif
}
