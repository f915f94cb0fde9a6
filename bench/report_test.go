package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
)

// stub is a device that only says what it is.
type stub struct {
	backend.Backend
	info backend.Info
}

func (s stub) Info() backend.Info { return s.info }

var (
	madeUp = Machine{Build: "v1.2.3 go1.26 linux/amd64", CPU: "Example CPU @ 3 GHz", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}

	stubs = []Device{
		{"gonum", stub{info: backend.Info{Device: "gonum", Name: "Example CPU", Driver: "gonum", Workers: 2}}},
		{"cpu", stub{info: backend.Info{Device: "cpu", Name: "Example CPU", Driver: "AVX2", Workers: 1}}},
		{"gl", stub{info: backend.Info{Device: "gl", Name: "llvmpipe", Software: true}}},
	}
)

func result(workload, device int, seconds ...float64) Result {
	w := must(Parse([]string{"gemm/nn/512x512x512", "train/784-128-10/b32/adam"}[workload]))
	return Result{Workload: w.Name(), Work: w.Work(), Device: stubs[device].Name, Info: stubs[device].Backend.Info(), Seconds: seconds,
		MaxError: 2e-6, Units: 10, Stats: backend.Stats{Calls: 90, Dispatches: 80, Reads: 1, Busy: 7500 * time.Microsecond}}
}

const golden = `mlpbench v1.2.3 go1.26 linux/amd64, 2026-03-04 05:06 UTC
on Example CPU @ 3 GHz
  gonum  Example CPU, gonum, 2 workers
  cpu    Example CPU, AVX2, 1 worker
  gl     llvmpipe — a software renderer: its speed is the CPU's and says nothing about a GPU
workload                   gonum                     cpu                       gl                        cpu÷gonum   gl÷gonum
gemm/nn/512x512x512        10.0 ms     26.8 GFLOP/s  2.50 ms      107 GFLOP/s   1.00 s     0.27 GFLOP/s      4.00×      0.01×
train/784-128-10/b32/adam   800 µs  40.0k samples/s  FAILED                    0.50 µs  64.0M samples/s          –      1600×
  cpu FAILED: the result is wrong: a weight
train/784-128-10/b32/adam   800 µs  40.0k samples/s  –                         FAILED                            –          –
  gonum 1 rounds of 10; each kept the device busy for 750 µs and took calls 9.00, dispatches 8.00, barriers 0, waits 0, reads 0.10, writes 0, allocs 0; largest difference from the reference 2e-06
  gl too large for this device: 2 GiB: out of device memory
`

func TestTable(t *testing.T) {
	var b strings.Builder
	WriteMachine(&b, madeUp, stubs)
	table := NewTable(&b, stubs, []Workload{must(Parse("gemm/nn/512x512x512")), must(Parse("train/784-128-10/b32/adam"))})
	table.Head()
	table.Row([]Result{result(0, 0, 0.01), result(0, 1, 0.001, 0.0025, 0.004), result(0, 2, 0.9, 1.1)})
	wrong := result(1, 1)
	wrong.Err = errors.New("the result is wrong: a weight")
	table.Row([]Result{result(1, 0, 0.0008), wrong, result(1, 2, 5e-7)})
	table.Verbose = true
	large := result(1, 2)
	large.Err = fmt.Errorf("2 GiB: %w", backend.ErrOutOfMemory)
	table.Row([]Result{result(1, 0, 0.0008), large})
	if got := b.String(); got != golden {
		t.Errorf("got\n%s\nwant\n%s", got, golden)
	}
}

