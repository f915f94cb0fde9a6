package gemm

// A Small is a product of one strip and one group of rows, with its kernels' arguments found beforehand: to find them takes
// longer than a tiny product does.
type Small struct {
	plan    *Plan
	tiles   []tileCall
	a, b, c int // the last elements that are touched; b of a B that lies where it is
}

// A tileCall is a call of a kernel; where a, b and c begin is counted in elements.
type tileCall struct {
	kernel                                                inner
	a, b, c                                               int
	aRow, aCol, bRow, cRow, bNext, cNext, k, panels, cols int
}

// Small has p done in one go for results whose rows lie ld apart. It is nil for products that are too large for that.
func (p *Plan) Small(ld int) *Small {
	if p.parts != 1 || p.K < 1 || p.K > p.Depth || p.M < 1 || p.M > p.Group || p.N < 1 || p.packA || !p.cuts() {
		return nil
	}
	s := &Small{plan: p, a: p.place(p.M-1, p.K-1), b: (p.K-1)*p.LdB + p.N - 1, c: (p.M-1)*ld + p.N - 1}
	for i := 0; i < p.M; {
		n := p.tileRows(p.M - i)
		s.rows(i, n, ld)
		i += n
	}
	return s
}

// rows adds the calls for n rows from row i on.
func (s *Small) rows(i, n, ld int) {
	p := s.plan
	t := tileCall{a: p.place(i, 0), aRow: 4 * p.place(1, 0), aCol: 4 * p.place(0, 1), c: i * ld, cRow: 4 * ld, bRow: 4 * p.LdB, k: p.K}
	step := p.cols // from panel to panel of B
	if p.packB {
		t.bRow, step = 4*p.cols, p.panelRoom(p.K)
	}
	call := func(kernel inner, panels, each, cols int) {
		if panels == 0 {
			return
		}
		u := t
		u.kernel, u.panels, u.cols, u.bNext, u.cNext = kernel, panels, cols, 4*each*step, 4*each*p.cols
		s.tiles = append(s.tiles, u)
		t.b += panels * each * step
		t.c += panels * each * p.cols
	}
	panels, rest := p.N/p.cols, p.N%p.cols
	if p.goesWide(n) {
		call(p.inner[wide][0], panels/widePanels, widePanels, 0)
		panels %= widePanels
	}
	call(p.inner[whole][n-1], panels, 1, p.cols)
	if rest > 0 {
		call(p.inner[p.cutOff(rest)][n-1], 1, 1, rest)
	}
}

// Run multiplies; load says whether what is in c counts. w is for B where it has to be packed.
func (s *Small) Run(w *Work, a, b, c []float32, load bool) {
	p := s.plan
	if p.packB {
		p.Strip(w, b, 0, p.N, 0, p.K)
		b = w.strip
	} else {
		_ = b[s.b]
	}
	_, _ = a[s.a], c[s.c]
	mode := p.mode(load)
	for i := range s.tiles {
		t := &s.tiles[i]
		t.kernel(&a[t.a], &b[t.b], &c[t.c], t.aRow, t.aCol, t.bRow, t.cRow, t.bNext, t.cNext, t.k, t.panels, t.cols, mode)
	}
}
