package nn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gloss-ml/gloss/backend"
)

// MemoryConfig says what a model's memory is wanted for: a training step, or with Train unset predictions or, with a
// Loss, an evaluation.
type MemoryConfig struct {
	Batch      int // rows
	MicroBatch int // as in PlanConfig
	Steps      int // the most steps of one recorded Run; 0 stands for 1. Package train has 64, or an epoch's
	Train      bool
	Loss       Loss
	Weighted   bool          // rows have weights
	Optimizer  Optimizer     // with Train; nil for gradients alone
	Update     []StateOption // of the optimizer
	Data       int64         // bytes of data sets on the device, taken as they are
}

// Memory is bytes on the device by what they are for: what a model, a state and a plan allocate, exactly. A device may
// round each of its buffers up, and keep some of its own.
type Memory struct {
	Parameters  int64
	Statistics  int64 // running ones
	Gradients   int64
	Optimizer   int64 // its state vectors
	Averages    int64 // of the weights
	Activations int64 // what lies between the calls, gradients of activations among it
	Tables      int64 // of the steps: random keys, the optimizer's constants, results
	Batch       int64 // the step's inputs and targets, and those of all Steps' targets that a feed of package data gathers at once
	Data        int64 // of data sets, as MemoryConfig has it
}

// Total is the sum.
func (b Memory) Total() int64 {
	return b.Parameters + b.Statistics + b.Gradients + b.Optimizer + b.Averages + b.Activations + b.Tables + b.Batch + b.Data
}

// String is a table of what is not 0, and the total.
func (b Memory) String() string {
	rows := [][]string{{"memory", "bytes", ""}}
	for _, r := range []struct {
		name  string
		bytes int64
	}{
		{"parameters", b.Parameters}, {"running statistics", b.Statistics}, {"gradients", b.Gradients}, {"optimizer's state", b.Optimizer},
		{"averages", b.Averages}, {"activations", b.Activations}, {"tables of the steps", b.Tables}, {"batch", b.Batch}, {"data sets", b.Data},
		{"total", b.Total()},
	} {
		if r.bytes != 0 || r.name == "total" {
			rows = append(rows, []string{r.name, grouped(int(r.bytes)), inUnits(r.bytes)})
		}
	}
	return table(rows, 1)
}

// inUnits is a number of bytes as people say it.
func inUnits(n int64) string {
	x := float64(n)
	for _, unit := range []string{"B", "KiB", "MiB", "GiB"} {
		if x < 1024 {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") + " " + unit
		}
		x /= 1024
	}
	return fmt.Sprintf("%.1f TiB", x)
}

// Memory tells what the configuration takes on the device, without taking it. The error is that of the state or the
// plan that could not be made.
func (m *Model) Memory(cfg MemoryConfig) (Memory, error) {
	if cfg.Optimizer != nil && !cfg.Train {
		return Memory{}, errors.New("nn: memory: an optimizer goes with Train")
	}
	if cfg.Data < 0 {
		return Memory{}, fmt.Errorf("nn: memory: data sets of %d bytes", cfg.Data)
	}
	d := m.dry()
	b := Memory{Parameters: sizeOf(d.w), Statistics: sizeOf(d.stats.buf), Data: cfg.Data}
	plan := PlanConfig{Rows: cfg.Batch, MicroBatch: cfg.MicroBatch, Steps: cfg.Steps, Train: cfg.Train, Loss: cfg.Loss}
	if cfg.Optimizer != nil {
		var err error
		if plan.State, err = NewState(d, cfg.Optimizer, cfg.Update...); err != nil {
			return Memory{}, err
		}
		b.Optimizer, b.Averages = sizeOf(plan.State.slots...), sizeOf(plan.State.averaged)
	}
	if err := d.feed(&plan, cfg.Weighted); err != nil {
		return Memory{}, err
	}
	p, err := d.Plan(plan)
	if err != nil {
		return Memory{}, err
	}
	for _, t := range []backend.Tensor{plan.X, plan.Codes, plan.Labels, plan.Values, plan.Weights} {
		b.Batch += sizeOf(t.Buf)
	}
	b.Gradients = sizeOf(p.grads)
	if t := p.tables; t != nil {
		b.Tables = sizeOf(t.consts, t.keys, t.results, t.ok)
	}
	b.Activations = sizeOf(p.arena.all...) + sizeOf(p.held.all...) - b.Gradients - b.Tables
	return b, nil
}

// feed gives the plan of a dry model inputs and targets.
func (m *Model) feed(c *PlanConfig, weighed bool) error {
	if c.Rows < 1 || c.Steps < 0 || c.Steps > maxSteps || c.Rows > backend.MaxElements/m.widest || c.Loss == nil && m.inputs+len(m.codes) == 0 {
		return nil // Plan says what is wrong
	}
	part := func(kind backend.Kind, cols, steps int) (t backend.Tensor) {
		if cols > 0 {
			t = backend.Mat(m.nothing(kind, steps*c.Rows*cols), 0, c.Rows, cols)
		}
		return t
	}
	steps := max(c.Steps, 1)
	c.X, c.Codes = part(backend.F32, m.inputs, 1), part(backend.U32, len(m.codes), steps)
	if c.Loss == nil {
		return nil
	}
	want, err := c.Loss.Targets(m.Outputs())
	if err != nil {
		return fmt.Errorf("nn: memory: %v: %w", c.Loss, err)
	}
	c.Labels, c.Values = part(backend.U32, want.Labels, steps), part(backend.F32, want.Values, steps)
	if weighed {
		c.Weights = part(backend.F32, 1, steps)
	}
	return nil
}

// sizeOf adds buffers up; those that are nil take none.
func sizeOf(buffers ...*backend.Buffer) (n int64) {
	for _, b := range buffers {
		if b != nil {
			n += int64(b.Len()) * int64(b.Kind().Size())
		}
	}
	return n
}

// mostParts bounds the micro-batches that LargestBatch tries, each of which is a plan's calls over again.
const mostParts = 256

// LargestBatch is the number of rows of a batch that fits into so many bytes with what else the configuration takes,
// where one row more does not. cfg.Batch is not looked at; with cfg.MicroBatch it is a whole number of them, 256 at most,
// where one fits. It is 0, without an error, where not even the least batch fits: 1 row, or the 2 that a [BatchNorm] needs
// to train.
func (m *Model) LargestBatch(cfg MemoryConfig, budget int64) (rows int, err error) {
	fits := func(n int) (bool, error) {
		cfg.Batch = n
		b, err := m.Memory(cfg)
		return err == nil && b.Total() <= budget, err
	}
	least := 1
	ok, err := fits(least)
	if err != nil {
		least = 2
		ok, err = fits(least)
	}
	if err != nil || !ok {
		return 0, err
	}
	// From here on an error says that there are more elements than a device can index.
	unit, most := 1, backend.MaxElements/m.widest
	if micro := cfg.MicroBatch; micro > 0 {
		if ok, _ := fits(micro); ok {
			unit, least, most = micro, 1, min(mostParts, most/micro)
		} else {
			most = micro
		}
	}
	return unit * largest(least, most, func(n int) bool { ok, _ := fits(n * unit); return ok }), nil
}

// largest is the last of least…most that fits, where least does: by steps that double until one is too long, and then
// halve.
func largest(least, most int, fits func(int) bool) int {
	at, step := least, 1
	for ; step <= most-at && fits(at+step); step *= 2 {
		at += step
	}
	for ; step > 0; step /= 2 {
		if step <= most-at && fits(at+step) {
			at += step
		}
	}
	return at
}
