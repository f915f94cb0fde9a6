//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"math"
	"os"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
)

// A case of fused is a network with what it is trained by.
type fusedCase struct {
	name    string
	in, out int
	layers  []nn.Layer
	loss    nn.Loss
	labels  bool
	opt     nn.Optimizer
	state   []nn.StateOption
	most    int64 // dispatches of a step, at most
	rows    []int
}

func fusedCases() []fusedCase {
	mlp := func(widths ...int) (l []nn.Layer) {
		for i, w := range widths {
			if i > 0 {
				l = append(l, nn.ReLU())
			}
			l = append(l, nn.Linear(w))
		}
		return l
	}
	return []fusedCase{
		{"digits", 784, 10, mlp(128, 10), nn.CrossEntropy(), true, nn.Adam(1e-3), nil, 6, []int{33}},
		{"narrow", 20, 7, mlp(33, 40, 17, 7), nn.CrossEntropy(), true, nn.AdamW(1e-3), []nn.StateOption{nn.ClipNorm(1)}, 6, []int{33}},
		{"regression", 3, 2, []nn.Layer{nn.Linear(19), nn.Tanh(), nn.Linear(2)}, nn.MSE(), false, &nn.SGDOptimizer{OptimizerCommon: nn.OptimizerCommon{LR: 0.1}, Momentum: 0.9}, nil, 6, []int{5}},
		{"norms", 30, 5, []nn.Layer{nn.Linear(40), nn.BatchNorm(), nn.ReLU(), nn.Dropout(0.3), nn.Residual(nn.LayerNorm(), nn.Linear(24), nn.GELU(), nn.Linear(40)), nn.Linear(5)},
			nn.CrossEntropy(), true, nn.Adam(1e-2), nil, 15, []int{33}},
		{"classes", 12, 70, mlp(300, 70), nn.CrossEntropy(), true, nn.RMSprop(1e-3), nil, 8, nil},
	}
}

// batches are the numbers of rows that it is trained by: a kernel takes a second to compile where there is no GPU.
func (c *fusedCase) batches() []int {
	switch {
	case os.Getenv("GLOSS_LONG") != "" && c.name == "norms":
		return []int{5, 33, 300} // one row has no variance
	case os.Getenv("GLOSS_LONG") != "":
		return []int{1, 5, 33, 300}
	case testing.Short():
		return []int{33}
	}
	return c.rows
}

// trainFused gives the weights and the losses after some steps.
func trainFused(t *testing.T, d *device, c fusedCase, rows, steps int) (bits []float32, dispatches int64) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	m, err := nn.New(d, c.in, c.layers...)
	must(err)
	defer m.Release()
	n := rows*steps - rows/2
	x := waves(n * c.in)
	var set *data.Set
	if c.labels {
		labels := make([]uint32, n)
		for i := range labels {
			labels[i] = uint32(i * i % c.out)
		}
		set, err = data.FromFloats(d, x, c.in, data.Labels(labels))
	} else {
		set, err = data.FromFloats(d, x, c.in, data.Values(waves(n*c.out), c.out))
	}
	must(err)
	defer set.Release()
	feed, err := set.Feed(data.FeedConfig{Rows: rows, Steps: steps, Shuffle: true})
	must(err)
	defer feed.Release()
	state, err := nn.NewState(m, c.opt, c.state...)
	must(err)
	defer state.Release()
	step, err := m.Plan(nn.PlanConfig{Rows: rows, X: feed.X, Labels: feed.Labels, Values: feed.Values, Loss: c.loss, Train: true, State: state, Steps: steps})
	must(err)
	defer step.Release()
	p, err := backend.Record(d, backend.Step{Calls: append(feed.Calls, step.Calls...), Steps: steps})
	must(err)
	defer p.Release()
	must(feed.Seek(0, 0))
	must(step.Begin(0, steps))
	must(d.Sync())
	before := d.Stats()
	p.Run(steps)
	must(d.Sync())
	s := d.Stats().Sub(before)
	results, err := step.Results(steps)
	must(err)
	for _, r := range results {
		bits = append(bits, float32(r.Loss))
	}
	w, err := m.Weights()
	must(err)
	bits = append(bits, w...)
	t.Logf("%s, %d rows: %.4g dispatches and %.4g barriers a step, %d submits", c.name, rows, float64(s.Dispatches)/float64(steps), float64(s.Barriers)/float64(steps), s.Submits)
	return bits, s.Dispatches
}

// TestFusedSameBits: what is put together gives the bits of what is not, with blocks of rows that are full and not.
func TestFusedSameBits(t *testing.T) {
	together, hardware, apart := openDevice(t), openDevice(t), openDevice(t)
	hardware.env.Serial, hardware.env.Without, apart.env.Without = false, plan.Whole, plan.Apart // rows are kept near
	const steps = 8
	for _, c := range fusedCases() {
		for _, rows := range c.batches() {
			want, all := trainFused(t, apart, c, rows, steps)
			for _, d := range []*device{together, hardware} {
				if d == hardware && c.name != "narrow" && os.Getenv("GLOSS_LONG") == "" {
					continue
				}
				got, n := trainFused(t, d, c, rows, steps)
				if n > c.most*steps || n >= all {
					t.Errorf("%s, %d rows: %d dispatches for %d steps, %d apart", c.name, rows, n, steps, all)
				}
				if i := other(got, want); i >= 0 {
					t.Errorf("%s, %d rows, as in software %v: number %d is %g, apart %g", c.name, rows, d.env.Serial, i, got[i], want[i])
				}
			}
		}
	}
}

