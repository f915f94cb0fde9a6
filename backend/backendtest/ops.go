package backendtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

func (s *suite) testOps(t *testing.T) {
	for _, op := range backend.Ops() {
		t.Run(op.Name, func(t *testing.T) {
			s.testOp(t, op, inputsOf(op))
		})
	}
}

func (s *suite) testOp(t *testing.T, op *backend.Op, in opInputs) {
	w := newWorld(t, s.device())
	opLengths(w, op, &in)
	opBroadcasts(w, op, &in)
	opPlaces(w, op, &in)
	opEdges(w, op, &in)
}

// opCall is one use of an op: load(x), op(args). A shape per operand may broadcast it.
type opCall struct {
	op         *backend.Op
	in         *opInputs
	rows, cols int
	v          fill // instead of the inputs'
	arg0       fill
	shape      [backend.MaxArgs]func(rows, cols int) (int, int)
	consts     int
}

// build makes the operands and the call.
func (o *opCall) build(w *world) *backend.Each {
	v := o.in.v
	if o.v != nil {
		v = o.v
	}
	f := backend.Fn{Op: o.op, P: o.in.p}
	for a := range o.op.Args {
		switch o.op.Args[a] {
		case 'r':
			m, n := o.rows, o.cols
			if o.shape[a] != nil {
				m, n = o.shape[a](m, n)
			}
			gen := o.in.args[a]
			if a == 0 && o.arg0 != nil {
				gen = o.arg0
			}
			f.Arg[a] = w.floats(m, n, gen)
		case 'm':
			f.Arg[a] = w.floats(o.rows, o.cols, o.in.args[a])
		case 'w':
			f.Arg[a] = w.floats(o.rows, o.cols, poison)
		case 'c':
			f.Arg[a] = w.row(o.in.consts[o.consts]...)
		case 'k':
			f.Arg[a] = w.rowInts(w.rng.Uint32(), w.rng.Uint32(), w.rng.Uint32N(1000), w.rng.Uint32())
		}
	}
	return &backend.Each{
		Dst: w.floats(o.rows, o.cols, poison),
		Do:  backend.Chain{backend.Load(w.floats(o.rows, o.cols, v)), f},
	}
}

// lengths straddle the sizes of vectors, work groups and blocks.
var lengths = []int{0, 1, 2, 31, 32, 33, 63, 64, 65, 1000, 65537}

func opLengths(w *world, op *backend.Op, in *opInputs) {
	for _, n := range lengths {
		if n > 1000 && testing.Short() {
			continue
		}
		o := opCall{op: op, in: in, rows: 1, cols: n}
		w.run(fmt.Sprintf("1×%d", n), o.build(w))
		w.clear()
	}
	for c := range max(1, len(in.consts)) {
		o := opCall{op: op, in: in, rows: 37, cols: 3, consts: c}
		w.run(fmt.Sprintf("37×3, constants %d", c), o.build(w))
		w.clear()
	}
	for _, z := range [][2]int{{0, 5}, {5, 0}, {5, 1}} {
		o := opCall{op: op, in: in, rows: z[0], cols: z[1]}
		w.run(fmt.Sprintf("%d×%d", z[0], z[1]), o.build(w))
		w.clear()
	}
}

var broadcasts = []struct {
	name  string
	shape func(m, n int) (int, int)
}{
	{"1×n", func(m, n int) (int, int) { return 1, n }},
	{"m×1", func(m, n int) (int, int) { return m, 1 }},
	{"1×1", func(m, n int) (int, int) { return 1, 1 }},
}

func opBroadcasts(w *world, op *backend.Op, in *opInputs) {
	for a := range op.Args {
		if op.Args[a] != 'r' {
			continue
		}
		for _, b := range broadcasts {
			for _, z := range [][2]int{{5, 7}, {8, 8}, {33, 65}, {1, 6}, {6, 1}} {
				for _, gap := range []int{0, 3} {
					w.gap = gap
					o := opCall{op: op, in: in, rows: z[0], cols: z[1]}
					o.shape[a] = b.shape
					w.run(fmt.Sprintf("%d×%d, gap %d, operand %d %s", z[0], z[1], gap, a, b.name), o.build(w))
					w.clear()
				}
			}
		}
	}
	w.gap = 0
}

// opPlaces puts operands into strided views, results onto operands, and leaves the result away.
func opPlaces(w *world, op *backend.Op, in *opInputs) {
	w.gap = 5
	o := opCall{op: op, in: in, rows: 9, cols: 34}
	w.run("strided", o.build(w))
	w.clear()

	c := o.build(w)
	c.Dst = c.Do[0].Arg[0]
	w.run("onto its input, strided", c)
	w.clear()
	w.gap = 0

	c = o.build(w)
	c.Dst = c.Do[0].Arg[0]
	w.run("onto its input", c)
	w.clear()

	if i := strings.IndexByte(op.Args, 'r'); i >= 0 {
		c = o.build(w)
		c.Dst = c.Do[1].Arg[i]
		w.run("onto its operand", c)
		w.clear()
	}
	if strings.ContainsAny(op.Args, "wm") {
		c = o.build(w)
		c.Dst = backend.Tensor{Rows: o.rows, Cols: o.cols}
		w.run("without a result", c)
		w.clear()
	}
}

// opEdges tries the edges as the running value and as the first operand that is read. Operands of gradients are what
// the forward op makes of the edges.
func opEdges(w *world, op *backend.Op, in *opInputs) {
	x := in.edgesOf()
	o := opCall{op: op, in: in, rows: 3, cols: len(x), v: listed(x...)}
	w.runEdges("edges", o.build(w))
	w.clear()
	if op.Args == "" || op.Args[0] != 'r' || strings.Contains(op.Args, "m") {
		return
	}
	o.v, o.arg0 = nil, listed(x...)
	if op.Name == "div" {
		// Below 2⁻¹²⁶ the reciprocal of a large divisor is no float32 any longer: keep the quotients there too.
		o.v = func(r *rand.Rand) float32 { return r.Float32()*2 - 1 }
	}
	if in.fwd != nil {
		o.v, o.arg0 = normal(1), forwarded(*in.fwd, listed(x...))
	}
	w.runEdges("edges of the operand", o.build(w))
	w.clear()
}
