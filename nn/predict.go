package nn

import (
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// Predict returns the model's outputs for x, rows of Inputs values one after the other: as many rows of Outputs
// values. It waits for the device. The plan for a number of rows is kept for the next call with as many.
func (m *Model) Predict(x []float32) ([]float32, error) { return m.PredictCodes(x, nil) }

// PredictCodes is Predict for models that take codes: as many rows of Codes of them. A code of 2³¹ or more is none; another
// that is no row of its table is an error.
func (m *Model) PredictCodes(x []float32, codes []uint32) ([]float32, error) {
	rows, err := m.rowsOf(x, codes)
	if err != nil || rows == 0 {
		return nil, err
	}
	y := make([]float32, rows*m.Outputs())
	if err := m.predictRows(y, x, codes, rows); err != nil {
		return nil, err
	}
	return y, nil
}

// PredictInto is Predict that leaves the outputs in y, which has to be as long as they are. Once the plan for the number of
// rows is there it allocates nothing on the CPU.
func (m *Model) PredictInto(y, x []float32) error {
	rows, err := m.rowsOf(x, nil)
	if err == nil && len(y) != rows*m.Outputs() {
		err = fmt.Errorf("nn: predict: room for %d values, where %d rows of %d outputs come", len(y), rows, m.Outputs())
	}
	if err != nil || rows == 0 {
		return err
	}
	return m.predictRows(y, x, nil, rows)
}

func (m *Model) predictRows(y, x []float32, codes []uint32, rows int) (err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.predict == nil || m.predict.plan.Rows != rows {
		m.predict.release()
		if m.predict, err = m.newPredictor(rows); err != nil {
			return err
		}
	}
	if m.inputs > 0 {
		backend.Write(m.dev, m.predict.plan.X.Buf, m.predict.plan.X.Off, x)
	}
	if len(m.codes) > 0 {
		backend.Write(m.dev, m.predict.plan.Codes.Buf, m.predict.plan.Codes.Off, codes)
	}
	m.predict.program.Run(1)
	if err := backend.Read(m.dev, y, m.predict.plan.Output.Buf, m.predict.plan.Output.Off); err != nil {
		return fmt.Errorf("nn: predict: %w", err)
	}
	return nil
}

// rowsOf is the number of rows that x and codes have both.
func (m *Model) rowsOf(x []float32, codes []uint32) (rows int, err error) {
	switch {
	case m.inputs > 0 && len(x)%m.inputs != 0 || m.inputs == 0 && len(x) > 0:
		return 0, fmt.Errorf("nn: predict: %d values are no whole number of rows of %d", len(x), m.inputs)
	case m.inputs > 0:
		rows = len(x) / m.inputs
	default:
		rows = len(codes) / len(m.codes)
	}
	if len(codes) != rows*len(m.codes) {
		return 0, fmt.Errorf("nn: predict: %d rows with %d codes: the model takes %d codes a row", rows, len(codes), len(m.codes))
	}
	for i, c := range codes {
		if j := i % len(m.codes); c <= math.MaxInt32 && int(c) >= m.codes[j] {
			return 0, fmt.Errorf("nn: predict: row %d has code %d in column %d, whose table has %d rows", i/len(m.codes), c, j, m.codes[j])
		}
	}
	return rows, nil
}

type predictor struct {
	plan    *Plan
	program *backend.Program
}

func (m *Model) newPredictor(rows int) (*predictor, error) {
	plan, err := m.Plan(PlanConfig{Rows: rows})
	if err != nil {
		return nil, err
	}
	program, err := backend.Record(m.dev, backend.Step{Calls: plan.Calls})
	if err != nil {
		plan.Release()
		return nil, fmt.Errorf("nn: predict: %w", err)
	}
	return &predictor{plan, program}, nil
}

func (p *predictor) release() {
	if p != nil {
		p.program.Release()
		p.plan.Release()
	}
}
