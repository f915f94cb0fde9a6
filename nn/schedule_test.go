package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// oneCycle is OneCycle with a field set.
func oneCycle(steps int, edit func(*OneCycleSchedule)) Schedule {
	o := OneCycle(steps)
	edit(o)
	return o
}

// TestScheduleErrors: settings that make no sense are an error of the optimizer that names the schedule and the field,
// and no panic, wherever they are.
func TestScheduleErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		s    Schedule
		want string
	}{
		{ConstantFactor(-1), "ConstantFactor(-1): factor -1"},
		{ConstantFactor(nan), "ConstantFactor(NaN): factor NaN"},
		{StepDecay(0, 0.1), "StepDecay(0, 0.1): every 0"},
		{StepDecay(-3, 0.1), "StepDecay(-3, 0.1): every -3"},
		{StepDecay(3, -0.1), "StepDecay(3, -0.1): gamma -0.1"},
		{MultiStepDecay(nan, 1), "MultiStepDecay(NaN, 1): gamma NaN"},
		{MultiStepDecay(0.1), "MultiStepDecay(0.1): no milestones"},
		{MultiStepDecay(0.1, 3, 3), "MultiStepDecay(0.1, 3, 3): milestones 3 3"},
		{MultiStepDecay(0.1, 5, 3), "MultiStepDecay(0.1, 5, 3): milestones 5 3"},
		{MultiStepDecay(0.1, 0, 3), "MultiStepDecay(0.1, 0, 3): milestones 0 3"},
		{ExponentialDecay(inf), "ExponentialDecay(+Inf): gamma +Inf"},
		{CosineDecay(0, 0), "CosineDecay(0, 0): steps 0"},
		{CosineDecay(5, 1.5), "CosineDecay(5, 1.5): floor 1.5"},
		{CosineDecay(5, nan), "CosineDecay(5, NaN): floor NaN"},
		{CosineRestarts(0, 1, 0), "CosineRestarts(0, 1, 0): first 0"},
		{CosineRestarts(5, 0, 0), "CosineRestarts(5, 0, 0): mult 0"},
		{CosineRestarts(5, 1, -1), "CosineRestarts(5, 1, -1): floor -1"},
		{OneCycle(0), "OneCycle(0): steps 0"},
		{oneCycle(9, func(o *OneCycleSchedule) { o.Rise = 1.1 }), "OneCycle(9): rise 1.1"},
		{oneCycle(9, func(o *OneCycleSchedule) { o.DivFactor = 0 }), "OneCycle(9): div factor 0"},
		{oneCycle(9, func(o *OneCycleSchedule) { o.FinalDivFactor = nan }), "OneCycle(9): final div factor NaN"},
		{OneCycle(9).Momentum(2), "OneCycle(9).Momentum(2): low 2"},
		{OneCycle(-9).Momentum(0.5), "OneCycle(-9).Momentum(0.5): steps -9"},
		{LinearRamp(-1, 1, 5), "LinearRamp(-1, 1, 5): from -1"},
		{LinearRamp(1, nan, 5), "LinearRamp(1, NaN, 5): to NaN"},
		{LinearRamp(1, 0, 0), "LinearRamp(1, 0, 0): steps 0"},
		{PolynomialDecay(0, 1, 0), "PolynomialDecay(0, 1, 0): steps 0"},
		{PolynomialDecay(5, 0, 0), "PolynomialDecay(5, 0, 0): power 0"},
		{PolynomialDecay(5, 1, -1), "PolynomialDecay(5, 1, -1): end -1"},
		{InverseSqrtDecay(0), "InverseSqrtDecay(0): warmup 0"},
		{Warmup(0, nil), "Warmup(0, ConstantFactor(1)): steps 0"},
		{warmupFrom(nan, 5, nil), "Warmup(5, ConstantFactor(1)): start NaN"},
		{Warmup(5, StepDecay(0, 1)), "Warmup(5, StepDecay(0, 1)): StepDecay(0, 1): every 0"},
		{&WarmupSchedule{Steps: 5}, "Warmup(5, <nil>): no schedule to go on with"},
		{PerEpoch(0, StepDecay(3, 0.1)), "PerEpoch(0, StepDecay(3, 0.1)): steps 0"},
		{PerEpoch(5, nil), "PerEpoch(5, <nil>): no schedule to go on with"},
		{PerEpoch(5, Warmup(-1, nil)), "Warmup(-1, ConstantFactor(1)): steps -1"},
		{ScheduleFunc(nil), "ScheduleFunc: the function is nil"},
	} {
		sgd, adam, momentum := SGD(0.1), Adam(0.1), SGD(0.1)
		sgd.Schedule, adam.Schedule = c.s, c.s
		momentum.Momentum, momentum.MomentumSchedule = 0.9, c.s
		for prefix, opt := range map[string]Optimizer{"schedule ": sgd, "schedule": adam, "momentum schedule ": momentum} {
			if err := opt.Check(); err == nil || !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, prefix+c.want)
			}
		}
	}
	still := SGD(0.1)
	still.MomentumSchedule = OneCycle(5).Momentum(0.9)
	if err := still.Check(); err == nil || !strings.Contains(err.Error(), "a factor on Momentum, which is 0") {
		t.Errorf("error %v for a momentum schedule without a momentum", err)
	}
}

