package bench

import (
	"encoding/json"
	"io"
	"slices"
	"time"
)

// origin is what every record says about where it comes from.
type origin struct {
	Workload string `json:"workload"`
	Device   string `json:"device"`
	Renderer string `json:"renderer"`
	Software bool   `json:"software"`
}

type place struct {
	Build string    `json:"build"`
	CPU   string    `json:"cpu"`
	Time  time.Time `json:"time"`
}

// record is a measurement in JSON. Rates that make no sense for a workload are 0.
type record struct {
	origin
	MedianS     float64   `json:"median_s"` // of one product or one training step
	MinS        float64   `json:"min_s"`
	MaxS        float64   `json:"max_s"`
	SamplesS    []float64 `json:"samples_s"` // what the median is of, in the order they were taken
	Runs        int       `json:"runs"`
	GFLOPS      float64   `json:"gflops"`
	SamplesPerS float64   `json:"samples_per_s"`
	MaxError    float64   `json:"max_error"`
	place
}

// mnistRecord is the record of a training on real data.
type mnistRecord struct {
	record
	TestAccuracy   float64  `json:"test_accuracy"`
	Epochs         int      `json:"epochs"`
	TargetAccuracy float64  `json:"target_accuracy"`
	TimeToTargetS  *float64 `json:"time_to_target_s"` // null where it was not reached
}

// failure is the record of a device that failed or was wrong. It holds no number that could be taken for a result.
type failure struct {
	origin
	Error string `json:"error"`
	place
}

// WriteJSON writes the results as a list of records. A device that was left out of a workload has none.
func WriteJSON(w io.Writer, m Machine, results []Result) error {
	list := []any{}
	for i := range results {
		if !results[i].Slow {
			list = append(list, newRecord(m, &results[i]))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(list)
}

// A row is a record of any kind, of which CSV has one line.
type row interface{ cells() map[string]string }

func newRecord(m Machine, r *Result) row {
	from := origin{Workload: r.Workload, Device: r.Device, Renderer: r.Info.Name, Software: r.Info.Software}
	at := place(m)
	if r.Err != nil {
		return failure{from, r.Err.Error(), at}
	}
	rec := record{
		origin: from, place: at, MedianS: r.Median(), SamplesS: slices.Clone(r.Seconds), Runs: len(r.Seconds),
		GFLOPS: r.GFLOPS(), SamplesPerS: r.SamplesPerSecond(), MaxError: r.MaxError,
	}
	if len(r.Seconds) > 0 {
		rec.MinS, rec.MaxS = slices.Min(r.Seconds), slices.Max(r.Seconds)
	}
	if r.MNIST == nil {
		return rec
	}
	out := mnistRecord{record: rec, TestAccuracy: r.MNIST.Accuracy, Epochs: r.MNIST.Epochs, TargetAccuracy: r.MNIST.Target}
	if r.MNIST.Reached {
		seconds := r.MNIST.TimeToTarget.Seconds()
		out.TimeToTargetS = &seconds
	}
	return out
}
