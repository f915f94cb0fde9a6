package cpu

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
)

// A product is a MatMul. gonum's Sgemm does it tile by tile: on a tile it starts no goroutines and allocates nothing.
//
// gonum's inner loop is a row of the result plus a multiple of a row of B where B is not transposed, and a dot product
// where it is. Both are as fast as the rows are long, so the shape decides which one is used, and an operand that lies
// the other way is transposed into the program's memory first.
type product struct {
	call      *backend.MatMul
	m, n, k   int
	dst, a, b operand
	ta, tb    bool // as gonum sees them
	lda, ldb  int
	packA     *packing // nil where the operand is used as it lies
	packB     *packing
	tile      [3]int // rows, columns, depth
	grid      [2]int
	then      *chain
	inPlace   bool
	work      float64
	aAt, bAt  []float32
}

// A packing is the transpose of an operand, made strip by strip.
type packing struct {
	from       *operand
	rows, cols int
	ld         int // distance of the transpose's rows
	to         []float32
	offset     int
}

// padded is a distance of rows that lie alike to 16 bytes: the order of gonum's additions depends on that.
func padded(n int) int { return (n + 3) &^ 3 }

// packRows of an operand make a chunk.
const packRows = 64

func (p *packing) chunk(_ *scratch, c int) {
	lo := c * packRows
	hi := min(lo+packRows, p.rows)
	f32.Transpose(p.to[lo:], p.ld, p.from.data[lo*p.from.stride:], p.from.stride, hi-lo, p.cols)
}

// newProduct is gonum's Sgemm on tiles.
func newProduct(c *backend.MatMul, x *exec) *product {
	p := placeProduct(c)
	x.room(p.shape())
	return p
}

// placeProduct compiles what does not depend on how gonum is called.
func placeProduct(c *backend.MatMul) *product {
	p := &product{
		call: c, m: c.Dst.Rows, n: c.Dst.Cols, k: c.A.Cols, ta: c.TransA, tb: c.TransB,
		dst: whole(&c.Dst), a: whole(&c.A), b: whole(&c.B),
		then:    compile(c.Then, c.Dst.Rows, c.Dst.Cols),
		inPlace: inPlace(&c.Dst, c.Then),
	}
	if c.TransA {
		p.k = c.A.Rows
	}
	p.then.flat = p.then.flat && p.dst.flat()
	p.work = float64(p.m) * float64(p.n) * (float64(p.k)*0.13 + p.then.cost)
	p.lda, p.ldb = leading(&p.a), leading(&p.b)
	return p
}

// leading is a row stride that gonum accepts: of a single row it may be anything.
func leading(o *operand) int { return max(o.stride, o.t.Cols, 1) }

// shape chooses the form and the tiles, and returns the memory for what has to be transposed.
func (p *product) shape() (room int) {
	dot := p.n < 48 && p.k >= 2*p.n
	if p.ta { // a gradient: its bits do not depend on how k is split
		dot = p.n < 48
	}
	if p.tb {
		dot = p.k >= 64 || p.k >= p.n
	}
	if dot && p.ta {
		ld := padded(p.k)
		p.packA, p.ta, p.lda = &packing{from: &p.a, rows: p.k, cols: p.m, ld: ld}, false, ld
		room += p.m * ld
	}
	if dot != p.tb {
		ld := padded(p.b.t.Rows)
		p.packB, p.ldb = &packing{from: &p.b, rows: p.b.t.Rows, cols: p.b.t.Cols, ld: ld, offset: room}, ld
		room += p.b.t.Cols * ld
	}
	p.tb = dot
	// The rows of B under a tile stay in the second-level cache, and with the second form the tile in the first.
	p.tile = [3]int{tileRows, tileCols, 64}
	if dot {
		p.tile = [3]int{tileRows, 64, 512}
		if p.call.TransA {
			p.tile[2] = partRows
		}
	}
	strips := max(pieces(p.n, p.tile[1]), 1)
	p.tile[1] = (pieces(p.n, strips) + 15) &^ 15
	const least = 32 << 10 // multiply-adds: some microseconds
	for p.tile[0] > 8 && pieces(p.m, p.tile[0])*strips < 8 && p.tile[0]*p.tile[1]*p.k >= 2*least {
		p.tile[0] /= 2
	}
	p.grid = [2]int{pieces(p.m, p.tile[0]), pieces(p.n, max(p.tile[1], 1))}
	return room
}