// TestScheduleTails: far steps neither wrap, nor panic, nor leave the range, and a constructor with settings that make
// no sense gives something that may be asked.
func TestScheduleTails(t *testing.T) {
	const far = math.MaxInt64
	for _, c := range []struct {
		s    Schedule
		want float64
	}{
		{ConstantFactor(0.5), 0.5},
		{StepDecay(1, 0.5), 0},
		{StepDecay(math.MaxInt, 0.5), 0.5},
		{MultiStepDecay(0.5, 1, 2, math.MaxInt), 0.125},
		{ExponentialDecay(1), 1},
		{CosineDecay(10, 0.25), 0.25},
		{LinearRamp(0.5, 0.75, 3), 0.75},
		{PolynomialDecay(10, 3, 0.125), 0.125},
		{OneCycle(100), 1.0 / 25 / 1e4},
		{OneCycle(100).Momentum(0.5), 1},
		{OneCycle(1), 1.0 / 25 / 1e4},
		{oneCycle(9, func(o *OneCycleSchedule) { o.Rise = 1 }), 1},
		{Warmup(math.MaxInt, nil), 1},
		{PerEpoch(10, CosineDecay(7, 0.5)), 0.5},
	} {
		if got := c.s.Factor(far); !(math.Abs(got-c.want) <= 1e-12*c.want) {
			t.Errorf("%v: the last factor is %v, want %v", c.s, got, c.want)
		}
	}
	for _, s := range []Schedule{CosineRestarts(7, 1, 0.1), CosineRestarts(7, 2, 0.1), CosineRestarts(1, math.MaxInt, 0.1), CosineRestarts(math.MaxInt, 5, 0.1), InverseSqrtDecay(3)} {
		for step := int64(1); step > 0; step = step*2 + 1 {
			if f := s.Factor(step); !(f >= 0 && f <= 1) {
				t.Errorf("%v: factor %v of step %d", s, f, step)
			}
		}
	}
	for _, s := range []Schedule{StepDecay(0, 1), CosineDecay(0, 0), CosineRestarts(0, 0, 0), PerEpoch(0, nil), MultiStepDecay(1), InverseSqrtDecay(0)} {
		if f := s.Factor(3); !math.IsNaN(f) {
			t.Errorf("%v: factor %v, want NaN", s, f)
		}
	}
}

// TestSchedulePeak: the rate of one cycle whose peak is at a whole step, where PyTorch divides by 0 if that is step 0.
func TestSchedulePeak(t *testing.T) {
	cycle := OneCycle(10)
	cycle.Rise = 0.1
	if f := cycle.Factor(0); f != 1 {
		t.Errorf("factor %v at a peak at step 0", f)
	}
	cycle.Rise = 0.5
	if f := cycle.Factor(4); f != 1 {
		t.Errorf("factor %v at a peak at step 4", f)
	}
}

// TestWarmupMeets: a warm-up ends where what it warms up for begins, whatever that is.
func TestWarmupMeets(t *testing.T) {
	for _, then := range []Schedule{
		nil, ConstantFactor(0.5), StepDecay(3, 0.1), MultiStepDecay(0.1, 4), ExponentialDecay(0.9), CosineDecay(9, 0), CosineRestarts(3, 2, 0),
		OneCycle(9), LinearRamp(1, 0, 9), PolynomialDecay(9, 2, 0), InverseSqrtDecay(4), Warmup(3, nil), PerEpoch(3, StepDecay(1, 0.5)),
		ScheduleFunc(func(step int64) float64 { return 2 / float64(step+1) }),
	} {
		w := Warmup(4, then)
		w.Start = 0.25
		if err := w.Check(); err != nil {
			t.Fatal(err)
		}
		first := w.Then.Factor(0)
		for step, want := range []float64{first * 0.25, first * 0.4375, first * 0.625, first * 0.8125, first, w.Then.Factor(1)} {
			if got := w.Factor(int64(step)); got != want {
				t.Errorf("%v: factor %v of step %d, want %v", w, got, step, want)
			}
		}
	}
}

func TestPerEpoch(t *testing.T) {
	s := PerEpoch(3, MultiStepDecay(0.5, 1, 3))
	var got []float64
	for step := range int64(11) {
		got = append(got, s.Factor(step))
	}
	if want := []float64{1, 1, 1, .5, .5, .5, .5, .5, .5, .25, .25}; !slices.Equal(got, want) {
		t.Errorf("factors %v, want %v", got, want)
	}
}

