package logs_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/logs"
)

// A training that writes a row for each epoch, and what TensorBoard draws.
func Example() {
	dir, err := os.MkdirTemp("", "gloss")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	dev := cpu.Open()
	defer dev.Close()
	set, err := data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{3, 5, 7, 9}, 1))
	if err != nil {
		log.Fatal(err)
	}
	model, err := nn.New(dev, 1, nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	_, err = train.Fit(context.Background(), model, set, train.Config{
		Loss: nn.MSE(), Optimizer: nn.Adam(0.1), Epochs: 5, Batch: 2,
		Callbacks: []train.Callback{
			logs.CSV(filepath.Join(dir, "run.csv")),
			logs.JSONL(filepath.Join(dir, "run.jsonl"), logs.EveryLook(), logs.GoOn(func(err error) { log.Print(err) })),
			logs.TensorBoard(filepath.Join(dir, "board"), logs.Histograms(2)),
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	rows, err := os.ReadFile(filepath.Join(dir, "run.csv"))
	if err != nil {
		log.Fatal(err)
	}
	lines := strings.Split(string(rows), "\n")
	fmt.Println(lines[0])
	fmt.Println(strings.Join(strings.Split(lines[5], ",")[:3], ","))
	// Output:
	// epoch,step,rows,loss,accuracy,validation_loss,validation_accuracy,learning_rate,seconds,samples_per_second
	// 5,10,4
}

func ExampleNumber() {
	perplexity := logs.Number("perplexity", func(e train.Epoch) float64 { return e.Validation.Loss })
	cfg := train.Config{Callbacks: []train.Callback{logs.CSV("run.csv", perplexity, logs.Append())}}
	fmt.Println(len(cfg.Callbacks))
	// Output: 1
}
