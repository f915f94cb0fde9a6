package train

import (
	"fmt"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
)

// Memory tells what Fit takes on the device with this configuration, without taking it: the model, the optimizer's state,
// the steps of all batch sizes and those of the validation, each with its feed. The sets themselves are not among it, nor
// what metrics take, nor what a device keeps for programs that it has compiled.
func Memory(m *nn.Model, set *data.Set, cfg Config) (nn.Memory, error) {
	if err := cfg.check(m, set); err != nil {
		return nn.Memory{}, fmt.Errorf("train: %w", err)
	}
	step := nn.MemoryConfig{MicroBatch: cfg.MicroBatch, Loss: cfg.Loss, Train: true, Optimizer: cfg.Optimizer, Update: cfg.Update}
	sum := laneMemory{m: m}
	n := set.Len()
	sum.lane(set, step, cfg.Batch, min(cfg.readEvery(), n/cfg.Batch))
	sum.lane(set, step, n%cfg.Batch, 1)
	if v := cfg.Validation; v != nil {
		rows := min(evalRows, v.Len())
		eval := nn.MemoryConfig{Loss: cfg.Loss}
		sum.lane(v, eval, rows, min(evalSteps, v.Len()/rows))
		sum.lane(v, eval, v.Len()%rows, 1)
	}
	return sum.Memory, sum.err
}

// laneMemory adds up lanes of one model.
type laneMemory struct {
	nn.Memory
	m   *nn.Model
	err error
}

// lane adds that of newLane, where it has rows and steps.
func (s *laneMemory) lane(set *data.Set, cfg nn.MemoryConfig, rows, steps int) {
	if rows == 0 || steps == 0 || s.err != nil {
		return
	}
	cfg.Batch, cfg.Steps, cfg.Weighted = rows, steps, set.Weighted()
	b, err := s.m.Memory(cfg)
	if err != nil {
		s.err = fmt.Errorf("train: memory: %w", err)
		return
	}
	s.Parameters, s.Statistics = b.Parameters, b.Statistics
	s.Optimizer, s.Averages = max(s.Optimizer, b.Optimizer), max(s.Averages, b.Averages)
	s.Gradients += b.Gradients
	s.Activations += b.Activations
	s.Tables += b.Tables
	s.Batch += set.FeedBytes(data.FeedConfig{Rows: rows, Steps: steps})
}

// readEvery is ReadEvery, or what 0 stands for.
func (c *Config) readEvery() int {
	if c.ReadEvery == 0 {
		return 64
	}
	return c.ReadEvery
}
