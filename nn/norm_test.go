package nn

import (
	"math"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
)

// TestNormGradients: normalisations and containers, each alone and inside of each other.
func TestNormGradients(t *testing.T) {
	soft := Epsilon(0.1) // differences of a few columns' normalisation are steep without
	for name, layers := range map[string][]Layer{
		"batch":             {Linear(4), BatchNorm(), Tanh(), Linear(2)},
		"batch first":       {BatchNorm(), Linear(2)},
		"batch, no bias":    {Linear(4, NoBias()), BatchNorm(NoBias()), ReLU(), Linear(2)},
		"batch, plain":      {Linear(4), BatchNorm(NoAffine(), Epsilon(0.1)), Linear(2)},
		"layer":             {Linear(4), LayerNorm(), GELU(), Linear(2)},
		"layer first":       {LayerNorm(Epsilon(0.5)), Linear(2)},
		"layer, plain":      {Linear(5), LayerNorm(NoAffine()), Linear(2)},
		"rms":               {Linear(4), RMSNorm(), SiLU(), RMSNorm(NoAffine()), Linear(2)},
		"norms in a row":    {BatchNorm(soft), LayerNorm(soft), RMSNorm(soft), BatchNorm(soft), Linear(2)},
		"residual":          {Linear(4), Residual(Linear(6), ReLU(), Linear(4)), Tanh(), Linear(2)},
		"residual first":    {Residual(Linear(5), Tanh(), Linear(3)), Linear(2)},
		"residual of all":   {Linear(4), Residual(LayerNorm(soft), Linear(8), GELU(), Dropout(0.3), Linear(4)), Residual(BatchNorm(soft), ReLU(), Linear(4)), Linear(2)},
		"residual inside":   {Linear(4), Residual(Tanh(), Residual(Linear(4), Sigmoid())), Linear(2)},
		"residual of one":   {Linear(4), Residual(Tanh()), Linear(2)},
		"concat":            {Linear(4), Tanh(), Concat(Linear(3), Sequence(Linear(5), ReLU(), Linear(2)), Tanh()), Linear(2)},
		"concat last":       {Linear(4), Tanh(), Concat(Linear(1), Sequence(Linear(3), GELU(), Linear(1)))},
		"concat first":      {Concat(Linear(3), Tanh()), Linear(2)},
		"concat of columns": {Linear(4), Concat(BatchNorm(), LayerNorm(), Residual(Linear(4), SiLU())), Linear(2)},
		"sequence":          {Sequence(Linear(4), Sequence(Tanh(), Linear(3))), Linear(2)},
	} {
		t.Run(name, func(t *testing.T) { checkGradients(t, 3, MSE(), layers) })
	}
}

// TestIdentityInside: a container whose layers hand their input on adds and places the same tensor.
func TestIdentityInside(t *testing.T) {
	for _, l := range []Layer{Residual(Dropout(0.5)), Residual(Sequence(Dropout(0.5), Dropout(0.1))), Concat(Dropout(0.5), Dropout(0.5)), Residual(through{}), Concat(through{}), Residual(Residual(through{}))} {
		m, err := New(ref.Open(), 2, Linear(3), l, Tanh(), Linear(2))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Predict([]float32{1, 2, 3, 4}); err != nil {
			t.Errorf("%v: %v", l, err)
		}
		checkGradients(t, 3, MSE(), []Layer{Linear(4), l, Tanh(), Linear(2)})
		checkGradients(t, 3, MSE(), []Layer{l, Linear(2)})
		checkGradients(t, 3, MSE(), []Layer{Linear(4), Tanh(), l})
	}
}

