package cpu

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/f32"
	"github.com/gloss-ml/gloss/backend/cpu/internal/gemm"
)

// A product is a MatMul: parts of the result go through the chain while they are in the cache.
type product struct {
	call      *backend.MatMul
	m, n, k   int
	dst, a, b operand
	then      *chain
	inPlace   bool
	work      float64
	to        []float32 // the result, before the chain: dst's own memory where that may be
	ld        int       // distance of its rows
	plan      *gemm.Plan
	small     *gemm.Small // the plan of one for the caller alone, or nil
	packs     []gemm.Work // by worker
}

func placeProduct(c *backend.MatMul, x *exec) product {
	p := product{
		call: c, m: c.Dst.Rows, n: c.Dst.Cols, k: c.A.Cols,
		dst: whole(&c.Dst), a: whole(&c.A), b: whole(&c.B),
		then:    compile(c.Then, c.Dst.Rows, c.Dst.Cols),
		inPlace: inPlace(&c.Dst, c.Then),
	}
	if c.TransA {
		p.k = c.A.Rows
	}
	p.then.flat = p.then.flat && p.dst.flat()
	p.ld = max(p.dst.stride, p.n)
	if !p.inPlace {
		p.ld = p.n
		x.room(p.m * p.n)
	}
	return p
}

// newProduct plans for the workers. A small result of great depth is a sum of products, and so is one whose workers have each
// some rows of B at hand.
func newProduct(c *backend.MatMul, x *exec) stage {
	p := placeProduct(c, x)
	if p.k >= splitFrom && p.m*p.n > 0 && p.m*p.n <= splitSize {
		return newSplitProduct(&p, splitDepth, x)
	}
	p.prepare(p.k, x, x.d.workers)
	if p.rowsAtHand(x.d.workers) {
		return newSplitProduct(&p, p.plan.Depth, x)
	}
	if p.work < worthSharing {
		p.small = p.plan.Small(p.ld)
	}
	return &p
}

// rowsAtHand reports whether the depth is what workers should share: the operands are the rows of a batch that is small beside
// the weights, and the weights, which the optimizer has left in the caches of several cores, a part of their rows in each. To
// fetch columns of the others' rows takes longer than to multiply them.
func (p *product) rowsAtHand(workers int) bool {
	if workers < 2 || p.work < worthSharing || p.call.TransA || p.call.TransB {
		return false
	}
	parts := pieces(p.k, p.plan.Depth)
	return p.m*fewRows <= p.k && p.k*p.n <= workers*coreCache && (parts%workers == 0 || parts >= 4*workers)
}

// prepare plans for a depth of k.
func (p *product) prepare(k int, x *exec, workers int) {
	p.work = float64(p.m) * float64(p.n) * (float64(k)*gemm.Cost() + p.then.cost)
	if p.work < worthSharing {
		workers = 1
	}
	p.plan = gemm.New(gemm.Shape{M: p.m, N: p.n, K: k, TransA: p.call.TransA, TransB: p.call.TransB, LdA: p.a.stride, LdB: p.b.stride}, workers)
	x.reserve(p.plan)
}

func (p *product) run(x *exec, at backend.At) {
	if p.m == 0 || p.n == 0 {
		return
	}
	p.place(x, at)
	if p.small == nil {
		x.share(p, p.plan.Parts(), p.work)
		return
	}
	p.small.Run(&p.packs[0], p.a.data, p.b.data, p.to, p.start(0, p.m, 0, p.n))
	p.finish(&x.s, 0, p.m, 0, p.n)
}

// place finds the operands, and has the result start from what Beta asks for.
func (p *product) place(x *exec, at backend.At) {
	p.dst.place(at)
	p.a.place(at)
	p.b.place(at)
	p.then.place(at)
	p.packs = x.work
	p.to = p.dst.data
	if !p.inPlace {
		p.to = x.pack[:p.m*p.n]
		if p.call.Beta != 0 {
			p.dst.gather(p.to, 0, 0)
		}
	}
}

func (p *product) chunk(s *scratch, c int) {
	w := &p.packs[s.id]
	i0, i1, j0, j1 := p.plan.Part(c)
	if p.k == 0 {
		p.start(i0, i1, j0, j1)
		p.finish(s, i0, i1, j0, j1)
	}
	for l := 0; l < p.k; l += p.plan.Depth {
		end := min(l+p.plan.Depth, p.k)
		p.plan.Strip(w, p.b.data, j0, j1, l, end)
		for i := i0; i < i1; i += p.plan.Group {
			to := min(i+p.plan.Group, i1)
			load := l > 0 || p.start(i, to, j0, j1)
			p.plan.Rows(w, p.a.data, p.to[i*p.ld+j0:], p.ld, i, to, load)
			if end == p.k {
				p.finish(s, i, to, j0, j1)
			}
		}
	}
}

