// An element of the result looks at every index itself: for few indices, where the work groups of scatter.comp would stand idle. The
// order of the sum is the same.

void element(uint r, uint j) {
	float v = 0.0;
#ifdef BETA
	v = BETA * DST(r, j);
#endif
	for (uint item = ITEM_LO; item < ITEM_HI; item++) {
		uint i = item / BAG;
		if (INDEX(i, item - i * BAG) == r)
			v += SRC(i, j);
	}
	DST(r, j) = v;
}

void run() { elements(); }
