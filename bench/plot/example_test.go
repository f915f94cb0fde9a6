package plot_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/bench/plot"
)

// A chart of what was measured, as SVG.
func ExampleWrite() {
	product, err := bench.ParseGemm("nn", "16x16x16")
	if err != nil {
		log.Fatal(err)
	}
	dev := cpu.Open()
	defer dev.Close()
	results, err := bench.Measure(context.Background(), product, []bench.Device{{Name: "cpu", Backend: dev}}, bench.Options{Rounds: 2, Sample: time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	var chart bytes.Buffer
	err = plot.Write(&chart, "svg", bench.ThisMachine(), results)
	fmt.Println(bytes.Contains(chart.Bytes(), []byte("<svg")), err)
	// Output: true <nil>
}
