//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// Of a random step: matrices of one shape side by side in a buffer.
const (
	slots              = 9
	slotRows, slotCols = 21, 16
	slotSize           = slotRows * slotCols
	randomSteps        = 8
)

// randomCalls are calls that read and write the slots, whole and in parts, so that some wait for others and some do not.
func randomCalls(r *rand.Rand, buf, index *backend.Buffer, models int) (calls []backend.Call) {
	full := func(slot int) backend.Tensor {
		t := backend.Mat(buf, slot*slotSize, slotRows, slotCols)
		if models > 1 {
			t.Model = slots * slotSize
		}
		return t
	}
	for range 5 + r.IntN(12) {
		p := r.Perm(slots)
		lo, hi := 0, slotCols
		if r.IntN(3) == 0 { // the left half or the right
			lo = 8 * r.IntN(2)
			hi = lo + 8
		}
		part := func(slot int) backend.Tensor { return full(slot).Columns(lo, hi) }
		dst, a, b := part(p[0]), part(p[1]), part(p[2])
		row := full(p[3]).RowSpan(0, 1).Columns(lo, hi)
		square := full(p[4]).RowSpan(0, hi-lo).Columns(0, hi-lo)
		small := backend.Affine(0.25, 0.1)
		switch r.IntN(7) {
		case 0:
			calls = append(calls, &backend.Each{Dst: dst, Do: backend.Chain{backend.Load(a), backend.Mul(b), small, backend.Tanh()}})
		case 1:
			calls = append(calls, &backend.Each{Dst: dst, Do: backend.Chain{backend.Load(dst), backend.Add(row), small}})
		case 2:
			calls = append(calls, &backend.MatMul{Dst: dst, A: a, B: square, Beta: float32(r.IntN(2)) / 2, Then: backend.Chain{backend.Add(row), small, backend.ReLU()}})
		case 3:
			calls = append(calls, &backend.MatMul{Dst: full(p[0]).RowSpan(0, hi-lo).Columns(0, hi-lo), A: a, B: b, TransA: true, Then: backend.Chain{small}})
		case 4:
			calls = append(calls, &backend.Reduce{Rows: slotRows, Cols: hi - lo, Axis: backend.OverRows, Out: [2]backend.Result{
				{Dst: full(p[0]).RowSpan(0, 1).Columns(lo, hi), Map: backend.Chain{backend.Load(a), backend.Square()}, Then: backend.Chain{small}}}})
		case 5:
			calls = append(calls, &backend.Gather{Dst: dst, Table: a, Index: backend.Mat(index, 0, slotRows, 1), Then: backend.Chain{small}})
		case 6: // one number for each row, as norms have it
			each := full(p[5]).Columns(lo, lo+1)
			calls = append(calls, &backend.Each{Dst: each, Do: backend.Chain{backend.Load(a.Columns(0, 1)), small}},
				&backend.Each{Dst: dst, Do: backend.Chain{backend.Load(a), backend.Mul(each), small}})
		}
	}
	return calls
}

// TestFusedRandomSteps: whatever waits for whatever, what is put together gives the bits of what is not.
func TestFusedRandomSteps(t *testing.T) {
	together, beside, apart := openDevice(t), openDevice(t), openDevice(t)
	beside.env.Without, apart.env.Without = plan.Whole, plan.Apart
	beside.env.Serial = false // as hardware has it
	n := 4
	if testing.Short() {
		n = 2
	} else if os.Getenv("GLOSS_LONG") != "" {
		n = 100
	}
	fewer := 0
	for seed := range n {
		models := []int{1, 3, 20}[seed%3]
		var out [3][]float32
		var dispatches [3]int64
		names := ""
		for i, d := range []*device{apart, together, beside} {
			r := rand.New(rand.NewPCG(uint64(seed), 5))
			buf, index := mustAlloc(t, d, backend.F32, models*slots*slotSize), mustAlloc(t, d, backend.U32, slotRows)
			backend.Write(d, buf, 0, waves(buf.Len()))
			order := make([]uint32, slotRows)
			for k := range order {
				order[k] = uint32(r.IntN(slotRows + 1))
			}
			backend.Write(d, index, 0, order)
			calls := randomCalls(r, buf, index, models)
			p, err := backend.Record(d, backend.Step{Calls: calls, Steps: randomSteps, Models: models})
			if err != nil {
				t.Fatal(err)
			}
			before := d.Stats().Dispatches
			p.Run(randomSteps - 1)
			out[i] = make([]float32, buf.Len())
			if err := backend.Read(d, out[i], buf, 0); err != nil {
				t.Fatal(err)
			}
			dispatches[i] = d.Stats().Dispatches - before
			names = fmt.Sprint(len(calls), " calls")
			p.Release()
			buf.Release()
			index.Release()
		}
		for k, how := range []string{"together", "beside each other"} {
			i := k + 1
			if dispatches[i] < dispatches[0] {
				fewer++
			}
			for k := range out[0] {
				if math.Float32bits(out[i][k]) != math.Float32bits(out[0][k]) {
					t.Errorf("seed %d, %d models, %s: %s element %d is %g, apart %g", seed, models, names, how, k, out[i][k], out[0][k])
					break
				}
			}
		}
	}
	if fewer < n {
		t.Errorf("%d of %d steps took fewer dispatches", fewer, 2*n)
	}
}
