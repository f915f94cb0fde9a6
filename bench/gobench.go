package bench

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// WriteGoBench writes the results as go test -bench prints them, a line for each sample, for benchstat:
//
//	benchstat old.txt new.txt            one device, two commits
//	benchstat -col /device new.txt       the devices of one run
//
// The build is a comment: benchstat compares only what agrees in the lines above the results, and a build that differs
// is what people compare.
func WriteGoBench(w io.Writer, m Machine, results []Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# mlpbench %s, %s\n", m.Build, m.Time.Format(time.RFC3339))
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: github.com/gloss-ml/gloss/bench\ncpu: %s\n", runtime.GOOS, runtime.GOARCH, m.CPU)
	fmt.Fprint(&b, "Unit GFLOP/s better=higher\nUnit samples/s better=higher\n")
	for i := range results {
		r := &results[i]
		if r.Err != nil {
			fmt.Fprintf(&b, "--- FAIL: %s\n    %s\n", goName(r), strings.ReplaceAll(r.Err.Error(), "\n", "\n    "))
			continue
		}
		for _, s := range r.Seconds {
			fmt.Fprintf(&b, "%s-%d\t%8d\t%14.2f ns/op", goName(r), runtime.GOMAXPROCS(0), max(1, r.unitsOfSample()), s*1e9)
			if r.Work.Flops > 0 {
				fmt.Fprintf(&b, "\t%10.5g GFLOP/s", r.Work.Flops/s/1e9)
			}
			if r.Work.Samples > 0 {
				fmt.Fprintf(&b, "\t%10.5g samples/s", r.Work.Samples/s)
			}
			b.WriteByte('\n')
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// goName is the name of a benchmark: Benchmark and a capital, the device as a key that benchstat can group by, and
// nothing that it would split at.
func goName(r *Result) string {
	name := "Benchmark" + strings.ToUpper(r.Workload[:1]) + r.Workload[1:] + "/device=" + r.Device
	return strings.Join(strings.Fields(name), "_")
}

// unitsOfSample is how many units a sample took. A training on MNIST counts its steps over all epochs.
func (r *Result) unitsOfSample() int {
	if r.MNIST != nil && len(r.Seconds) > 0 {
		return r.Units / len(r.Seconds)
	}
	return r.Units
}
