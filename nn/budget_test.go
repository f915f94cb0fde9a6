package nn

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// TestStepBudget: a recorded step of a network with all that keeps something beside its weights moves no data, allocates
// nothing and waits for nothing; its optimizer is one call a group.
func TestStepBudget(t *testing.T) {
	for name, open := range goldenDevices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			t.Cleanup(func() { dev.Close() })
			m, err := New(dev, 6, Linear(8, NoBias()), BatchNorm(), ReLU(), Dropout(0.2), Residual(LayerNorm(), Linear(16), GELU(), Linear(8)), Linear(3))
			if err != nil {
				t.Fatal(err)
			}
			state, err := NewState(m, AdamW(1e-3), ClipNorm(1), NoDecayOnBiasAndNorm())
			if err != nil {
				t.Fatal(err)
			}
			const steps, rows = 8, 16
			labels := backend.Mat(alloc(t, dev, backend.U32, rows), 0, rows, 1)
			weights := backend.Mat(alloc(t, dev, backend.F32, rows), 0, rows, 1)
			loss := &CrossEntropyLoss{ClassWeights: []float64{1, 2, 3}, Smoothing: 0.1}
			p, err := m.Plan(PlanConfig{Rows: rows, Labels: labels, Weights: weights, Loss: loss, Train: true, State: state, Steps: steps})
			if err != nil {
				t.Fatal(err)
			}
			program, err := backend.Record(dev, backend.Step{Calls: p.Calls, Steps: steps})
			if err != nil {
				t.Fatal(err)
			}
			run := func() {
				if err := p.Begin(0, steps); err != nil {
					t.Fatal(err)
				}
				if err := dev.Sync(); err != nil {
					t.Fatal(err)
				}
			}
			run()
			program.Run(steps) // what is made on first use
			run()
			before := dev.Stats()
			program.Run(steps)
			if d := dev.Stats().Sub(before); d.Reads+d.Writes+d.Allocs+d.Waits != 0 || d.LiveBytes != before.LiveBytes {
				t.Errorf("%+v", d)
			}
			updates := 0
			for i := range p.Calls {
				if p.Place(i) == "optimizer" {
					updates++
				}
			}
			if updates != 2 {
				t.Errorf("%d calls of the optimizer for 2 groups", updates)
			}
		})
	}
}
