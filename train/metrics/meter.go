package metrics

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// A Meter computes metrics over the batches of an evaluation. Where all of them are counts and sums over the rows, each batch's are
// made on the device: of 500 rows in float32, and the batches' are added up in float64. Where one needs the outputs, or classes are so many that
// their table of counts is larger than a batch's outputs, the outputs are read, once, and everything comes from them.
// It is used by one goroutine at a time.
type Meter struct {
	ms    []Metric
	truth Predictions // Outputs only where they are read
	cols  int
	sums  *sums // nil where the outputs are read
	seen  int   // rows
}

// The largest tables on the device: of counts, which are read for every batch, and of what TopK looks labels up in.
const (
	countTable = 64 * 64
	rankTable  = 1024 * 1024
)

// NewMeter makes a meter for the rows of a set, whose targets and weights truth has. The error says which metric does not fit the
// task, or the set: ROCAUC wants rows of every class. With outputs they are read whatever the metrics are.
func NewMeter(ms []Metric, truth Predictions, outputs bool) (*Meter, error) {
	if err := CheckAll(ms, truth.Task, truth.Cols); err != nil {
		return nil, err
	}
	rows := len(truth.Labels)
	if truth.Task != Classes {
		rows = len(truth.Values) / truth.Cols
	}
	truth.Outputs = make([]float32, rows*truth.Cols)
	if err := truth.check(); err != nil {
		return nil, err
	}
	m := &Meter{ms: slices.Clone(ms), truth: truth, cols: truth.Cols}
	for _, metric := range ms {
		if metric.early {
			if _, err := metric.of(&truth); err != nil {
				return nil, fmt.Errorf("metrics: %s: %w", metric, err)
			}
		}
	}
	if !outputs && !needOutputs(ms, truth.Task, truth.Cols) {
		m.sums = newSums(&truth, ms)
		m.truth.Outputs = nil
	}
	return m, nil
}

func needOutputs(ms []Metric, task Task, cols int) bool {
	return slices.ContainsFunc(ms, func(m Metric) bool {
		return m.part == 0 || m.part == counts && task == Classes && cols*cols > countTable || m.part == ranks && cols*cols > rankTable
	})
}

// StepFloats is what a step of so many rows leaves on the device for the host to read.
func (m *Meter) StepFloats(rows int) int {
	if m.sums == nil {
		return rows * m.cols
	}
	return m.sums.width()
}

// Begin forgets what was read: the next rows are the first of an evaluation.
func (m *Meter) Begin() {
	m.seen = 0
	if m.sums != nil {
		m.sums.reset()
	}
}

// Results are the metrics of the rows that were read since Begin, which have to be those of the whole set.
func (m *Meter) Results() (Results, error) {
	if rows := m.rows(); m.seen != rows {
		return nil, fmt.Errorf("metrics: %d rows of %d were read", m.seen, rows)
	}
	if m.sums == nil {
		return All(&m.truth, m.ms...)
	}
	var out Results
	for _, metric := range m.ms {
		out = append(out, Result{metric.name, metric.from(m.sums.of(metric))})
	}
	return out, nil
}

// Predictions are the outputs that were read since Begin with their targets, for a meter that reads them. They are the meter's
// own: the next evaluation overwrites them.
func (m *Meter) Predictions() (*Predictions, error) {
	switch {
	case m.sums != nil:
		return nil, errors.New("metrics: the outputs were not read: no metric asked for them")
	case m.seen != m.rows():
		return nil, fmt.Errorf("metrics: %d rows of %d were read", m.seen, m.rows())
	}
	return &m.truth, nil
}

func (m *Meter) rows() int {
	if m.truth.Task == Classes {
		return len(m.truth.Labels)
	}
	return len(m.truth.Values) / m.cols
}

// A Batch is a recorded step's outputs and targets on the device, whose places move from step to step as the feed's do.
type Batch struct {
	Outputs                 backend.Tensor // rows×outputs
	Labels, Values, Weights backend.Tensor // those that are there
	Steps                   int            // the most of a Run
}

// A Tap is a meter's part in the steps of one batch size: calls that come after those that make the outputs.
type Tap struct {
	Calls []backend.Call

	meter   *Meter
	dev     backend.Backend
	batch   Batch
	out     *backend.Buffer // steps×width
	width   int
	host    []float32
	buffers []*backend.Buffer
	err     error // the first
}

// Tap builds the calls. The error is the device's.
func (m *Meter) Tap(dev backend.Backend, b Batch) (*Tap, error) {
	if b.Outputs.Cols != m.cols || b.Steps < 1 {
		return nil, fmt.Errorf("metrics: %d steps of outputs %v, want rows of %d", b.Steps, &b.Outputs, m.cols)
	}
	t := &Tap{meter: m, dev: dev, batch: b, width: m.StepFloats(b.Outputs.Rows)}
	t.out, t.host = t.buffer(backend.F32, b.Steps*t.width), make([]float32, b.Steps*t.width)
	if m.sums == nil {
		whole := backend.Mat(t.out, 0, b.Outputs.Rows, m.cols).Advanced(t.width)
		t.add(&backend.Each{Dst: whole, Do: backend.Chain{backend.Load(b.Outputs)}})
	} else {
		t.build(m.sums)
	}
	if t.err != nil {
		t.Release()
		return nil, fmt.Errorf("metrics: batches of %d rows: %w", b.Outputs.Rows, t.err)
	}
	return t, nil
}

// Read waits for a Run of n steps and takes in what it left behind.
func (t *Tap) Read(n int) error {
	m, raw := t.meter, t.host[:n*t.width]
	if err := backend.Read(t.dev, raw, t.out, 0); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	rows := n * t.batch.Outputs.Rows
	if m.seen+rows > m.rows() {
		return fmt.Errorf("metrics: %d rows of %d", m.seen+rows, m.rows())
	}
	if m.sums == nil {
		copy(m.truth.Outputs[m.seen*m.cols:], raw)
	} else {
		for ; len(raw) > 0; raw = raw[t.width:] {
			if !finite(raw[0]) {
				return errNotFinite
			}
			m.sums.add(raw[1:t.width])
		}
	}
	m.seen += rows
	return nil
}

// Release gives the tap's memory back.
func (t *Tap) Release() {
	if t == nil {
		return
	}
	for _, b := range t.buffers {
		b.Release()
	}
}

func (t *Tap) add(c backend.Call) { t.Calls = append(t.Calls, c) }

func (t *Tap) buffer(kind backend.Kind, n int) *backend.Buffer {
	if t.err != nil {
		return nil
	}
	b, err := backend.Alloc(t.dev, kind, n)
	if err != nil {
		t.err = err
		return nil
	}
	t.buffers = append(t.buffers, b)
	return b
}
