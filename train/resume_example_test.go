package train_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// exclusiveOr trains with checkpoints in a folder, going on from the last one if there is one.
func exclusiveOr(ctx context.Context, dev backend.Backend, dir string, callbacks ...train.Callback) (train.History, error) {
	set, err := data.FromFloats(dev, []float32{0, 0, 0, 1, 1, 0, 1, 1}, 2, data.Labels([]uint32{0, 1, 1, 0}))
	if err != nil {
		return nil, err
	}
	defer set.Release()
	model, err := nn.New(dev, 2, nn.Linear(8), nn.Tanh(), nn.Linear(2))
	if err != nil {
		return nil, err
	}
	defer model.Release()
	return train.Fit(ctx, model, set, train.Config{
		Loss: nn.CrossEntropy(), Optimizer: nn.Adam(0.05), Epochs: 200, Batch: 4, Callbacks: callbacks,
		Checkpoint: train.Checkpoint{Dir: dir, EveryEpochs: 10, Resume: true, Best: train.ByLoss},
	})
}

// A training that was interrupted goes on where it was: run the same program again.
func ExampleCheckpoint() {
	dev := cpu.Open()
	defer dev.Close()
	dir, err := os.MkdirTemp("", "gloss")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx, interrupt := context.WithCancel(context.Background())
	history, err := exclusiveOr(ctx, dev, dir, train.Callback{Epoch: func(e train.Epoch) error {
		if e.Number == 75 {
			interrupt() // as signal.NotifyContext does for Ctrl-C
		}
		return nil
	}})
	fmt.Println(len(history), "epochs, then", errors.Is(err, context.Canceled))
	history, err = exclusiveOr(context.Background(), dev, dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d epochs, right: %.0f %%\n", len(history), 100*history.Last().Accuracy)
	best, _, err := nn.Load(dev, filepath.Join(dir, "best.safetensors"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the best:", best.Layers())
	// Output:
	// 75 epochs, then true
	// 200 epochs, right: 100 %
	// the best: [Linear(8) Tanh Linear(2)]
}
