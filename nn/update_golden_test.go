package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// TestUpdateGoldens: clipped gradients and parameter groups, 20 steps, of testdata/updates.json, which
// testdata/updates.py wrote with PyTorch in float64.
func TestUpdateGoldens(t *testing.T) {
	var goldens optimizerGoldens
	readGolden(t, "updates", &goldens)
	momentum := func(lr, mu, decay float64) Optimizer {
		o := SGD(lr)
		o.Momentum, o.WeightDecay = mu, decay
		return o
	}
	adamw := AdamW(0.02)
	adamw.WeightDecay = 0.3
	table := map[string]struct {
		opt     Optimizer
		options []StateOption
		calls   int // of the optimizer
	}{
		"ema":        {Adam(0.02), []StateOption{Averaged(EMA(0.9))}, 1},
		"swa":        {Adam(0.02), []StateOption{Averaged(SWA(5, 3))}, 1},
		"l1":         {momentum(0.2, 0.5, 0), []StateOption{L1(0.05)}, 2},
		"l1 groups":  {adamw, []StateOption{ClipValue(0.1), L1(0.02), NoDecayOnBiasAndNorm()}, 2},
		"max norm":   {momentum(0.3, 0, 0), []StateOption{MaxNorm(0.6)}, 1},
		"clip norm":  {momentum(0.5, 0.5, 0), []StateOption{ClipNorm(0.3)}, 1},
		"clip value": {Adam(0.02), []StateOption{ClipValue(0.02)}, 1},
		"clip both":  {momentum(0.5, 0, 0.1), []StateOption{ClipValue(0.05), ClipNorm(0.3)}, 1},
		"own groups": {adamw, []StateOption{
			Group(0.1, 2, func(p Param) bool { return strings.HasPrefix(p.Name, "0.") }),
			Group(0, 1, func(p Param) bool { return p.Name == "3.bias" }),
		}, 4}, // 0.weight, 3.weight, 0.bias, and the LayerNorm's
		"groups":         {adamw, []StateOption{NoDecayOnBiasAndNorm()}, 2},
		"groups clipped": {momentum(0.2, 0.9, 0.1), []StateOption{NoDecayOnBiasAndNorm(), ClipNorm(0.5)}, 2},
	}
	if len(table) != len(goldens) {
		t.Errorf("%d cases for %d goldens", len(table), len(goldens))
	}
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		for _, g := range goldens {
			t.Run(g.Name, func(t *testing.T) {
				c := table[g.Name]
				l := newLesson(t, dev, c.opt, MSE(), goldenRows, g.X, g.Target, []Layer{Linear(8), LayerNorm(), Tanh(), Linear(2)}, c.options...)
				l.follow(trajectory{Start: g.Start, Losses: g.Losses, End: g.End})
				if g.Averaged != nil {
					average, err := l.plan.cfg.State.Average()
					near(t, "average", doubles(average, err), g.Averaged, 1e-4)
				}
				calls := 0
				for i := range l.plan.Calls {
					if l.plan.Place(i) == "optimizer" {
						calls++
					}
				}
				if calls != c.calls {
					t.Errorf("the update is %d calls, want %d", calls, c.calls)
				}
			})
		}
	})
}

// TestStateMisuse: what goes around an optimizer is checked with it.
func TestStateMisuse(t *testing.T) {
	m := newBench(t, 4, 2, MSE(), []Layer{Linear(2)}).model
	every := func(Param) bool { return true }
	if _, err := NewState(m, SGD(1), nil); err != nil {
		t.Errorf("an option of nothing: %v", err)
	}
	for want, o := range map[string]StateOption{
		"nn: SGD: ClipNorm -1":        ClipNorm(-1),
		"nn: SGD: Group: rate -1":     Group(-1, 1, every),
		"nn: SGD: Group: decay -2":    Group(1, -2, every),
		"nn: SGD: Group: no function": Group(1, 1, nil),
		"nn: SGD: Group: no parameter belongs to group 0: the model has [0.weight 0.bias]": Group(1, 1, func(p Param) bool { return false }),
		"nn: SGD: L1 -1":                L1(-1),
		"nn: SGD: MaxNorm -1":           MaxNorm(-1),
		"nn: SGD: EMA(1): decay 1":      Averaged(EMA(1)),
		"nn: SGD: SWA(-1, 1): start -1": Averaged(SWA(-1, 1)),
		"nn: SGD: SWA(0, 0): every 0":   Averaged(SWA(0, 0)),
		"nn: SGD: ClipValue -0.5":       ClipValue(-0.5),
		"nn: SGD: ClipValue 1e-50":      ClipValue(1e-50),
		"nn: SGD: MaxNorm NaN":          MaxNorm(math.NaN()),
		"nn: SGD: L1 +Inf":              L1(math.Inf(1)),
	} {
		if _, err := NewState(m, SGD(1), o); err == nil || err.Error()[:len(want)] != want {
			t.Errorf("%v; want %q", err, want)
		}
	}
	if _, err := NewState(m, AdamW(1), Group(1000, 1, every)); err == nil || !strings.HasPrefix(err.Error(), "nn: AdamW: Group(1000, 1): learning rate 1000 times weight decay 0.01 is above 1") {
		t.Errorf("%v for a group's rate that is too large", err)
	}
	if _, err := NewState(m, own{}, NoDecayOnBiasAndNorm()); err == nil {
		t.Error("an optimizer of one's own has no decay to leave out")
	}
}

// TestUpdateStands: where a gradient is not finite nothing that goes around an optimizer writes, and an average that has seen
// no weights yet is what the model started from.
func TestUpdateStands(t *testing.T) {
	onGoldenDevices(t, func(t *testing.T, dev backend.Backend) {
		x := []float64{1, 2, 3, math.NaN()}
		l := newLesson(t, dev, AdamW(0.1), MSE(), 2, x, x, []Layer{Linear(2, WeightInit(Constant(3)))},
			ClipNorm(1), ClipValue(0.1), L1(0.1), MaxNorm(0.5), Averaged(SWA(0, 1)), NoDecayOnBiasAndNorm())
		start, err := l.model.Weights()
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			l.step(i)
		}
		after, err := l.model.Weights()
		if err != nil || !slices.Equal(after, start) {
			t.Errorf("the weights are %v, were %v; %v", after, start, err)
		}
		if average, err := l.plan.cfg.State.Average(); err != nil || !slices.Equal(average, start) {
			t.Errorf("the average is %v, the model started from %v; %v", average, start, err)
		}
	})
}

// own is an optimizer that embeds nothing.
type own struct{ Optimizer }

func (own) String() string { return "own" }
func (own) Check() error   { return nil }
func (own) Slots() int     { return 0 }
func (own) Consts() int    { return 0 }
