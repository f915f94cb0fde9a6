package gemm

// copyStrip packs a strip of B: panel by panel, in each the strip's rows one after another.
func (p *Plan) copyStrip(w *Work, b []float32) {
	whole := w.panels * p.cols
	if whole > 0 {
		_, _ = b[(w.depth-1)*p.LdB+whole-1], w.strip[w.panels*p.panelRoom(w.depth)-1]
		p.copyPanels(&w.strip[0], &b[0], w.bRow, 4*p.LdB, w.bNext, 4*p.cols, p.cols, w.panels, w.depth)
	}
	if w.rest > 0 {
		p.copyColumns(w.strip[w.panels*p.panelRoom(w.depth):], p.cols, 0, b[whole:], p.LdB, w.rest, 1, w.depth)
	}
}

// line is how many numbers fill a line of the cache. One lies behind each packed panel, and each row of a packed tile: where
// their distance is a power of two they would be in each other's way there.
const line = 16

// panelRoom is what a packed panel takes.
func (p *Plan) panelRoom(depth int) int { return p.cols*depth + line }

// transposeStrip packs a strip of a transposed B, whose columns are rows of b.
func (p *Plan) transposeStrip(w *Work, b []float32) {
	for j := 0; j < w.cols; j += p.cols {
		p.transposePanel(w.strip[j/p.cols*p.panelRoom(w.depth):], b[j*p.LdB:], min(p.cols, w.cols-j), w.depth)
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

// packTiles lays rows of A out as tiles.
func (p *Plan) packTiles(w *Work, a []float32, i0, i1 int) {
	if p.TransA {
		p.packColumns(w, a, i0, i1)
		return
	}
	for i, tile := i0, 0; i < i1; tile++ {
		n := p.tileRows(i1 - i)
		to := w.tiles[tile*p.tileRoom(w.depth):]
		for r := range n {
			copy(to[r*rowRoom(w.depth):][:w.depth], a[(i+r)*p.LdA+w.at:])
		}
		i += n
	}
}

// packColumns does so with the columns of a transposed A, whole tiles together.
func (p *Plan) packColumns(w *Work, a []float32, i0, i1 int) {
	for i, tile := i0, 0; i < i1; {
		n, tiles := p.tileRows(i1-i), 1
		if n == p.rows {
			tiles = max(1, (i1-i)/p.rows-1)
		}
		p.copyColumns(w.tiles[tile*p.tileRoom(w.depth):], n, p.tileRoom(w.depth), a[w.at*p.LdA+i:], p.LdA, n, tiles, w.depth)
		i, tile = i+n*tiles, tile+tiles
	}
}

// rowRoom is what a row of a packed tile takes.
func rowRoom(depth int) int { return depth + line }

// tileRoom is what a packed tile takes, and what copyColumns writes behind it.
func (p *Plan) tileRoom(depth int) int { return p.rows*rowRoom(depth) + 8 }

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
