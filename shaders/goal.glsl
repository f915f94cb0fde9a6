// goal is q·c of class j.
float goal(uint i, uint j, uint label) {
#ifdef LABEL
	float q = j == label ? 1.0 : 0.0;
#ifdef SMOOTH
	q = fma(q, 1.0 - SMOOTH, SMOOTH / float(COLS));
#endif
#else
	float q = TARGET(i, j);
#endif
#ifdef CLASS
	q *= CLASS(0u, j);
#endif
	return q;
}