// TestContainerNames: parameters, places and errors say where in a container they are.
func TestContainerNames(t *testing.T) {
	b := newBench(t, 4, 3, MSE(), []Layer{Linear(4), Residual(BatchNorm(), Concat(Linear(1), Sequence(Tanh(), Linear(3))))})
	var names []string
	for _, p := range b.model.Params() {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "0.weight 0.bias 1.0.weight 1.0.bias 1.1.0.weight 1.1.0.bias 1.1.1.1.weight 1.1.1.1.bias" {
		t.Error(got)
	}
	const place = "layer 1, Residual(BatchNorm, Concat(Linear(1), Sequence(Tanh, Linear(3)))): layer 1, Concat(Linear(1), Sequence(Tanh, Linear(3))): " +
		"branch 1, Sequence(Tanh, Linear(3)): layer 1, Linear(3), backward"
	found := false
	for i := range b.plan.Calls {
		found = found || b.plan.Place(i) == place
	}
	if !found {
		t.Errorf("no call at %s", place)
	}
	stats, err := b.model.RunningStats()
	if err != nil || len(stats) != 2 || stats[0].Name != "1.0.running_mean" || stats[1].Name != "1.0.running_var" || stats[1].Values[3] != 1 {
		t.Errorf("%v, %v", stats, err)
	}
	stats[0].Values[2] = 7
	if err := b.model.SetRunningStats(stats); err != nil {
		t.Error(err)
	}
	if again, err := b.model.RunningStats(); err != nil || again[0].Values[2] != 7 {
		t.Errorf("%v, %v", again, err)
	}
	if err := b.model.SetRunningStats(stats[:1]); err == nil {
		t.Error("statistics of another model were taken")
	}
}

// TestLargeMean: a variance of 1 beside a mean of 10,000 is still there.
func TestLargeMean(t *testing.T) {
	for name, open := range goldenDevices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			t.Cleanup(func() { dev.Close() })
			x := make([]float64, 8*4)
			for i := range x {
				x[i] = 10000 + float64(i%3) - float64(i/4%2)
			}
			for _, l := range []Layer{BatchNorm(NoAffine()), LayerNorm(NoAffine())} {
				y, _ := passed(t, dev, l, 4, x, make([]float64, len(x)))
				want, _ := passed(t, ref.Open(), l, 4, x, make([]float64, len(x)))
				each(t, l.String(), x, y, want)
			}
		})
	}
}

func TestContainerMisuse(t *testing.T) {
	nan := math.NaN()
	for want, l := range map[string]Layer{
		"layer 1, BatchNorm: epsilon 0":                                     BatchNorm(Epsilon(0)),
		"layer 1, LayerNorm: epsilon NaN":                                   LayerNorm(Epsilon(nan)),
		"layer 1, BatchNorm: momentum 0":                                    BatchNorm(Momentum(0)),
		"layer 1, BatchNorm: momentum 1.5":                                  BatchNorm(Momentum(1.5)),
		"layer 1, LayerNorm: Momentum is for BatchNorm":                     LayerNorm(Momentum(0.5)),
		"layer 1, RMSNorm: there is no bias":                                RMSNorm(NoBias()),
		"layer 1, BatchNorm: NoAffine and an option":                        BatchNorm(NoAffine(), NoBias()),
		"layer 1, LayerNorm: NoBias and BiasInit":                           LayerNorm(NoBias(), BiasInit(Ones())),
		"layer 1, Linear(3): Epsilon, Momentum and NoAffine":                Linear(3, Epsilon(1)),
		"layer 1, Residual(): no layers":                                    Residual(),
		"layer 1, Residual(Linear(3)): 4 columns go in and 3":               Residual(Linear(3)),
		"layer 1, Residual(Tanh, Linear(0)): layer 1, Linear(0): a width":   Residual(Tanh(), Linear(0)),
		"layer 1, Concat(): no branches":                                    Concat(),
		"layer 1, Concat(Tanh, Linear(-1)): branch 1, Linear(-1): a width":  Concat(Tanh(), Linear(-1)),
		"layer 1, Concat(<nil>): branch 0, <nil>: the layer is nil":         Concat(nil),
		"layer 1, Sequence(): no layers":                                    Sequence(),
		"layer 1, Sequence(Residual(Linear(2))): layer 0, Residual(Linear(": Sequence(Residual(Linear(2))),
	} {
		if _, err := New(ref.Open(), 2, Linear(4), l); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	m, err := New(ref.Open(), 2, Linear(4), BatchNorm())
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Plan(PlanConfig{Rows: 1, Loss: weighted{}, Train: true, Values: newBench(t, 1, 2, MSE(), []Layer{Linear(4)}).plan.cfg.Values})
	if err == nil || !strings.Contains(err.Error(), "layer 1, BatchNorm, forward: a batch of 1 row has no variance") {
		t.Error(err)
	}
}
