package cpu_test

import (
	"fmt"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
)

// BenchmarkChain times calls without a product in a program, on one worker: what there is to do around the kernels.
func BenchmarkChain(b *testing.B) {
	dev := cpu.Open(cpu.Workers(1))
	defer dev.Close()
	n := &net{t: b, b: dev, rng: rng()}
	for _, z := range [][2]int{{4, 8}, {32, 10}, {32, 128}, {128, 10}, {256, 512}} {
		m, k := z[0], z[1]
		mat := func() backend.Tensor { return backend.Mat(n.floats(m*k, 1), 0, m, k) }
		row := func(cols int) backend.Tensor { return backend.Row(n.floats(cols, 0.1), 0, cols) }
		x, y, g := mat(), mat(), mat()
		flat := func(t backend.Tensor) backend.Tensor { return backend.Row(t.Buf, 0, m*k) }
		ok := backend.Row(n.filled(1, func(int) float32 { return 1 }), 0, 1)
		consts := backend.Row(n.filled(8, func(i int) float32 { return [8]float32{0.003, 1.2, 1e-8, 1, 0.9, 0.1, 0.999, 0.001}[i] }), 0, 8)
		for _, c := range []struct {
			name string
			call backend.Call
		}{
			{"bias+relu", &backend.Each{Dst: y, Do: backend.Chain{backend.Load(x), backend.Add(row(k)), backend.ReLU()}}},
			{"bias+gelu", &backend.Each{Dst: y, Do: backend.Chain{backend.Load(x), backend.Add(row(k)), backend.GELU()}}},
			{"relu_grad", &backend.Each{Dst: g, Do: backend.Chain{backend.Load(g), backend.Gradient(backend.ReLU(), y, y)}}},
			{"adam", &backend.Each{Dst: backend.Tensor{Rows: 1, Cols: m * k}, Do: backend.Chain{backend.Load(flat(g)),
				backend.Adam(ok, flat(mat()), flat(mat()), flat(mat()), consts)}}},
			{"norm", &backend.Reduce{Rows: m, Cols: k, Axis: backend.OverAll,
				Out: [2]backend.Result{{Dst: row(1), Map: backend.Chain{backend.Load(g), backend.Square()}}}}},
			{"bias_grad", &backend.Reduce{Rows: m, Cols: k, Axis: backend.OverRows,
				Out: [2]backend.Result{{Dst: row(k), Map: backend.Chain{backend.Load(g)}}}}},
			{"xent", &backend.Xent{Logits: x, Label: backend.Mat(n.labels(m, k), 0, m, 1), Loss: row(1), Grad: mat()}},
		} {
			b.Run(fmt.Sprintf("%s/%dx%d", c.name, m, k), func(b *testing.B) {
				p, err := backend.Record(dev, backend.Step{Calls: []backend.Call{c.call}})
				if err != nil {
					b.Fatal(err)
				}
				defer p.Release()
				b.ReportAllocs()
				for b.Loop() {
					p.Run(1)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(m*k), "ns/element")
			})
		}
	}
}
