package train_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

func plateau(edit func(*train.Plateau)) *train.Plateau {
	p := train.NewPlateau()
	edit(p)
	return p
}

// TestPlateauGoldens: the rates of PyTorch's ReduceLROnPlateau after each metric, also where the state has gone through
// a checkpoint at every epoch.
func TestPlateauGoldens(t *testing.T) {
	raw, err := os.ReadFile("../nn/testdata/schedules.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		LR       float64
		Metrics  []string
		Plateaus map[string][]float64
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	table := map[string]func(*train.Plateau){
		"default":   func(p *train.Plateau) {},
		"impatient": func(p *train.Plateau) { p.Patience, p.Factor = 0, 0.5 },
		"patient":   func(p *train.Plateau) { p.Patience, p.Factor, p.Cooldown, p.MinLR = 2, 0.5, 3, 0.01 },
		"absolute":  func(p *train.Plateau) { p.Patience, p.Factor, p.Threshold, p.Absolute = 1, 0.3, 0.05, true },
		"maximize":  func(p *train.Plateau) { p.Maximize, p.Patience, p.Factor, p.Threshold = true, 1, 0.5, 0.01 },
		"maximize absolute": func(p *train.Plateau) {
			p.Maximize, p.Absolute, p.Patience, p.Factor, p.Threshold, p.Cooldown = true, true, 1, 0.5, 0.01, 1
		},
		"floor": func(p *train.Plateau) { p.Patience, p.MinLR, p.MinChange = 0, 0.002, 2e-3 },
	}
	if len(table) != len(want.Plateaus) {
		t.Errorf("%d cases, PyTorch has %d", len(table), len(want.Plateaus))
	}
	for name, rates := range want.Plateaus {
		t.Run(name, func(t *testing.T) {
			p, lr := plateau(table[name]), want.LR
			if err := p.Check(); err != nil {
				t.Fatal(err)
			}
			for i, m := range want.Metrics {
				metric, err := strconv.ParseFloat(m, 64)
				if err != nil {
					t.Fatal(err)
				}
				if lr = p.Observe(metric, lr); !(math.Abs(lr-rates[i]) <= 1e-12*rates[i]) {
					t.Fatalf("metric %d, %v: rate %v, PyTorch has %v; %+v", i, m, lr, rates[i], p.State)
				}
				if !math.IsInf(p.State.Best, 0) { // which JSON cannot write
					p = resumed(t, p, table[name])
				}
			}
		})
	}
}

// resumed is p with its state sent through JSON into a new Plateau.
func resumed(t *testing.T, p *train.Plateau, edit func(*train.Plateau)) *train.Plateau {
	t.Helper()
	raw, err := json.Marshal(p.State)
	if err != nil {
		t.Fatal(err)
	}
	q := plateau(edit)
	if err := json.Unmarshal(raw, &q.State); err != nil {
		t.Fatal(err)
	}
	return q
}

// TestPlateauFit: the callback changes the optimizer's rate after an epoch, and the next epoch trains with it.
func TestPlateauFit(t *testing.T) {
	dev := ref.Open()
	set := ringSet(dev, 250)
	opt := nn.SGD(0.1)
	opt.Schedule = nn.PerEpoch(train.StepsPerEpoch(250, 32), nn.StepDecay(2, 0.5)) // on top of the plateau
	cfg := config()
	cfg.Optimizer, cfg.Epochs, cfg.Batch = opt, 4, 32
	var rates []float64
	p := plateau(func(p *train.Plateau) { p.Patience, p.MinLR = 0, 0.002 })
	cfg.Callbacks = []train.Callback{
		p.Callback(&opt.LR, func(e train.Epoch) float64 { return 1 }),
		{Epoch: func(e train.Epoch) error {
			r, err := opt.Rate(int64(8*e.Number - 1))
			rates = append(rates, r)
			return err
		}},
	}
	if _, err := train.Fit(context.Background(), ringModel(dev), set, cfg); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.1, 0.01, 0.001, 0.001} { // lowered after epochs 2 and 3, to MinLR; halved from epoch 3 on
		if !(math.Abs(rates[i]-want) <= 1e-15) {
			t.Errorf("rates %v, epoch %d wants %v", rates, i+1, want)
		}
	}
}

