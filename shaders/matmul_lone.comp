// A product by one invocation, fragment by fragment of 4×4: eight numbers from memory do for sixteen multiply-adds. The same chain for
// each element, to the same bits. Beyond the last row and column the last is computed again, and not put.

void put_there(float v, uint i, uint j) {
	if (j < COLS)
		put(v, i, j);
}

void run() {
	for (uint i = ROW0; i < ROWS; i += 4u)
		for (uint j = COL0; j < COLS; j += 4u) {
			uvec4 r = min(uvec4(i, i + 1u, i + 2u, i + 3u), ROWS - 1u), s = min(uvec4(j, j + 1u, j + 2u, j + 3u), COLS - 1u);
			precise vec4 c0 = vec4(0.0), c1 = c0, c2 = c0, c3 = c0;
#ifdef BETA
			c0 = BETA * vec4(DST(r.x, s.x), DST(r.x, s.y), DST(r.x, s.z), DST(r.x, s.w));
			c1 = BETA * vec4(DST(r.y, s.x), DST(r.y, s.y), DST(r.y, s.z), DST(r.y, s.w));
			c2 = BETA * vec4(DST(r.z, s.x), DST(r.z, s.y), DST(r.z, s.z), DST(r.z, s.w));
			c3 = BETA * vec4(DST(r.w, s.x), DST(r.w, s.y), DST(r.w, s.z), DST(r.w, s.w));
#endif
			for (uint k = K_FROM; k < K_TO; k++) {
				vec4 b = vec4(B(k, s.x), B(k, s.y), B(k, s.z), B(k, s.w));
				c0 = fma(vec4(A(r.x, k)), b, c0);
				c1 = fma(vec4(A(r.y, k)), b, c1);
				c2 = fma(vec4(A(r.z, k)), b, c2);
				c3 = fma(vec4(A(r.w, k)), b, c3);
			}
			for (uint p = i; p < min(i + 4u, ROWS); p++) {
				put_there(c0.x, p, j);
				put_there(c0.y, p, j + 1u);
				put_there(c0.z, p, j + 2u);
				put_there(c0.w, p, j + 3u);
				c0 = c1;
				c1 = c2;
				c2 = c3;
			}
		}
}