// stepper is a small training with an optimizer.
func stepper(t *testing.T, opt Optimizer, steps int) *Plan {
	t.Helper()
	dev := ref.Open()
	m, err := New(dev, 3, Linear(4), Tanh(), Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	state, err := NewState(m, opt)
	if err != nil {
		t.Fatal(err)
	}
	buf, err := backend.Alloc(dev, backend.F32, 4)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Plan(PlanConfig{Rows: 2, Values: backend.Mat(buf, 0, 2, 2), Loss: MSE(), Train: true, State: state, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	backend.Write(dev, p.X.Buf, p.X.Off, []float32{1, 2, 3, -1, 0.5, 2})
	return p
}

// TestScheduleOutOfRange: a setting that a schedule takes out of its range is an error of Begin, with schedule and
// step, and nothing is queued; so are settings that were changed after NewState.
func TestScheduleOutOfRange(t *testing.T) {
	at7 := func(x float64) Schedule {
		return ScheduleFunc(func(step int64) float64 {
			if step == 7 {
				return x
			}
			return 1
		})
	}
	for _, c := range []struct {
		lr             float64
		rate, momentum Schedule
		want           string
	}{
		{0.1, at7(-1), nil, "step 7: schedule ScheduleFunc: factor -1: learning rate -0.1"},
		{0.1, at7(math.NaN()), nil, "step 7: schedule ScheduleFunc: factor NaN: learning rate NaN"},
		{0.1, at7(1e300), nil, "step 7: schedule ScheduleFunc: factor 1e+300: learning rate 1e+299"},
		{0.1, nil, at7(-0.5), "step 7: schedule ScheduleFunc: factor -0.5: "},
		{0.1, nil, at7(1.25), "step 7: schedule ScheduleFunc: factor 1.25: "},
		{0.1, StepDecay(0, 1), nil, "step 5: schedule StepDecay(0, 1): every 0: at least 1 is needed"},
		{0.1, nil, CosineDecay(0, 0), "step 5: momentum schedule CosineDecay(0, 0): steps 0"},
		{math.Inf(1), nil, nil, "step 5: learning rate +Inf: it has to be finite and not negative"},
	} {
		sgd, adam := SGD(0.1), Adam(0.1)
		sgd.Momentum = 0.9
		for _, opt := range []Optimizer{sgd, adam} {
			p := stepper(t, opt, 5)
			sgd.LR, sgd.Schedule, sgd.MomentumSchedule = c.lr, c.rate, c.momentum
			adam.LR, adam.Schedule, adam.MomentumSchedule = c.lr, c.rate, c.momentum
			before := p.model.dev.Stats()
			if err := p.Begin(5, 5); err == nil || !strings.Contains(err.Error(), opt.String()+": "+c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
			if p.model.dev.Stats() != before {
				t.Errorf("%q: something was queued", c.want)
			}
			sgd.LR, sgd.Schedule, sgd.MomentumSchedule = 0.1, nil, nil
			adam.LR, adam.Schedule, adam.MomentumSchedule = 0.1, nil, nil
			if err := p.Begin(5, 5); err != nil {
				t.Errorf("after %q: %v", c.want, err)
			}
		}
	}
}

// TestScheduleDecay: a schedule that takes a decoupled decay past the whole weight is an error too.
func TestScheduleDecay(t *testing.T) {
	adamw, lion := AdamW(0.1), Lion(0.1)
	for _, o := range []*OptimizerCommon{&adamw.OptimizerCommon, &lion.OptimizerCommon} {
		o.WeightDecay, o.Schedule = 1, LinearRamp(1, 20, 10)
	}
	for _, opt := range []Optimizer{adamw, lion} {
		p := stepper(t, opt, 8)
		if err := p.Begin(0, 4); err != nil {
			t.Error(err)
		}
		if err := p.Begin(0, 8); err == nil || !strings.Contains(err.Error(), "step 5: learning rate 1.05 times weight decay 1 is above 1") {
			t.Errorf("%v", err)
		}
	}
}

// TestScheduleResume: steps that are begun one by one, by plans of other lengths, leave the same bits.
func TestScheduleResume(t *testing.T) {
	weights := func(runs ...int) []float32 {
		cycle := OneCycle(10)
		opt := Adam(0.1)
		opt.Schedule = Warmup(2, cycle)
		opt.Beta1, opt.MomentumSchedule = 0.95, cycle.Momentum(0.85/0.95)
		p := stepper(t, opt, slices.Max(runs))
		program, err := backend.Record(p.model.dev, backend.Step{Calls: p.Calls, Steps: p.steps})
		if err != nil {
			t.Fatal(err)
		}
		step := 0
		for _, n := range runs {
			if err := p.Begin(int64(step), n); err != nil {
				t.Fatal(err)
			}
			program.Run(n)
			step += n
		}
		w, err := p.model.Weights()
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	if a, b := weights(12), weights(1, 5, 2, 4); !slices.Equal(a, b) {
		t.Errorf("weights %v, want %v", b, a)
	}
}