func (p *product) run(x *exec, at backend.At) {
	if p.m == 0 || p.n == 0 {
		return
	}
	p.place(at)
	p.aAt, p.bAt = p.transposed(x, p.packA, p.a.data), p.transposed(x, p.packB, p.b.data)
	x.share(p, p.grid[0]*p.grid[1], p.work)
}

func (p *product) place(at backend.At) {
	p.dst.place(at)
	p.a.place(at)
	p.b.place(at)
	p.then.place(at)
}

// transposed is where the operand lies once it has been packed, if it has to be.
func (p *product) transposed(x *exec, k *packing, data []float32) []float32 {
	if k == nil || p.k == 0 {
		return data
	}
	k.to = x.pack[k.offset:]
	x.share(k, pieces(k.rows, packRows), float64(k.rows*k.cols))
	return k.to
}

// chunk does a tile and sends it through the chain while it is in the cache.
func (p *product) chunk(s *scratch, c int) {
	i0, j0 := c/p.grid[1]*p.tile[0], c%p.grid[1]*p.tile[1]
	rows, cols := min(p.tile[0], p.m-i0), min(p.tile[1], p.n-j0)
	to, ld := p.dst.data[i0*p.dst.stride+j0:], leading(&p.dst)
	if !p.inPlace {
		to, ld = s.tile[:], cols
		if p.call.Beta != 0 {
			for i := range rows {
				copy(to[i*cols:][:cols], p.dst.data[(i0+i)*p.dst.stride+j0:])
			}
		}
	}
	p.multiply(to, ld, i0, j0, rows, cols)
	if cols == p.n { // rows follow each other
		p.finish(s, to, ld, i0*p.n, (i0+rows)*p.n)
		return
	}
	for i := range rows {
		lo := (i0+i)*p.n + j0
		p.finish(s, to[i*ld:], ld, lo, lo+cols)
	}
}

func (p *product) multiply(to []float32, ld, i0, j0, rows, cols int) {
	beta := p.call.Beta
	if p.k == 0 {
		for i := range rows {
			f32.Scale(to[i*ld:][:cols], beta)
		}
		return
	}
	ta, tb := blas.NoTrans, blas.NoTrans
	sa, sb, ka, kb := p.lda, 1, 1, p.ldb // steps of A and B along the result, and along k
	if p.ta {
		ta, sa, ka = blas.Trans, 1, p.lda
	}
	if p.tb {
		tb, sb, kb = blas.Trans, p.ldb, 1
	}
	for l := 0; l < p.k; l += p.tile[2] {
		depth := min(p.tile[2], p.k-l)
		a, b := p.aAt[i0*sa+l*ka:], p.bAt[j0*sb+l*kb:]
		gonum.Implementation{}.Sgemm(ta, tb, rows, cols, depth, 1, a, p.lda, b, p.ldb, beta, to, ld)
		beta = 1
	}
}

// finish sends the elements from number lo up to hi, which lie at v with rows ld apart, through the chain.
func (p *product) finish(s *scratch, v []float32, ld, lo, hi int) {
	if len(p.then.links) == 0 && p.inPlace {
		return
	}
	i0, j0 := lo/p.n, lo%p.n
	for lo < hi {
		n := p.then.step(lo, hi)
		i, j := lo/p.n, lo%p.n
		at := (i-i0)*ld + j - j0
		if ld != p.n { // rows apart: stay in the row
			n = min(n, p.n-j)
		}
		p.dst.put(p.then.run(s, v[at:at+n], lo, i, j), lo, i, j)
		lo += n
	}
}