// TestThroughSameBits: a product that reads its rows where the Gather beside it reads them has the bits of one that waits for them, and
// the rows are written all the same.
func TestThroughSameBits(t *testing.T) {
	beside, apart := openDevice(t), openDevice(t)
	beside.env.Serial, beside.env.Without, apart.env.Without = false, plan.Whole, plan.Apart
	const m, n, k, set, steps = 33, 140, 130, 50, 3
	var out [2][]float32
	for i, d := range []*device{apart, beside} {
		floats, table, index := mustAlloc(t, d, backend.F32, m*k+m*n+k*n+k), mustAlloc(t, d, backend.U8, set*k), mustAlloc(t, d, backend.U32, steps*m)
		backend.Write(d, floats, 0, waves(floats.Len()))
		bytes, order := make([]byte, table.Len()), make([]uint32, index.Len())
		for j := range bytes {
			bytes[j] = byte(j * j)
		}
		for j := range order {
			order[j] = uint32(j*7) % (set + 2) // some rows are not there
		}
		backend.Write(d, table, 0, bytes)
		backend.Write(d, index, 0, order)
		x, h, w := backend.Mat(floats, 0, m, k), backend.Mat(floats, m*k, m, n), backend.Mat(floats, m*k+m*n, k, n)
		calls := []backend.Call{
			&backend.Gather{Dst: x, Table: backend.Mat(table, 0, set, k), Index: backend.Mat(index, 0, m, 1).Advanced(m),
				Then: backend.Chain{backend.Affine(1.0/255, -0.5), backend.Mul(backend.Row(floats, floats.Len()-k, k))}},
			&backend.MatMul{Dst: h, A: x, B: w, Then: backend.Chain{backend.ReLU()}},
			&backend.MatMul{Dst: w, A: x, B: h, TransA: true, Beta: 0.5, Then: backend.Chain{backend.Affine(0.01, 0)}},
		}
		p, err := backend.Record(d, backend.Step{Calls: calls, Steps: steps})
		if err != nil {
			t.Fatal(err)
		}
		before := d.Stats().Dispatches
		p.Run(steps)
		out[i] = make([]float32, floats.Len())
		if err := backend.Read(d, out[i], floats, 0); err != nil {
			t.Fatal(err)
		}
		if got, want := d.Stats().Dispatches-before, []int64{3 * steps, 2 * steps}[i]; got != want {
			t.Errorf("%d dispatches for %d steps, want %d", got, steps, want)
		}
		p.Release()
	}
	for j, want := range out[0] {
		if got := out[1][j]; math.Float32bits(got) != math.Float32bits(want) || got != got {
			t.Fatalf("number %d is %g, apart %g", j, got, want)
		}
	}
}

// TestFusedCorners: steps in which calls that go row by row follow each other, but not in every way.
func TestFusedCorners(t *testing.T) {
	const m, k, steps = 20, 16, 8
	for name, step := range map[string]func(mat func(rows, cols int) backend.Tensor, label backend.Tensor) []backend.Call{
		"a chain that writes to what it then reads": func(mat func(rows, cols int) backend.Tensor, _ backend.Tensor) []backend.Call {
			x, h, z, w := mat(m, k), mat(m, k), mat(m, k), mat(k, k)
			return []backend.Call{&backend.MatMul{Dst: h, A: x, B: w},
				&backend.Each{Dst: z, Do: backend.Chain{backend.Load(x), backend.Affine(1, 0.5), backend.Keep(h), backend.Affine(2, 0), backend.Mul(h)}}}
		},
		"two heads, with other numbers of rows for a group": func(mat func(rows, cols int) backend.Tensor, label backend.Tensor) (calls []backend.Call) {
			x, h, w, back := mat(m, k), mat(m, k), mat(k, k), mat(m, k)
			calls = append(calls, &backend.MatMul{Dst: h, A: x, B: w})
			for _, classes := range []int{10, 60, 10} {
				logits, grad, head := mat(m, classes), mat(m, classes), mat(k, classes)
				calls = append(calls, &backend.MatMul{Dst: logits, A: h, B: head}, &backend.Xent{Logits: logits, Label: label, Grad: grad, Loss: mat(1, 1)},
					&backend.MatMul{Dst: back, A: grad, B: head, TransB: true, Beta: 0.5})
			}
			return calls
		},
	} {
		var out [3][]float32
		for i, change := range []func(*device){func(d *device) { d.env.Without = plan.Apart }, func(*device) {}, func(d *device) { d.env.Serial = false }} {
			d := openDevice(t)
			d.env.Without = plan.Whole
			change(d)
			floats, labels := mustAlloc(t, d, backend.F32, 16384), mustAlloc(t, d, backend.U32, m)
			backend.Write(d, floats, 0, waves(floats.Len()))
			end := 0
			mat := func(rows, cols int) backend.Tensor {
				end += rows * cols
				return backend.Mat(floats, end-rows*cols, rows, cols)
			}
			p, err := backend.Record(d, backend.Step{Calls: step(mat, backend.Mat(labels, 0, m, 1)), Steps: steps})
			if err != nil {
				t.Fatal(err)
			}
			p.Run(steps)
			out[i] = make([]float32, floats.Len())
			if err := backend.Read(d, out[i], floats, 0); err != nil {
				t.Fatal(err)
			}
			p.Release()
			for j, want := range out[0] {
				if got := out[i][j]; math.Float32bits(got) != math.Float32bits(want) || got != got {
					t.Errorf("%s, as in software %v: number %d is %g, apart %g", name, d.env.Serial, j, got, want)
					break
				}
			}
		}
	}
}
