package backendtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

func (s *suite) testGoroutines(t *testing.T) {
	t.Run("apart", s.goroutinesApart)
	t.Run("together", s.goroutinesTogether)
}

const workers = 8

// goroutinesTogether: calls and programs over the same buffers happen one after another, whoever hands them in.
func (s *suite) goroutinesTogether(t *testing.T) {
	w := newWorld(t, s.device())
	const rounds, n = 40, 2000
	x := w.floats(1, n, constant(0))
	add := &backend.Each{Dst: x, Do: backend.Chain{backend.Load(x), backend.Affine(1, 1)}}
	p := w.record(backend.Step{Calls: []backend.Call{add, add}, Steps: 2})
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				backend.Do(w.b, add)
				p.Run(2)
				got := make([]float32, 2) // whole calls only: all elements are the same
				if err := backend.Read(w.b, got[:1], x.Buf, x.Off); err != nil {
					t.Error(err)
				}
				if err := backend.Read(w.b, got[1:], x.Buf, x.Off+n-1); err != nil || got[1] < got[0] {
					t.Errorf("the last element is %v after the first was %v, %v", got[1], got[0], err)
				}
			}
		})
	}
	wg.Wait()
	for j := range n {
		w.want(&x, 0, j, bound{want: workers * rounds * 5})
	}
	w.check("added up")
}

// goroutinesApart has eight goroutines use the backend at once, each with buffers of its own. Each has to get the bits
// that it gets alone.
func (s *suite) goroutinesApart(t *testing.T) {
	b := s.device()
	newWorld(t, b)
	const rounds = 3
	want := make([][]uint32, workers)
	for i := range want {
		var err error
		if want[i], err = job(b, uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			for range rounds {
				got, err := job(b, uint64(i))
				if err != nil {
					t.Error(err)
				} else if !slices.Equal(got, want[i]) {
					t.Errorf("goroutine %d got other bits than alone", i)
				}
			}
		})
	}
	wg.Wait()
}

// job allocates, writes, computes in every way, reads and releases. It returns everything that it has read.
func job(b backend.Backend, seed uint64) (bits []uint32, err error) {
	rng := rand.New(rand.NewPCG(seed, 3))
	m, n := 20+int(seed), 30-int(seed)
	bufs := make([]*backend.Buffer, 5)
	for i := range bufs {
		if bufs[i], err = backend.Alloc(b, backend.F32, m*n); err != nil {
			return nil, err
		}
		defer bufs[i].Release()
		x := make([]float32, m*n)
		for j := range x {
			x[j] = float32(rng.NormFloat64())
		}
		backend.Write(b, bufs[i], 0, x)
		clear(x)
	}
	index, err := backend.Alloc(b, backend.U32, m)
	if err != nil {
		return nil, err
	}
	defer index.Release()
	u := make([]uint32, m)
	for i := range u {
		u[i] = rng.Uint32N(uint32(m))
	}
	backend.Write(b, index, 0, u)

	x, y, z, s := backend.Mat(bufs[0], 0, m, n), backend.Mat(bufs[1], 0, m, n), backend.Mat(bufs[2], 0, m, m), backend.Row(bufs[3], 0, n)
	if m > n {
		z = backend.Mat(bufs[2], 0, n, n)
	}
	v := backend.Mat(bufs[4], 0, m, n)
	calls := []backend.Call{
		&backend.MatMul{Dst: z, A: x, B: y, TransA: m > n, TransB: m <= n, Then: backend.Chain{backend.Tanh()}},
		&backend.Reduce{Rows: m, Cols: n, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: s, Map: backend.Chain{backend.Load(x), backend.Mul(y)}}}},
		&backend.Gather{Dst: v, Table: x, Index: backend.Mat(index, 0, m, 1), Then: backend.Chain{backend.Add(s), backend.GELU()}},
		&backend.Each{Dst: x, Do: backend.Chain{backend.Load(x), backend.Axpy(0.125, v), backend.Clamp(-3, 3)}},
	}
	p, err := backend.Record(b, backend.Step{Calls: calls, Steps: 3})
	if err != nil {
		return nil, err
	}
	defer p.Release()
	for round := range 4 {
		backend.Do(b, calls...)
		p.Run(1 + round%3)
		for i, buf := range bufs {
			if (i+round)%2 == 0 {
				continue
			}
			got, err := bitsOf(b, buf)
			if err != nil {
				return nil, fmt.Errorf("round %d: %w", round, err)
			}
			bits = append(bits, got...)
		}
	}
	return bits, b.Sync()
}
