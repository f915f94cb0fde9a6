package metrics

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

// devices are those that the tests of this package run on; gl_test.go adds one.
var devices = map[string]func(*testing.T) backend.Backend{
	"cpu": func(*testing.T) backend.Backend { return cpu.Open() },
	"ref": func(*testing.T) backend.Backend { return ref.Open() },
}

func onDevices(t *testing.T, f func(t *testing.T, dev backend.Backend)) {
	for name, open := range devices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			defer dev.Close()
			f(t, dev)
			if n := dev.Stats().LiveBuffers; n != 0 {
				t.Errorf("%d buffers are alive at the end", n)
			}
		})
	}
}

// measure computes metrics of predictions in batches of so many rows, the last one smaller, in Runs of at most two.
func measure(t *testing.T, dev backend.Backend, p *Predictions, ms []Metric, rows int, outputs bool) (Results, error) {
	t.Helper()
	truth := *p
	truth.Outputs = nil
	m, err := NewMeter(ms, truth, outputs)
	if err != nil {
		return nil, err
	}
	m.Begin()
	for at := 0; at < p.Rows(); {
		n, steps := rows, min(2, (p.Rows()-at)/rows)
		if steps == 0 {
			n, steps = p.Rows()-at, 1
		}
		if err := batches(t, dev, m, p, at, n, steps); err != nil {
			return nil, err
		}
		at += n * steps
	}
	return m.Results()
}

// batches has the meter see steps batches of n rows, from row at on.
func batches(t *testing.T, dev backend.Backend, m *Meter, p *Predictions, at, n, steps int) error {
	t.Helper()
	end := at + n*steps
	b := Batch{Outputs: put(t, dev, backend.F32, p.Outputs[at*p.Cols:end*p.Cols], n, p.Cols), Steps: steps}
	defer b.Outputs.Buf.Release()
	if p.Labels != nil {
		b.Labels = put(t, dev, backend.U32, p.Labels[at:end], n, 1)
		defer b.Labels.Buf.Release()
	}
	if p.Values != nil {
		b.Values = put(t, dev, backend.F32, p.Values[at*p.Cols:end*p.Cols], n, p.Cols)
		defer b.Values.Buf.Release()
	}
	if p.Weights != nil {
		b.Weights = put(t, dev, backend.F32, p.Weights[at:end], n, 1)
		defer b.Weights.Buf.Release()
	}
	tap, err := m.Tap(dev, b)
	if err != nil {
		return err
	}
	defer tap.Release()
	program, err := backend.Record(dev, backend.Step{Calls: tap.Calls, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	defer program.Release()
	program.Run(steps)
	return tap.Read(steps)
}

// put writes rows to the device, of which a step sees the next n.
func put[T backend.Elem](t *testing.T, dev backend.Backend, kind backend.Kind, v []T, n, cols int) backend.Tensor {
	t.Helper()
	buf, err := backend.Alloc(dev, kind, len(v))
	if err != nil {
		t.Fatal(err)
	}
	backend.Write(dev, buf, 0, v)
	return backend.Mat(buf, 0, n, cols).Advanced(n * cols)
}

// TestDeviceGoldens: metrics of batches of any size are those of the whole set, from sums on the device to 1e-6 of
// scikit-learn's, from outputs that were read to 1e-9.
func TestDeviceGoldens(t *testing.T) {
	cases := readGoldens(t)
	onDevices(t, func(t *testing.T, dev backend.Backend) {
		for i, c := range cases {
			rows := []int{7, 13, len(c.Outputs) / c.Cols, 1}[i%4]
			var sums, all []Metric
			for name, want := range c.Want {
				m := byName(t, name)
				if want == nil {
					continue
				}
				all = append(all, m)
				if m.part != 0 {
					sums = append(sums, m)
				}
			}
			t.Run(fmt.Sprint(c.Task, "/", c.Name), func(t *testing.T) {
				compare(t, dev, &c, sums, rows, false, 1e-6)
				compare(t, dev, &c, all, rows, true, 1e-9)
			})
		}
	})
}

func compare(t *testing.T, dev backend.Backend, c *goldenCase, ms []Metric, rows int, outputs bool, tol float64) {
	t.Helper()
	got, err := measure(t, dev, c.predictions(), ms, rows, outputs)
	if err != nil || len(got) != len(ms) {
		t.Fatal(got, err)
	}
	for _, r := range got {
		if want := *c.Want[r.Name]; !(math.Abs(r.Value-want) <= tol*math.Max(1, math.Abs(want))) {
			t.Errorf("in batches of %d rows %s is %v, scikit-learn has %v", rows, r.Name, r.Value, want)
		}
	}
}

// TestIgnoredRows: rows whose label is no class, and rows that weigh nothing, change no metric.
func TestIgnoredRows(t *testing.T) {
	onDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, c := range readGoldens(t) {
			if c.Name != "random" && c.Name != "labels" && c.Name != "several" {
				continue
			}
			p := c.predictions()
			more := &Predictions{Task: p.Task, Cols: p.Cols}
			for i := range p.Rows() {
				more.append(p, i, 1)
				more.append(p, i, 0)
				if p.Task == Classes {
					more.append(p, i, 1)
					more.Labels[len(more.Labels)-1] = []uint32{uint32(p.Cols), math.MaxUint32}[i%2]
				}
			}
			var sums []Metric
			for name := range c.Want {
				m := byName(t, name)
				want, err := m.Of(p)
				got, err2 := m.Of(more)
				if !(math.Abs(got-want) <= 1e-12) || err != nil || err2 != nil {
					t.Errorf("%v %s: %v with rows that do not count, %v without; %v, %v", p.Task, name, got, want, err, err2)
				}
				if m.part != 0 {
					sums = append(sums, m)
				}
			}
			got, err := measure(t, dev, more, sums, 11, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range got {
				if want := *c.Want[r.Name]; !(math.Abs(r.Value-want) <= 1e-6) {
					t.Errorf("on the device %s is %v with rows that do not count, %v without", r.Name, r.Value, want)
				}
			}
		}
	})
}

// append adds row i of q with a weight.
func (p *Predictions) append(q *Predictions, i int, w float32) {
	p.Outputs = append(p.Outputs, q.row(i)...)
	p.Weights = append(p.Weights, w)
	if q.Task == Classes {
		p.Labels = append(p.Labels, q.Labels[i])
	} else {
		p.Values = append(p.Values, q.Values[i*q.Cols:(i+1)*q.Cols]...)
	}
}

// TestNotFinite: NaN and Inf are errors, on the device and in outputs that were read.
func TestNotFinite(t *testing.T) {
	onDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			p := &Predictions{Outputs: slices.Repeat([]float32{1, 2}, 5), Cols: 2, Labels: []uint32{0, 1, 0, 1, 1}}
			p.Outputs[5] = float32(bad)
			if _, err := measure(t, dev, p, []Metric{Accuracy()}, 2, false); err != errNotFinite {
				t.Errorf("%v: sums: %v", bad, err)
			}
			_, err := measure(t, dev, p, []Metric{ROCAUC(Macro)}, 2, false)
			if want := fmt.Sprintf("row 2 has output %v in column 1", bad); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: outputs: %v", bad, err)
			}
		}
	})
}
