package bench

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"
)

// csvFields are the columns. They are JSON's fields, but for the samples.
var csvFields = []string{
	"workload", "device", "renderer", "software", "median_s", "min_s", "max_s", "runs", "gflops", "samples_per_s", "max_error",
	"test_accuracy", "epochs", "target_accuracy", "time_to_target_s", "error", "build", "cpu", "time",
}

// WriteCSV writes the results as a table for spreadsheets and data frames: a line of names, then a line for each
// result. What a result does not have is an empty cell.
func WriteCSV(w io.Writer, m Machine, results []Result) error {
	out := csv.NewWriter(w)
	out.Write(csvFields) // Flush keeps the error
	for i := range results {
		if results[i].Slow {
			continue
		}
		cells := newRecord(m, &results[i]).cells()
		line := make([]string, len(csvFields))
		for j, field := range csvFields {
			line[j] = cells[field]
		}
		out.Write(line)
	}
	out.Flush()
	return out.Error()
}

func (f failure) cells() map[string]string {
	c := f.origin.cells(f.place)
	c["error"] = f.Error
	return c
}

func (r record) cells() map[string]string {
	c := r.origin.cells(r.place)
	c["median_s"], c["min_s"], c["max_s"] = number(r.MedianS), number(r.MinS), number(r.MaxS)
	c["runs"], c["gflops"], c["samples_per_s"] = strconv.Itoa(r.Runs), number(r.GFLOPS), number(r.SamplesPerS)
	c["max_error"] = number(r.MaxError)
	return c
}

func (r mnistRecord) cells() map[string]string {
	c := r.record.cells()
	c["test_accuracy"], c["epochs"], c["target_accuracy"] = number(r.TestAccuracy), strconv.Itoa(r.Epochs), number(r.TargetAccuracy)
	if r.TimeToTargetS != nil {
		c["time_to_target_s"] = number(*r.TimeToTargetS)
	}
	return c
}

func (o origin) cells(p place) map[string]string {
	return map[string]string{
		"workload": o.Workload, "device": o.Device, "renderer": o.Renderer, "software": strconv.FormatBool(o.Software),
		"build": p.Build, "cpu": p.CPU, "time": p.Time.Format(time.RFC3339),
	}
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
