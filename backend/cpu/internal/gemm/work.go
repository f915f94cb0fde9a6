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
	if n := roundUp(p.wide, p.cols)*p.Depth + 8; p.packB && len(w.strip) < n {
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
	if !p.packB {
		w.b, w.bRow, w.bNext = b[l0*p.LdB+j0:], 4*p.LdB, 4*p.cols
		_ = w.b[(w.depth-1)*p.LdB+w.cols-1]
		return
	}
	w.b, w.bRow, w.bNext = w.strip, 4*p.cols, 4*p.cols*w.depth
	if p.TransB {
		for j := 0; j < w.cols; j += p.cols {
			p.transposePanel(w.strip[j*w.depth:], b[(j0+j)*p.LdB+l0:], min(p.cols, w.cols-j), w.depth)
		}
		return
	}
	b = b[l0*p.LdB+j0:]
	panels := w.panels
	if panels > 0 {
		_, _ = b[(w.depth-1)*p.LdB+panels*p.cols-1], w.strip[panels*p.cols*w.depth-1]
		for j := 0; j < p.cols; j += p.piece {
			p.copyPanels(&w.strip[j], &b[j], w.bRow, 4*p.LdB, w.bNext, 4*p.cols, p.piece, panels, w.depth)
		}
	}
	if j := panels * p.cols; j < w.cols {
		p.copyColumns(w.strip[j*w.depth:], p.cols, 0, b[j:], p.LdB, w.cols-j, 1, w.depth)
	}
}

// transposePanel has column r of a panel be row r of src.
func (p *Plan) transposePanel(to, src []float32, n, depth int) {
	r := 0
	for ; r+8 <= n; r += 8 {
		from := src[r*p.LdB:]
		_, _ = from[7*p.LdB+depth-1], to[(depth-1)*p.cols+r+7]
		p.transpose(&to[r], &from[0], 4*p.cols, 4*p.LdB, depth)
	}
	for ; r < n; r++ {
		for l, x := range src[r*p.LdB:][:depth] {
			to[l*p.cols+r] = x
		}
	}
}

// copyColumns copies n columns for each of some panels, from depth rows, eight columns at a time from right to left: what
// a copy writes beyond its columns is put right by the next one. Panels have rows of ld and lie next apart, which leaves
// room behind the last row.
func (p *Plan) copyColumns(to []float32, ld, next int, src []float32, lds, n, panels, depth int) {
	for j := (n - 1) &^ 7; j >= 0; j -= 8 {
		cols := min(8, n-j)
		_, _ = src[(depth-1)*lds+(panels-1)*n+j+cols-1], to[(panels-1)*next+(depth-1)*ld+j+7]
		p.copyTiles(&to[j], &src[j], 4*ld, 4*lds, 4*next, 4*n, cols, panels, depth)
	}
}

// Rows multiplies rows i0 up to i1 of A, Group at most, by the strip. c are their results, from the strip's first column
// on, with rows ld apart; load says whether the chains start from what is there.
func (p *Plan) Rows(w *Work, a, c []float32, ld, i0, i1 int, load bool) {
	starts := 0
	if load {
		starts = 1
	}
	if p.packA {
		p.packTiles(w, a, i0, i1)
	}
	for i, tile := i0, 0; i < i1; tile++ {
		n := p.tileRows(i1 - i)
		from, aRow, aCol := p.rowsOf(w, a, i, n, tile)
		p.row(w, from, aRow, aCol, c[(i-i0)*ld:], ld, n, starts)
		i += n
	}
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
	if groups := w.panels / widePanels; n == 1 && groups > 0 && !p.packB && len(p.inner[wide]) > 0 {
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
	case cols <= p.cols/2:
		p.inner[narrow][n-1](a, b, &c[0], aRow, aCol, w.bRow, 4*ld, 0, 0, w.depth, 1, cols, load)
	default:
		p.inner[part][n-1](a, b, &c[0], aRow, aCol, w.bRow, 4*ld, 0, 0, w.depth, 1, cols, load)
	}
}

// rowsOf is where n rows of A lie from row i on, at the strip's depth.
func (p *Plan) rowsOf(w *Work, a []float32, i, n, tile int) (from *float32, aRow, aCol int) {
	switch {
	case p.packA:
		return &w.tiles[tile*p.tileRoom(w.depth)], 4, 4 * n
	case p.TransA:
		a = a[w.at*p.LdA+i:]
		_ = a[(w.depth-1)*p.LdA+n-1]
		return &a[0], 4, 4 * p.LdA
	}
	a = a[i*p.LdA+w.at:]
	_ = a[(n-1)*p.LdA+w.depth-1]
	return &a[0], 4 * p.LdA, 4
}

// tileRoom is what a packed tile takes, and what copyColumns writes behind it.
func (p *Plan) tileRoom(depth int) int { return p.rows*depth + 8 }

// packTiles lays the columns of a transposed A out as tiles, whole ones together.
func (p *Plan) packTiles(w *Work, a []float32, i0, i1 int) {
	for i, tile := i0, 0; i < i1; {
		n, tiles := p.tileRows(i1-i), 1
		if n == p.rows {
			tiles = max(1, (i1-i)/p.rows-1)
		}
		p.copyColumns(w.tiles[tile*p.tileRoom(w.depth):], n, p.tileRoom(w.depth), a[w.at*p.LdA+i:], p.LdA, n, tiles, w.depth)
		i, tile = i+n*tiles, tile+tiles
	}
}
