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
	p.packB = p.tall >= packRows || p.mustPack()
	p.packA = s.TransA && p.Depth >= packDepth && p.wide > p.cols
	p.Group = groupTiles * p.rows
	return p
}

const (
	// packRows of A make it worth while to pack a strip of B that they go over.
	packRows = 96
	// packDepth is the depth from which on rows of a transposed A, each in a line of the cache that holds much else, are packed.
	packDepth = 128
	// groupTiles are packed together where A is transposed, so that most of a line of the cache is used at once.
	groupTiles = 8
)

// maxDepth is the deepest block. A tile's rows of A of that length take a third of a first-level cache, beside what streams
// through it.
const maxDepth = 256

// depth cuts K into blocks that are alike, and whole squares of a transpose. It depends on the shape alone: so do the bits.
func (p *Plan) depth() int {
	return max(1, roundUp(pieces(p.K, max(1, pieces(p.K, maxDepth))), 8))
}

// divide lets a strip of B take its share of the cache, and cuts the result into parts for the workers: rows as long as
// enough of them share a packed strip, columns from there on, and rows first where A is packed for each strip.
func (p *Plan) divide(workers int) {
	panels, tiles := max(1, pieces(p.N, p.cols)), max(1, pieces(p.M, p.rows))
	strips, rows := pieces(panels, max(1, p.strip/4/p.Depth/p.cols)), 1
	if want := workers * p.grains(workers); workers > 1 && strips < want {
		rows = max(1, p.M/tallEnough)
		if p.TransA {
			rows = tiles
		}
		rows = min(rows, pieces(want, strips))
		strips = min(panels, max(strips, pieces(want, rows)))
		rows = min(tiles, max(rows, pieces(want, strips)))
	}
	p.wide = pieces(panels, strips) * p.cols
	p.strips = pieces(p.N, p.wide)
	p.tall = pieces(tiles, rows) * p.rows
	p.parts = p.strips * pieces(p.M, p.tall)
}

// tallEnough is how many rows of A pay for packing a strip of B once more.
const tallEnough = 512

// mustPack reports whether B cannot be read where it lies: across its rows, or beyond their ends.
func (p *Plan) mustPack() bool { return p.TransB || !p.cuts() && p.N%p.cols != 0 }

// grains is how many parts each worker should find: one that is interrupted leaves the rest to the others.
func (p *Plan) grains(workers int) int {
	switch work := float64(p.M) * float64(p.N) * float64(p.K) / float64(workers); {
	case work > 400e6:
		return 8
	case work > 20e6:
		return 4
	case work > 0.5e6:
		return 2
	}
	return 1
}

// Parts is the number of parts that the result is divided into.
func (p *Plan) Parts() int { return p.parts }

// Part is part c: rows i0 up to i1, columns j0 up to j1.
func (p *Plan) Part(c int) (i0, i1, j0, j1 int) {
	i0, j0 = c/p.strips*p.tall, c%p.strips*p.wide
	return i0, min(i0+p.tall, p.M), j0, min(j0+p.wide, p.N)
}

// pieces is how many times size goes into n, the last time perhaps in part.
func pieces(n, size int) int { return (n + size - 1) / size }

func roundUp(n, to int) int { return pieces(n, to) * to }
