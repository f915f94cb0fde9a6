// An element is the sum of BAG rows of the table, in order. Indices past the table's
// end count for nothing. A launch may see a part of the table only, TABLE0 to TABLE_ROWS: with PARTED it writes the
// elements whose one index lies there, and those past the end where it has the REST.

void element(uint i, uint j) {
#ifdef PARTED
	uint only = INDEX(i, 0u);
#ifdef REST
	if (only < TABLE0)
		return;
#else
	if (only < TABLE0 || only >= TABLE_ROWS)
		return;
#endif
#endif
#ifdef INTEGERS
	uint r = INDEX(i, 0u);
	uint v = 0u;
	if (r >= TABLE0 && r < TABLE_ROWS)
		v = TABLE(r, j);
	DST(i, j) = v;
#else
#ifdef CONTINUES
	float v = DST(i, j);
#else
	float v = 0.0;
#endif
	for (uint l = BAG_LO; l < BAG_HI; l++) {
		uint r = INDEX(i, l);
		if (r >= TABLE0 && r < TABLE_ROWS)
			v += TABLE(r, j);
	}
	SET_DST(i, j, chain_then(v, i, j));
#endif
}

void run() { elements(); }