// TestPlateauLoss: without a metric of its own the callback looks at the validation loss, else at the loss.
func TestPlateauLoss(t *testing.T) {
	for _, c := range []struct {
		e    train.Epoch
		want float64
	}{
		{train.Epoch{Loss: 3}, 3},
		{train.Epoch{Loss: 3, Validation: train.Score{Loss: 2, Rows: 10}}, 2},
	} {
		p, lr := train.NewPlateau(), 1.0
		if err := p.Callback(&lr, nil).Epoch(c.e); err != nil || p.State.Best != c.want {
			t.Errorf("%+v: the best is %v, want %v; error %v", c.e, p.State.Best, c.want, err)
		}
	}
}

func TestPlateauErrors(t *testing.T) {
	dev := ref.Open()
	set := ringSet(dev, 50)
	lr := 0.1
	for want, edit := range map[string]func(*train.Plateau){
		"factor 1":             func(p *train.Plateau) { p.Factor = 1 },
		"factor 0":             func(p *train.Plateau) { p.Factor = 0 },
		"factor NaN":           func(p *train.Plateau) { p.Factor = math.NaN() },
		"patience -1":          func(p *train.Plateau) { p.Patience = -1 },
		"cooldown -2":          func(p *train.Plateau) { p.Cooldown = -2 },
		"threshold -0.1":       func(p *train.Plateau) { p.Threshold = -0.1 },
		"lowest rate NaN":      func(p *train.Plateau) { p.MinLR = math.NaN() },
		"smallest change +Inf": func(p *train.Plateau) { p.MinChange = math.Inf(1) },
	} {
		cfg := config()
		cfg.Callbacks = []train.Callback{plateau(edit).Callback(&lr, nil)}
		h, err := train.Fit(context.Background(), ringModel(dev), set, cfg)
		if err == nil || !strings.Contains(err.Error(), "plateau: ") || !strings.Contains(err.Error(), want) || len(h) > 0 {
			t.Errorf("%d epochs, error %v, want none and one that says %q", len(h), err, want)
		}
	}
	cfg := config()
	cfg.Callbacks = []train.Callback{train.NewPlateau().Callback(nil, nil)}
	if _, err := train.Fit(context.Background(), ringModel(dev), set, cfg); err == nil || !strings.Contains(err.Error(), "no learning rate") {
		t.Errorf("error %v for no rate", err)
	}
}

func TestStepsPerEpoch(t *testing.T) {
	for _, c := range [][3]int{{250, 32, 8}, {256, 32, 8}, {257, 32, 9}, {1, 32, 1}, {0, 32, 0}, {5, 0, 0}, {-1, 3, 0}} {
		if n := train.StepsPerEpoch(c[0], c[1]); n != c[2] {
			t.Errorf("%d rows in batches of %d: %d steps, want %d", c[0], c[1], n, c[2])
		}
	}
}

// A tenth of the rate once the validation loss has not got better for more than five epochs.
func ExamplePlateau() {
	opt := nn.SGD(0.1)
	plateau := train.NewPlateau()
	plateau.Patience = 5
	cfg := train.Config{Optimizer: opt, Callbacks: []train.Callback{plateau.Callback(&opt.LR, nil)}}
	for epoch := range 8 { // what Fit(ctx, model, set, cfg) does
		if err := cfg.Callbacks[0].Epoch(train.Epoch{Number: epoch + 1, Loss: 1}); err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%.2g ", opt.LR)
	}
	// Output: 0.1 0.1 0.1 0.1 0.1 0.1 0.01 0.01
}
