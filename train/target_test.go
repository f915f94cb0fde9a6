package train_test

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// TestWeightedRows: rows that weigh nothing teach nothing, and means over an epoch go by the weights.
func TestWeightedRows(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	// Two rows say 1 and weigh 1 and 3, one says 100 and weighs nothing.
	table := data.Table{X: []float32{1, 1, 1}, Cols: 1, Values: []float32{1, 1, 100}, Weights: []float32{1, 3, 0}}
	set := must(data.FromTable(dev, table))
	model := must(nn.New(dev, 1, nn.Linear(1, nn.NoBias(), nn.WeightInit(nn.Zeros()))))
	score := must(train.Evaluate(model, set, nn.MSE()))
	if math.Abs(score.Loss-1) > 1e-6 || score.Rows != 3 {
		t.Errorf("%+v: the mean of (0−1)² by the weights is 1", score)
	}
	history := must(train.Fit(context.Background(), model, set, train.Config{Loss: nn.MSE(), Optimizer: nn.SGD(0.1), Epochs: 200, Batch: 2}))
	if w := must(model.Weights()); math.Abs(float64(w[0])-1) > 1e-3 {
		t.Errorf("the weight is %v after %v, want 1", w, history.Last())
	}
}

// TestIgnoredLabels: a label that is to be ignored counts in no mean.
func TestIgnoredLabels(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	ignore := -100
	set := must(data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Labels([]uint32{0, uint32(ignore), 1, uint32(ignore)})))
	model := must(nn.New(dev, 1, nn.Linear(2, nn.WeightInit(nn.Zeros()), nn.BiasInit(nn.Zeros()))))
	loss := nn.CrossEntropy()
	loss.Ignore, loss.IgnoreIndex = true, ignore
	if score := must(train.Evaluate(model, set, loss)); math.Abs(score.Loss-math.Ln2) > 1e-6 {
		t.Errorf("loss %v, want log 2", score.Loss)
	}
	if score := must(train.Evaluate(model, set, nn.CrossEntropy())); math.Abs(score.Loss-math.Ln2/2) > 1e-6 {
		t.Errorf("loss %v without Ignore, want half of log 2", score.Loss)
	}
}

// TestHeads trains a class and a value together, with clipped gradients and no decay on biases.
func TestHeads(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	table := data.Moons(400, 0.1, 1)
	for i := range table.Len() {
		table.Values = append(table.Values, table.Row(i)[0]+table.Row(i)[1])
	}
	set := must(data.FromTable(dev, table))
	model := must(nn.New(dev, 2, nn.Linear(32), nn.Tanh(), nn.Linear(32), nn.Tanh(), nn.Concat(nn.Linear(2), nn.Linear(1))))
	loss := nn.Losses(nn.Part{Outputs: 2, Loss: nn.CrossEntropy()}, nn.Part{Outputs: 1, Loss: nn.MSE(), Weight: 0.5})
	opt := nn.AdamW(0.01)
	opt.Schedule = nn.Warmup(20, nn.CosineDecay(500, 0.1))
	history := must(train.Fit(context.Background(), model, set, train.Config{
		Loss: loss, Optimizer: opt, Epochs: 40, Batch: 32, Seed: 1, Update: []nn.StateOption{nn.ClipNorm(1), nn.NoDecayOnBiasAndNorm()},
	}))
	if last := history.Last(); last.Accuracy < 0.98 || last.Loss > 0.06 {
		t.Errorf("%+v", last)
	}
	_, err := train.New(model, set, train.Config{Loss: nn.CrossEntropy(), Optimizer: opt, Batch: 8})
	if err != nil {
		t.Errorf("a loss that wants the labels alone: %v", err)
	}
	_, err = train.New(model, set, train.Config{Loss: nn.MSE(), Optimizer: opt, Batch: 8})
	if err == nil || !strings.Contains(err.Error(), "the training set has 1 values to predict in a row, the model gives 3") {
		t.Error(err)
	}
	_, err = train.New(model, set, train.Config{Loss: loss, Optimizer: opt, Batch: 8, Update: []nn.StateOption{nn.ClipNorm(-1)}})
	if err == nil || !strings.Contains(err.Error(), "ClipNorm -1") {
		t.Error(err)
	}
}