// start multiplies by Beta what is to be added to, if there is any.
func (p *product) start(i0, i1, j0, j1 int) bool {
	if beta := p.call.Beta; beta != 1 && (beta != 0 || p.k == 0) {
		for i := i0; i < i1; i++ {
			f32.Scale(p.to[i*p.ld+j0:][:j1-j0], beta)
		}
	}
	return p.call.Beta != 0
}

// finish sends a part of the result through the chain.
func (p *product) finish(s *scratch, i0, i1, j0, j1 int) {
	if len(p.then.links) == 0 && p.inPlace {
		return
	}
	if j1-j0 == p.n { // rows follow each other
		p.pass(s, i0*p.n, i1*p.n)
		return
	}
	for i := i0; i < i1; i++ {
		p.pass(s, i*p.n+j0, i*p.n+j1)
	}
}

// pass sends the elements from number lo up to hi through the chain.
func (p *product) pass(s *scratch, lo, hi int) {
	for lo < hi {
		n := p.then.step(lo, hi)
		i, j := lo/p.n, lo%p.n
		if p.ld != p.n { // rows apart: stay in the row
			n = min(n, p.n-j)
		}
		p.dst.put(p.then.run(s, p.to[i*p.ld+j:][:n], lo, i, j), lo, i, j)
		lo += n
	}
}

const (
	// splitFrom is the depth from which on workers share the depth of a result of at most splitSize, a small layer's gradient
	// over a large batch: both operands of a part of splitDepth fit the second-level cache.
	splitFrom  = 4096
	splitDepth = 1024
	splitSize  = 64 * 64
	// fewRows times the rows of a batch are not more than a layer's inputs where the weights are by far the larger operand.
	fewRows = 4
	// coreCache is how many numbers a core keeps to itself, about.
	coreCache = 1 << 18
)

// A splitProduct is a sum of products over parts of the depth, added in order. What is a part follows from the shape alone, or
// is a block that a product in one piece would add in the same order: the bits are those of any number of workers.
type splitProduct struct {
	product
	depth int // of a part
	parts int
	rest  []float32 // results of the parts but the first, which goes where the sum will be
	at    int       // of them in the program's memory
	rows  int       // of the sum that a worker adds up
}

func newSplitProduct(p *product, depth int, x *exec) *splitProduct {
	s := &splitProduct{product: *p, depth: depth, parts: pieces(p.k, depth), rows: pieces(p.m, x.d.workers)}
	s.prepare(depth, x, 1)
	s.work *= float64(s.parts)
	if !s.inPlace {
		s.at = s.m * s.n
	}
	x.room(s.at + (s.parts-1)*s.m*s.n)
	return s
}

func (p *splitProduct) run(x *exec, at backend.At) {
	if p.m == 0 || p.n == 0 {
		return
	}
	p.place(x, at)
	p.rest = x.pack[p.at:]
	x.share(p, p.parts, p.work)
	work := float64(p.m) * float64(p.n) * (float64(p.parts)*sumCost + p.then.cost)
	x.share((*splitSum)(p), pieces(p.m, p.rows), work)
}

func (p *splitProduct) chunk(s *scratch, c int) {
	to, ld, load := p.to, p.ld, false
	if c == 0 {
		load = p.start(0, p.m, 0, p.n)
	} else {
		to, ld = p.rest[(c-1)*p.m*p.n:], p.n
	}
	w := &p.packs[s.id]
	first := c * p.depth
	a, b := p.a.data[along(&p.a, !p.call.TransA)*first:], p.b.data[along(&p.b, p.call.TransB)*first:]
	for part := range p.plan.Parts() {
		i0, i1, j0, j1 := p.plan.Part(part)
		for l, depth := 0, min(p.depth, p.k-first); l < depth; l += p.plan.Depth {
			p.plan.Strip(w, b, j0, j1, l, min(l+p.plan.Depth, depth))
			for i := i0; i < i1; i += p.plan.Group {
				p.plan.Rows(w, a, to[i*ld+j0:], ld, i, min(i+p.plan.Group, i1), load || l > 0)
			}
		}
	}
}

// A splitSum is the task to add up the parts, some rows at a time, and to send the sum through the chain.
type splitSum splitProduct

// sumCost is about how many nanoseconds a worker takes for an element of a part that another has computed.
const sumCost = 0.2

func (p *splitSum) chunk(s *scratch, c int) {
	i0, i1 := c*p.rows, min((c+1)*p.rows, p.m)
	for i := i0; i < i1; i++ {
		for part := range p.parts - 1 {
			f32.Add(p.to[i*p.ld:][:p.n], p.rest[(part*p.m+i)*p.n:])
		}
	}
	p.finish(s, i0, i1, 0, p.n)
}

// along is the distance of two elements along the depth, which is along a row or across rows.
func along(o *operand, row bool) int {
	if row {
		return 1
	}
	return o.stride
}
