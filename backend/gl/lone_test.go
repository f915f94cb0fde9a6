//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// A shelf is a buffer with a part for each model, in which its tensors lie one after another.
type shelf struct {
	*backend.Buffer
	end int // of a model's, so far
}

const shelfWords = 4096 // of a model

func (s *shelf) mat(rows, cols int) backend.Tensor {
	t := backend.Mat(s.Buffer, s.end, rows, cols)
	t.Model = shelfWords
	s.end += rows * cols
	return t
}

// chores are calls of every kind that one invocation can carry out, with edges that fit no fragment. A table is not kept near, all other
// floats are.
func chores(c, tables, ints *shelf, classes int) []backend.Call {
	const m, n = 21, 7
	x, h, w, bias, grad := c.mat(m, n), c.mat(m, classes), c.mat(n, classes), c.mat(1, classes), c.mat(m, classes)
	dw, sum, square, every, rest := c.mat(n, classes), c.mat(1, classes), c.mat(1, classes), c.mat(1, 1), c.mat(m, 1)
	loss, correct, class, weight, target := c.mat(1, 1), c.mat(1, 1), c.mat(1, classes), c.mat(m, 1), tables.mat(m, classes)
	moment, spread, consts, ok := c.mat(n, classes), c.mat(n, classes), c.mat(1, 8), c.mat(1, 1)
	label, index, key := ints.mat(m, 1), ints.mat(m, 2), ints.mat(1, 4)
	load := func(t backend.Tensor, more ...backend.Fn) backend.Chain {
		return append(backend.Chain{backend.Load(t)}, more...)
	}
	return []backend.Call{
		&backend.Gather{Dst: h, Table: target, Index: index, Then: backend.Chain{backend.Affine(0.3, 0.1)}},
		&backend.MatMul{Dst: h, A: x, B: w, Beta: 0.5, Then: backend.Chain{backend.Add(bias), backend.Tanh(), backend.Dropout(0.3, 1, key)}},
		&backend.Xent{Logits: h, Label: label, Class: class, Weight: weight, Smooth: 0.1, Loss: loss, Grad: grad, Correct: correct,
			Then: backend.Chain{backend.Affine(0.5, 0)}},
		&backend.MatMul{Dst: dw, A: x, B: grad, TransA: true},
		&backend.Reduce{Rows: m, Cols: classes, Axis: backend.OverRows, Out: [2]backend.Result{
			{Dst: sum, Map: load(grad), Beta: 0.5}, {Dst: square, Map: load(h, backend.Square()), Then: backend.Chain{backend.Affine(1.0/m, 0)}}}},
		&backend.Reduce{Rows: n, Cols: classes, Out: [2]backend.Result{{Dst: every, Map: load(dw, backend.Square())}}},
		&backend.Reduce{Rows: m, Cols: classes, Axis: backend.OverCols, Out: [2]backend.Result{{Dst: rest, Map: load(h)}}},
		&backend.Each{Dst: backend.Tensor{Rows: n, Cols: classes}, Do: load(dw, backend.Mul(every), backend.Adam(ok, w, moment, spread, consts))},
		&backend.MatMul{Dst: x, A: grad, B: w, TransB: true, Then: backend.Chain{backend.Add(rest)}},
		&backend.Scatter{Dst: target, Src: grad, Index: index.Columns(0, 1), Beta: 0.9},
		&backend.Xent{Logits: h, Target: target, Scale: every, Grad: h, Loss: loss},
	}
}

// TestLoneSameBits: a model that is one invocation's has the bits that it has as groups of 256.
func TestLoneSameBits(t *testing.T) {
	apart, lone := openDevice(t), openDevice(t)
	apart.env.Without, lone.env.Serial = plan.Apart, true
	const models, steps = 19, 3
	all := []int{10}
	if os.Getenv("GLOSS_LONG") != "" {
		all = []int{3, 10, 37}
	}
	for _, classes := range all {
		var out [2][]float32
		for i, d := range []*device{apart, lone} {
			c, tables, ints := &shelf{Buffer: mustAlloc(t, d, backend.F32, models*shelfWords)}, &shelf{Buffer: mustAlloc(t, d, backend.F32, models*shelfWords)},
				&shelf{Buffer: mustAlloc(t, d, backend.U32, models*shelfWords)}
			floats := waves(c.Len())
			for k, v := range floats {
				floats[k] = v*v/2 + 0.1 // also what has a square root
			}
			backend.Write(d, c.Buffer, 0, floats)
			backend.Write(d, tables.Buffer, 0, floats)
			order := make([]uint32, ints.Len())
			for k := range order {
				order[k] = uint32(k*k) % uint32(classes+2) // some rows have no class
			}
			backend.Write(d, ints.Buffer, 0, order)
			s := backend.Step{Calls: chores(c, tables, ints, classes), Steps: steps, Models: models}
			planned, err := planAll(s, d.env)
			if err != nil {
				t.Fatal(err)
			}
			if alone := len(planned) == 1 && planned[0].Lone; alone != (d == lone) {
				t.Fatalf("%d classes: an invocation for each model: %v, of %d launches", classes, alone, len(planned))
			}
			if near := strings.Count(planned[0].Source(), "SHARED float NEAR"); d == lone && near != 1 {
				t.Errorf("%d buffers are near", near)
			}
			p, err := backend.Record(d, s)
			if err != nil {
				t.Fatal(err)
			}
			p.Run(steps)
			out[i] = make([]float32, 2*c.Len())
			if err := errors.Join(backend.Read(d, out[i][:c.Len()], c.Buffer, 0), backend.Read(d, out[i][c.Len():], tables.Buffer, 0)); err != nil {
				t.Fatal(err)
			}
			p.Release()
		}
		for k, want := range out[0] {
			if got := out[1][k]; math.Float32bits(got) != math.Float32bits(want) || got != got {
				t.Errorf("%d classes: model %d, number %d is %g, apart %g", classes, k/shelfWords%models, k%shelfWords, got, want)
				break
			}
		}
	}
}

// TestLoneLoops: the renderer cuts an invocation off after so many iterations: launches of as many steps as are planned lose none.
func TestLoneLoops(t *testing.T) {
	for _, shape := range [][2]int{{100, 1}, {8, 8}, {100, 32}} {
		d := openDevice(t)
		const models, steps = 16, 600
		size := shape[0] * shape[1]
		b := mustAlloc(t, d, backend.F32, models*size)
		x := backend.Mat(b, 0, shape[0], shape[1])
		x.Model = size
		p, err := backend.Record(d, backend.Step{Calls: []backend.Call{&backend.Each{Dst: x, Do: backend.Chain{backend.Load(x), backend.Affine(1, 1)}}}, Steps: steps, Models: models})
		if err != nil {
			t.Fatal(err)
		}
		p.Run(steps)
		out := make([]float32, b.Len())
		if err := backend.Read(d, out, b, 0); err != nil {
			t.Fatal(err)
		}
		for i, v := range out {
			if v != steps {
				t.Fatalf("%v: element %d went through %g steps of %d", shape, i, v, steps)
			}
		}
		p.Release()
	}
}
