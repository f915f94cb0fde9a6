package gemm

// A Shape is what is known of a product before its operands are: C is M×N, and A M×K, or K×M where it is transposed.
type Shape struct {
	M, N, K        int
	TransA, TransB bool
	LdA, LdB       int // distances of rows
}

// A Plan is how products of one shape are done.
type Plan struct {
	Shape
	*set
	Depth        int // the most of K at a time
	Group        int // rows of C that are computed together, and stay in the second-level cache
	packA, packB bool
	tall, wide   int // rows and columns of a part
	strips       int
	parts        int
}

// New plans for a number of workers: how the product is divided depends on it, the result does not.
func New(s Shape, workers int) *Plan {
	p := &Plan{Shape: s, set: choose()}
	p.Depth = p.depth()
	p.divide(workers)
	p.packB = p.mustPack() || p.tall >= packRows && p.LdB > packApart
	p.packA = p.farRows() && p.Depth >= packDepth && p.wide >= packPanels*p.cols
	p.Group = groupTiles * p.rows
	if p.packA && !p.TransA {
		p.Group = p.rows
	}
	return p
}

const (
	// packRows of A make it worth while to pack a strip of B that they go over, if its rows lie more than packApart apart: a
	// strip of shorter ones is in few pages, and is in the second-level cache after the first tile.
	packRows, packApart = 96, 256
	// packDepth and packPanels are the depth and the width from which on a tile of A pays for being packed.
	packDepth, packPanels = 128, 4
	// groupTiles are done together, and packed where A is transposed, so that most of a line of the cache is used at once.
	groupTiles = 8
)

// page is how far apart, in numbers, addresses fall on the same lines of a first-level cache.
const page = 1024

// farRows reports whether the rows of A are in each other's way in the first-level cache: those of a tile if they lie about
// whole pages apart, within a few lines, or those along K, which are many, if each is in a page of its own.
func (p *Plan) farRows() bool {
	if p.TransA {
		return p.LdA >= page
	}
	beside := p.LdA % page
	return min(beside, page-beside) <= line
}

// maxDepth is the deepest block. A tile's rows of A of that length take a third of a first-level cache, beside what streams
// through it.
const maxDepth = 256

// depth cuts K into blocks that are alike, and whole squares of a transpose. It depends on the shape alone: so do the bits.
func (p *Plan) depth() int {
	return max(1, roundUp(pieces(p.K, max(1, pieces(p.K, maxDepth))), 8))
}

// divide lets a strip of B take its share of the cache, and cuts the result into parts for the workers: rows as long as
// enough of them share a packed strip, or any where A is transposed; columns from there on, and then rows again.
func (p *Plan) divide(workers int) {
	panels, tiles := max(1, pieces(p.N, p.cols)), max(1, pieces(p.M, p.rows))
	strips, rows := pieces(panels, max(1, p.strip/4/p.Depth/p.cols)), 1
	if want := workers * p.grains(workers); workers > 1 {
		rows = max(1, p.M/tallEnough)
		if p.TransA {
			rows = tiles
		}
		rows = min(rows, max(workers, pieces(want, strips)))
		strips = min(panels, max(strips, pieces(want, rows)))
		rows = min(tiles, max(rows, pieces(want, strips)))
	}
	p.strips, p.parts = strips, strips*rows
	p.wide = pieces(panels, strips) * p.cols
	p.tall = pieces(tiles, rows) * p.rows
}

// tallEnough is how many rows of A pay for packing a strip of B once more. Workers whose columns are neighbours in the rows of C
// cost each other more.
const tallEnough = 320

// mustPack reports whether B cannot be read where it lies: across its rows, or beyond their ends.
func (p *Plan) mustPack() bool { return p.TransB || !p.cuts() && p.N%p.cols != 0 }

// grains is how many parts each worker should find. In a long product one that is interrupted leaves the rest to the others,
// in a short one a worker that comes late. Between them neither counts, and parts cost packing.
func (p *Plan) grains(workers int) int {
	switch work := float64(p.M) * float64(p.N) * float64(p.K) / float64(workers); {
	case work > 20e9:
		return 4
	case work > 1e9, work > 0.5e6 && work < 20e6:
		return 2
	}
	return 1
}

// Parts is the number of parts that the result is divided into.
func (p *Plan) Parts() int { return p.parts }

// Part is part c: rows i0 up to i1, columns j0 up to j1.
func (p *Plan) Part(c int) (i0, i1, j0, j1 int) {
	if p.parts == 1 { // where a division would take longer than a tiny product's row
		return 0, p.M, 0, p.N
	}
	i0, i1 = share(p.M, p.rows, p.parts/p.strips, c/p.strips)
	j0, j1 = share(p.N, p.cols, p.strips, c%p.strips)
	return
}

// share is share i of n, of which there are some as alike as whole sizes allow.
func share(n, size, shares, i int) (from, to int) {
	all := pieces(n, size)
	return min(n, i*all/shares*size), min(n, (i+1)*all/shares*size)
}

// pieces is how many times size goes into n, the last time perhaps in part.
func pieces(n, size int) int { return (n + size - 1) / size }

func roundUp(n, to int) int { return pieces(n, to) * to }
