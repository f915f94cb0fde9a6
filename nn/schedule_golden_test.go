package nn

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// schedules are testdata/schedules.json, which testdata/schedules.py wrote with PyTorch.
type schedules struct {
	LR        float64
	Schedules map[string]struct{ LR, Momentum []float64 }
	Trainings []golden
}

func readSchedules(t *testing.T) (g schedules) {
	t.Helper()
	raw, err := os.ReadFile("testdata/schedules.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func warmupFrom(start float64, steps int, then Schedule) Schedule {
	w := Warmup(steps, then)
	w.Start = start
	return w
}

// TestScheduleGoldens: the rates of PyTorch's schedulers at every step, and asked for in another order, for a schedule
// remembers nothing.
func TestScheduleGoldens(t *testing.T) {
	small := &OneCycleSchedule{Steps: 33, Rise: 0.25, DivFactor: 10, FinalDivFactor: 100}
	falls := OneCycle(20)
	falls.Rise = 0
	table := map[string]Schedule{
		"step":               StepDecay(3, 0.5),
		"multi-step":         MultiStepDecay(0.1, 2, 5, 30),
		"exponential":        ExponentialDecay(0.9),
		"linear":             LinearRamp(1.0/3, 1, 5),
		"linear down":        LinearRamp(1, 0.25, 33),
		"polynomial":         PolynomialDecay(10, 2, 0),
		"polynomial 0.9":     PolynomialDecay(33, 0.9, 0),
		"cosine":             CosineDecay(30, 0),
		"cosine floor":       CosineDecay(30, 0.01),
		"restarts 1":         CosineRestarts(7, 1, 0.05),
		"restarts 2":         CosineRestarts(5, 2, 0),
		"restarts 3":         CosineRestarts(2, 3, 0.1),
		"one cycle":          OneCycle(50),
		"one cycle set":      small,
		"one cycle short":    OneCycle(3),
		"one cycle falls":    falls,
		"inverse sqrt":       InverseSqrtDecay(6),
		"warmup alone":       Warmup(8, nil),
		"warmup cosine":      warmupFrom(0.1, 5, CosineDecay(20, 0.1)),
		"warmup step":        warmupFrom(0.1, 5, StepDecay(4, 0.3)),
		"warmup exponential": warmupFrom(0.1, 5, ExponentialDecay(0.8)),
	}
	g := readSchedules(t)
	if len(g.Schedules) != len(table) {
		t.Errorf("%d schedules, PyTorch has %d", len(table), len(g.Schedules))
	}
	for name, want := range g.Schedules {
		t.Run(name, func(t *testing.T) {
			s := table[name]
			if s == nil {
				t.Fatal("the table has no such schedule")
			}
			opt := SGD(g.LR)
			opt.Momentum, opt.Schedule = 0.95, s
			if cycle, ok := s.(*OneCycleSchedule); ok {
				opt.MomentumSchedule = cycle.Momentum(0.85 / 0.95)
			}
			if err := opt.Check(); err != nil {
				t.Fatal(err)
			}
			for i := len(want.LR) - 1; i >= 0; i-- {
				lr, err := opt.Rate(int64(i))
				if err != nil {
					t.Fatal(err)
				}
				close12(t, "rate", i, lr, want.LR[i])
				if want.Momentum != nil {
					close12(t, "momentum", i, opt.Momentum*opt.MomentumSchedule.Factor(int64(i)), want.Momentum[i])
				}
			}
		})
	}
}

func close12(t *testing.T, what string, step int, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-12*math.Abs(want)) {
		t.Errorf("step %d: %s %v, PyTorch has %v", step, what, got, want)
	}
}

// TestScheduleTraining: 20 steps with a schedule end where PyTorch ends.
func TestScheduleTraining(t *testing.T) {
	trainings := readSchedules(t).Trainings
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, g := range trainings {
			t.Run(g.Name, func(t *testing.T) {
				opt := g.optimizer(t)
				switch o := opt.(type) {
				case *SGDOptimizer:
					o.Schedule = StepDecay(4, 0.5)
				case *AdamOptimizer:
					cycle := OneCycle(21)
					o.Schedule = cycle
					o.Beta1, o.MomentumSchedule = 0.95, cycle.Momentum(0.85/0.95)
				}
				g.run(t, dev, opt)
			})
		}
	})
}
