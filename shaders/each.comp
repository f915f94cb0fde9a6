// An element is chain_do(0), and goes to DST where there is one.

void element(uint i, uint j) {
	float v = chain_do(0.0, i, j);
#ifdef DST
	SET_DST(i, j, v);
#endif
}

void run() { elements(); }
