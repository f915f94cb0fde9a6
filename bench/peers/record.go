package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/internal/peer"
)

// A Record is a peer's measurement in a row. Its fields are those of mlpbench's records, which mlpbench -compare reads,
// and what only a run with peers has. Samples of one row belong together round by round.
type Record struct {
	Workload    string    `json:"workload"`
	Device      string    `json:"device"` // family and setting
	Version     string    `json:"renderer"`
	Software    bool      `json:"software"`
	MedianS     float64   `json:"median_s"`
	MinS        float64   `json:"min_s"`
	MaxS        float64   `json:"max_s"`
	SamplesS    []float64 `json:"samples_s"` // each the median of a slot
	Runs        int       `json:"runs"`
	GFLOPS      float64   `json:"gflops"`
	SamplesPerS float64   `json:"samples_per_s"`
	MaxError    float64   `json:"max_error"`
	Build       string    `json:"build"`
	CPU         string    `json:"cpu"`
	Time        time.Time `json:"time"`
	Error       string    `json:"error,omitempty"`

	Family      string  `json:"family"`
	Setting     string  `json:"setting"`
	Threads     int     `json:"threads"`                // that everyone has in this row; 0 where each has its best number
	Base        bool    `json:"base"`                   // the gloss that the others are compared with
	Ratio       float64 `json:"ratio"`                  // median over the rounds of this peer's time divided by gloss'
	RatioMin    float64 `json:"ratio_min"`              // over the rounds
	RatioMax    float64 `json:"ratio_max"`              //
	GBPerS      float64 `json:"gb_per_s,omitempty"`     // of each/…
	WeightError float64 `json:"weight_error,omitempty"` // after the steps that are checked, relative, in the Euclidean norm, from float64; median over starts
	Unchecked   string  `json:"unchecked,omitempty"`    // why the result was not compared
	Cores       int     `json:"cores"`
	ISA         string  `json:"isa"`
}

func (r *Record) place(m machine) {
	r.Build, r.CPU, r.Time, r.Cores, r.ISA = m.Build, m.CPU, m.Time, m.cores, m.vectors()
}

// compute fills in what follows from the samples; base are gloss'.
func (r *Record) compute(w peer.Workload, base []float64) {
	r.Device = r.Family + " (" + r.Setting + ")"
	if r.Error != "" {
		return
	}
	r.MedianS, r.MinS, r.MaxS, r.Runs = median(r.SamplesS), slices.Min(r.SamplesS), slices.Max(r.SamplesS), len(r.SamplesS)
	r.GFLOPS, r.GBPerS = w.Flops()/r.MedianS/1e9, w.Bytes()/r.MedianS/1e9
	r.SamplesPerS = float64(w.Batch) / r.MedianS
	r.compare(base)
}

// compare fills in the ratios to somebody's samples, round by round.
func (r *Record) compare(base []float64) {
	var ratios []float64
	for i, s := range r.SamplesS {
		if i < len(base) {
			ratios = append(ratios, s/base[i])
		}
	}
	if len(ratios) > 0 {
		r.Ratio, r.RatioMin, r.RatioMax = median(ratios), slices.Min(ratios), slices.Max(ratios)
	}
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// value is the measurement for people.
func (r *Record) value() string {
	switch {
	case r.GBPerS > 0:
		return fmt.Sprintf("%.1f GB/s", r.GBPerS)
	case r.kind() == "gemm":
		return fmt.Sprintf("%.1f GFLOP/s", r.GFLOPS)
	}
	return bench.FormatSeconds(r.MedianS)
}

// ratio is how many times as fast as this peer gloss is, with the least and the most of a round.
func (r *Record) ratio() string {
	return fmt.Sprintf("%s (%s–%s)", bench.FormatRatio(r.Ratio), plain(r.RatioMin), plain(r.RatioMax))
}

// plain is a ratio without its sign.
func plain(x float64) string { return strings.TrimSuffix(bench.FormatRatio(x), "×") }

func (r *Record) kind() string {
	w, err := peer.Parse(r.Workload)
	if err != nil {
		return ""
	}
	return w.Kind
}

func writeRecords(file string, records []Record) error {
	text, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o666)
}

func readRecords(file string) (records []Record, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &records); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(records) == 0 || records[0].Family == "" {
		return nil, fmt.Errorf("%s: %w", file, errors.New("no results of bench/peers/run -o"))
	}
	return records, nil
}