// TestTableWithoutBaseline has no ratios.
func TestTableWithoutBaseline(t *testing.T) {
	var b strings.Builder
	table := NewTable(&b, stubs[1:2], []Workload{must(Parse("gemm/nn/512x512x512"))})
	table.Head()
	table.Row([]Result{result(0, 1, 0.01)})
	if got, want := b.String(), "workload             cpu\ngemm/nn/512x512x512  10.0 ms     26.8 GFLOP/s\n"; got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestSignificant(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.001: "0.00", 0.256: "0.26", 9.994: "9.99", 9.996: "10.0", 99.94: "99.9", 99.96: "100", 123456: "123456"} {
		if got := significant(x); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}

// TestJSON holds the records to their fields, exactly.
func TestJSON(t *testing.T) {
	measured := []string{"workload", "device", "renderer", "software", "median_s", "min_s", "max_s", "samples_s", "runs",
		"gflops", "samples_per_s", "max_error", "build", "cpu", "time"}
	mnist := append(slices.Clone(measured), "test_accuracy", "epochs", "target_accuracy", "time_to_target_s")
	failed := []string{"workload", "device", "renderer", "software", "error", "build", "cpu", "time"}

	bad, reached, missed := result(0, 1, 0.01), result(1, 1, 0.01), result(1, 1, 0.01)
	bad.Err = errors.New("wrong")
	reached.MNIST = &MNISTScore{Accuracy: 0.975, Epochs: 5, Target: 0.972, Reached: true, TimeToTarget: 1500 * time.Millisecond}
	missed.MNIST = &MNISTScore{Accuracy: 0.96, Epochs: 5, Target: 0.972}
	var b strings.Builder
	if err := WriteJSON(&b, madeUp, []Result{result(1, 2, 0.003, 0.001, 0.002), bad, {Slow: true}, reached, missed}); err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(b.String()), &list); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{measured, failed, mnist, mnist} {
		if got := slices.Sorted(maps.Keys(list[i])); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("record %d has the fields %v, want %v", i, got, want)
		}
	}
	for field, want := range map[string]any{
		"workload": "train/784-128-10/b32/adam", "device": "gl", "renderer": "llvmpipe", "software": true,
		"median_s": 0.002, "min_s": 0.001, "max_s": 0.003, "runs": 3.0, "samples_per_s": 16000.0, "max_error": 2e-6,
		"gflops": float64(6*32*(784*128+1280)-2*32*784*128) / 0.002 / 1e9,
		"build":  madeUp.Build, "cpu": madeUp.CPU, "time": "2026-03-04T05:06:07Z",
	} {
		if got := list[0][field]; got != want {
			t.Errorf("%s is %v, want %v", field, got, want)
		}
	}
	if got := fmt.Sprint(list[0]["samples_s"]); got != "[0.003 0.001 0.002]" {
		t.Errorf("the samples are %v", got)
	}
	if list[1]["error"] != "wrong" {
		t.Errorf("the error is %v", list[1]["error"])
	}
	if r := list[2]; r["time_to_target_s"] != 1.5 || r["test_accuracy"] != 0.975 || r["epochs"] != 5.0 || r["target_accuracy"] != 0.972 {
		t.Errorf("mnist record %v", r)
	}
	if list[3]["time_to_target_s"] != nil {
		t.Errorf("a target that was missed took %v", list[3]["time_to_target_s"])
	}
}

func TestJSONOfNothing(t *testing.T) {
	var b strings.Builder
	if err := WriteJSON(&b, madeUp, nil); err != nil || b.String() != "[]\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestBuild(t *testing.T) {
	info := &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "true"}, {Key: "-tags", Value: "gl"}}}
	if got := build(info); !strings.HasPrefix(got, "devel 0123456789ab+dirty go1.") || !strings.HasSuffix(got, " tags=gl") {
		t.Errorf("build %q", got)
	}
	info = &debug.BuildInfo{Main: debug.Module{Version: "v0.1.0"}}
	if got := build(info); !strings.HasPrefix(got, "v0.1.0 go1.") {
		t.Errorf("build %q", got)
	}
	if got := build(&debug.BuildInfo{}); !strings.HasPrefix(got, "devel go1.") {
		t.Errorf("build %q", got)
	}
}

func TestThisMachine(t *testing.T) {
	if m := ThisMachine(); m.CPU == "" || m.Build == "" || m.Time.IsZero() {
		t.Errorf("%+v", m)
	}
}
