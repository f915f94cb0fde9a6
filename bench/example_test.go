package bench_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/bench"
)

// A training step on two devices, each checked against the reference before it is timed.
func ExampleMeasure() {
	step, err := bench.NewTrain("16-8-4", 32, "adam", "xent")
	if err != nil {
		log.Fatal(err)
	}
	devices := []bench.Device{{Name: "gonum", Backend: cpu.Open(cpu.Gonum)}, {Name: "cpu", Backend: cpu.Open()}}
	for _, d := range devices {
		defer d.Backend.Close()
	}
	results, err := bench.Measure(context.Background(), step, devices, bench.Options{Rounds: 3, Sample: time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range results {
		fmt.Println(r.Workload, r.Device, len(r.Seconds), r.Median() > 0, r.Err)
	}
	// Output:
	// train/16-8-4/b32/adam gonum 3 true <nil>
	// train/16-8-4/b32/adam cpu 3 true <nil>
}