// TestLabelsOfHeads: the labels of each head are below its own outputs; with Ignore any others are ignored, and a loss that
// takes no labels does not mind them.
func TestLabelsOfHeads(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	x := []float32{1, 2}
	model := must(nn.New(dev, 1, nn.Linear(5)))
	heads := nn.Losses(nn.Part{Outputs: 2, Loss: nn.CrossEntropy()}, nn.Part{Outputs: 3, Loss: nn.NLL()})
	check := func(y data.Target, loss nn.Loss, want string) {
		t.Helper()
		_, err := train.NewEvaluator(model, must(data.FromFloats(dev, x, 1, y)), loss)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	check(data.LabelColumns([]uint32{1, 2, 0, math.MaxUint32}, 2), heads, "")
	check(data.LabelColumns([]uint32{1, 2, 2, 1}, 2), heads, "the evaluation set has labels up to 2 in column 0, the model's 2 outputs for them tell 0 to 1 apart")
	check(data.LabelColumns([]uint32{1, 2, 0, 3}, 2), heads, "labels up to 3 in column 1, the model's 3 outputs for them")
	check(data.Labels([]uint32{1, 5}), nn.CrossEntropy(), "the evaluation set has labels up to 5, the model's 5 outputs")
	check(data.Labels([]uint32{1, 255}), &nn.CrossEntropyLoss{Ignore: true, IgnoreIndex: 255}, "")
	check(data.Labels([]uint32{1, 255}).And(data.Values(make([]float32, 10), 5)), nn.MSE(), "")
}

// TestBatchNormTail: an epoch's last batch of one row cannot be trained on, and the error says where.
func TestBatchNormTail(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	set := must(data.FromTable(dev, data.Moons(9, 0.1, 1)))
	model := must(nn.New(dev, 2, nn.Linear(4), nn.BatchNorm(), nn.Linear(2)))
	_, err := train.New(model, set, train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.SGD(0.1), Batch: 4})
	if err == nil || !strings.Contains(err.Error(), "layer 1, BatchNorm, forward: a batch of 1 row has no variance to train on") {
		t.Error(err)
	}
}

// TestConcurrentEvaluation: evaluators of one model, with all that keeps something beside its weights, do not disturb each
// other.
func TestConcurrentEvaluation(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	set := must(data.FromTable(dev, data.Moons(700, 0.1, 1)))
	model := must(nn.New(dev, 2, nn.Linear(8), nn.BatchNorm(), nn.Dropout(0.5), nn.Residual(nn.LayerNorm(), nn.Linear(8), nn.GELU()),
		nn.Concat(nn.Linear(1), nn.Sequence(nn.Tanh(), nn.Linear(1)))))
	must(train.Fit(context.Background(), model, set, train.Config{Loss: nn.CrossEntropy(), Optimizer: nn.Adam(0.01), Epochs: 2, Batch: 64}))
	want := must(train.Evaluate(model, set, nn.CrossEntropy()))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			e, err := train.NewEvaluator(model, set, nn.CrossEntropy())
			if err != nil {
				t.Error(err)
				return
			}
			defer e.Release()
			for range 5 {
				if got, err := e.Score(); err != nil || got != want {
					t.Errorf("%+v, %v; want %+v", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

// TestCodes: a model with embeddings wants a set with as many codes.
func TestCodes(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	table := data.Table{X: []float32{1, 2, 3}, Cols: 1, Codes: []uint32{0, 1, 1}, CodeCols: 1, Values: []float32{5, -5, -5}}
	set := must(data.FromTable(dev, table))
	model := must(nn.New(dev, 1, nn.Embeddings(nn.Embedding(2, 3)), nn.Linear(1)))
	cfg := train.Config{Loss: nn.MSE(), Optimizer: nn.Adam(0.05), Epochs: 200, Batch: 2}
	if history := must(train.Fit(context.Background(), model, set, cfg)); history.Last().Loss > 0.01 {
		t.Errorf("%+v", history.Last())
	}
	if y := must(model.PredictCodes([]float32{2}, []uint32{0})); math.Abs(float64(y[0])-5) > 2 {
		t.Errorf("code 0 is %v, want about 5", y)
	}
	table.Codes = []uint32{0, 1, 2}
	if _, err := train.New(model, must(data.FromTable(dev, table)), cfg); err == nil || !strings.Contains(err.Error(), "the training set has codes up to 2 in column 0, the model's table for it has 2 rows") {
		t.Error(err)
	}
	table.Codes = []uint32{0, 1, math.MaxUint32}
	must(train.Evaluate(model, must(data.FromTable(dev, table)), cfg.Loss))
	alone := must(nn.New(dev, 0, nn.Embeddings(nn.Embedding(3, 2)), nn.Linear(1)))
	set = must(data.FromCodes(dev, []uint32{0, 1, 2, 0, 2}, 1, data.Values([]float32{1, 2, 3, 1, 3}, 1)))
	if history := must(train.Fit(context.Background(), alone, set, cfg)); history.Last().Loss > 0.01 {
		t.Errorf("%+v", history.Last())
	}
	table.Codes, table.CodeCols = nil, 0
	if _, err := train.New(model, must(data.FromTable(dev, table)), cfg); err == nil || !strings.Contains(err.Error(), "the training set has 0 codes in a row, the model takes 1") {
		t.Error(err)
	}
}
