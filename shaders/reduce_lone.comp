// A reduction by one invocation, which is each of reduce.comp's lanes in turn, as far as they have anything, BUSY: the same order of the
// sum, to the same bits.

void run() {
	for (uint o = 0u; o < OUTPUTS; o++) {
		for (uint lane = 0u; lane < BUSY; lane++) {
			start0();
#if RESULTS > 1
			start1();
#endif
			for (uint p = lane; p < LENGTH; p += LANES) {
#if AXIS == 1
				uvec2 at = uvec2(p, o);
#elif AXIS == 2
				uvec2 at = uvec2(o, p);
#else
				uvec2 at = uvec2(p / COLS, p % COLS);
#endif
				take0(chain_map0(0.0, at.x, at.y), p);
#if RESULTS > 1
				take1(chain_map1(0.0, at.x, at.y), p);
#endif
			}
			spill0(lane);
#if RESULTS > 1
			spill1(lane);
#endif
		}
		for (uint s = BUSY / 2u; s > 0u; s >>= 1)
			for (uint lane = 0u; lane < s; lane++) {
				merge0(lane, lane + s);
#if RESULTS > 1
				merge1(lane, lane + s);
#endif
			}
		uvec2 at = AXIS == 0 ? uvec2(0u) : (AXIS == 1 ? uvec2(0u, o) : uvec2(o, 0u));
		finish0(0u, at.x, at.y);
#if RESULTS > 1
		finish1(0u, at.x, at.y);
#endif
	}
}
