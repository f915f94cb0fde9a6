package gemm

import "unsafe"

// Work is what one goroutine needs to multiply: memory for what it packs, and the strip of B that it is at.
type Work struct {
	strip, tiles []float32
	edge         []float32 // a tile of C, for kernels that cannot cut a panel off
	b            []float32
	bRow, bNext  int
	cols, depth  int
	panels, rest int // whole ones, and the columns behind them
	at           int // of K
}

// Reserve makes the memory that a plan wants.
func (w *Work) Reserve(p *Plan) {
	if n := pieces(p.wide, p.cols)*p.panelRoom(p.Depth) + 8; p.packB && len(w.strip) < n {
		w.strip = make([]float32, n)
	}
	if n := pieces(p.Group, p.rows) * p.tileRoom(p.Depth); p.packA && len(w.tiles) < n {
		w.tiles = make([]float32, n)
	}
	if n := p.rows * p.cols; !p.cuts() && len(w.edge) < n {
		w.edge = make([]float32, n)
	}
}

// Strip goes to the columns j0 up to j1 of B and to the depth l0 up to l1.
func (p *Plan) Strip(w *Work, b []float32, j0, j1, l0, l1 int) {
	w.cols, w.depth, w.at = j1-j0, l1-l0, l0
	w.panels, w.rest = w.cols/p.cols, w.cols%p.cols
	switch {
	case p.TransB:
		w.b, w.bRow, w.bNext = w.strip, 4*p.cols, 4*p.panelRoom(w.depth)
		p.transposeStrip(w, b[j0*p.LdB+l0:])
	case p.packB:
		w.b, w.bRow, w.bNext = w.strip, 4*p.cols, 4*p.panelRoom(w.depth)
		p.copyStrip(w, b[l0*p.LdB+j0:])
	default:
		w.b, w.bRow, w.bNext = b[l0*p.LdB+j0:], 4*p.LdB, 4*p.cols
		_ = w.b[(w.depth-1)*p.LdB+w.cols-1]
	}
}

// Rows multiplies rows i0 up to i1 of A, Group at most, by the strip. c are their results, from the strip's first column
// on, with rows ld apart; load says whether what is there counts.
func (p *Plan) Rows(w *Work, a, c []float32, ld, i0, i1 int, load bool) {
	c0 := p.mode(load)
	if p.packA {
		p.packTiles(w, a, i0, i1)
	}
	for i, tile := i0, 0; i < i1; tile++ {
		n := p.tileRows(i1 - i)
		from, aRow, aCol := p.rowsOf(w, a, i, n, tile)
		p.row(w, from, aRow, aCol, c[(i-i0)*ld:], ld, n, c0)
		i += n
	}
}

// mode is what becomes of C, which counts or does not.
func (p *Plan) mode(load bool) int {
	switch {
	case load && p.TransA:
		return chain
	case load:
		return add
	}
	return ignore
}

// tileRows is how many of n rows make the next tile: two small tiles are faster than a whole one and a smaller one.
func (p *Plan) tileRows(n int) int {
	if n > p.rows && n < 2*p.rows {
		return (n + 1) / 2
	}
	return min(n, p.rows)
}

// row does a tile's rows.
func (p *Plan) row(w *Work, a *float32, aRow, aCol int, c []float32, ld, n, load int) {
	_ = c[(n-1)*ld+w.cols-1]
	done := 0
	if groups := w.panels / widePanels; groups > 0 && p.goesWide(n) {
		p.inner[wide][0](a, &w.b[0], &c[0], aRow, aCol, w.bRow, 0, widePanels*w.bNext, 4*widePanels*p.cols, w.depth, groups, 0, load)
		done = groups * widePanels
	}
	if panels := w.panels - done; panels > 0 {
		p.inner[whole][n-1](a, w.panel(done), &c[done*p.cols], aRow, aCol, w.bRow, 4*ld, w.bNext, 4*p.cols, w.depth, panels, p.cols, load)
	}
	if w.rest > 0 {
		p.lastPanel(w, a, aRow, aCol, c[w.panels*p.cols:], ld, n, load)
	}
}

// goesWide reports whether n rows of A meet widePanels panels at once.
func (p *Plan) goesWide(n int) bool { return n == 1 && !p.packB && len(p.inner[wide]) > 0 }

// cutOff is the width of a panel of which only so many columns exist.
func (p *Plan) cutOff(cols int) int {
	if cols <= p.cols/2 {
		return narrow
	}
	return part
}

// panel is where panel i of the strip begins.
func (w *Work) panel(i int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(&w.b[0]), i*w.bNext))
}

// lastPanel does a tile whose panel is cut off.
func (p *Plan) lastPanel(w *Work, a *float32, aRow, aCol int, c []float32, ld, n, load int) {
	b, cols := w.panel(w.panels), w.rest
	switch {
	case !p.cuts(): // a whole one, beside C
		for i := 0; i < n && load != 0; i++ {
			copy(w.edge[i*p.cols:][:cols], c[i*ld:])
		}
		p.inner[whole][n-1](a, b, &w.edge[0], aRow, aCol, w.bRow, 4*p.cols, 0, 0, w.depth, 1, p.cols, load)
		for i := range n {
			copy(c[i*ld:][:cols], w.edge[i*p.cols:])
		}
	default:
		p.inner[p.cutOff(cols)][n-1](a, b, &c[0], aRow, aCol, w.bRow, 4*ld, 0, 0, w.depth, 1, cols, load)
	}
}

// rowsOf is where n rows of A lie from row i on, at the strip's depth.
func (p *Plan) rowsOf(w *Work, a []float32, i, n, tile int) (from *float32, aRow, aCol int) {
	switch {
	case p.packA && p.TransA:
		return &w.tiles[tile*p.tileRoom(w.depth)], 4, 4 * n
	case p.packA:
		return &w.tiles[tile*p.tileRoom(w.depth)], 4 * rowRoom(w.depth), 4
	}
	first, last := p.place(i, w.at), p.place(i+n-1, w.at+w.depth-1)
	_ = a[last]
	return &a[first], 4 * p.place(1, 0), 4 * p.place(0, 1)
}

// place is where A's element of row i of the product and depth l lies.
func (p *Plan) place(i, l int) int {
	if p.TransA {
		return l*p.LdA + i
	}
	return i*p.LdA + l
}
