package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

// several results of every kind.
func several() []Result {
	bad, mnist := result(0, 1), result(1, 2, 0.003, 0.001)
	bad.Err = errors.New("the result is wrong: \"a\", b\nand more")
	mnist.Workload, mnist.MNIST = "mnist/784-128-10/b128/adam", &MNISTScore{Accuracy: 0.975, Epochs: 2, Target: 0.972, Reached: true, TimeToTarget: 1500 * time.Millisecond}
	return []Result{result(0, 0, 0.01, 0.02, 0.01), bad, {Slow: true, Workload: "x", Device: "gl"}, mnist}
}

const goldenCSV = `workload,device,renderer,software,median_s,min_s,max_s,runs,gflops,samples_per_s,max_error,test_accuracy,epochs,target_accuracy,time_to_target_s,error,build,cpu,time
gemm/nn/512x512x512,gonum,Example CPU,false,0.01,0.01,0.02,3,26.8435456,0,2e-06,,,,,,v1.2.3 go1.26 linux/amd64,Example CPU @ 3 GHz,2026-03-04T05:06:07Z
gemm/nn/512x512x512,cpu,Example CPU,false,,,,,,,,,,,,"the result is wrong: ""a"", b
and more",v1.2.3 go1.26 linux/amd64,Example CPU @ 3 GHz,2026-03-04T05:06:07Z
mnist/784-128-10/b128/adam,gl,llvmpipe,true,0.002,0.001,0.003,2,6.545408,16000,2e-06,0.975,2,0.972,1.5,,v1.2.3 go1.26 linux/amd64,Example CPU @ 3 GHz,2026-03-04T05:06:07Z
`

func TestCSV(t *testing.T) {
	var b strings.Builder
	if err := WriteCSV(&b, madeUp, several()); err != nil || b.String() != goldenCSV {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestCSVFields: what JSON has and CSV has not is the samples.
func TestCSVFields(t *testing.T) {
	for _, r := range several() {
		if r.Slow {
			continue
		}
		rec := newRecord(madeUp, &r)
		var fields map[string]any
		if err := json.Unmarshal(must(json.Marshal(rec)), &fields); err != nil {
			t.Fatal(err)
		}
		cells := rec.cells()
		for f := range fields {
			if _, ok := cells[f]; !ok && f != "samples_s" {
				t.Errorf("%T: CSV has no %s", rec, f)
			}
		}
		for f := range cells {
			if _, ok := fields[f]; !ok || !strings.Contains(goldenCSV, f) {
				t.Errorf("%T: JSON or the line of names has no %s", rec, f)
			}
		}
	}
}

func TestGoBench(t *testing.T) {
	want := fmt.Sprintf(`# mlpbench v1.2.3 go1.26 linux/amd64, 2026-03-04T05:06:07Z
goos: %[1]s
goarch: %[2]s
pkg: github.com/gloss-ml/gloss/bench
cpu: Example CPU @ 3 GHz
Unit GFLOP/s better=higher
Unit samples/s better=higher
BenchmarkGemm/nn/512x512x512/device=gonum-%[3]d	      10	   10000000.00 ns/op	    26.844 GFLOP/s
BenchmarkGemm/nn/512x512x512/device=gonum-%[3]d	      10	   20000000.00 ns/op	    13.422 GFLOP/s
BenchmarkGemm/nn/512x512x512/device=gonum-%[3]d	      10	   10000000.00 ns/op	    26.844 GFLOP/s
--- FAIL: BenchmarkGemm/nn/512x512x512/device=cpu
    the result is wrong: "a", b
    and more
BenchmarkMnist/784-128-10/b128/adam/device=gl-%[3]d	       5	    3000000.00 ns/op	    4.3636 GFLOP/s	     10667 samples/s
BenchmarkMnist/784-128-10/b128/adam/device=gl-%[3]d	       5	    1000000.00 ns/op	    13.091 GFLOP/s	     32000 samples/s
`, runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	var b strings.Builder
	if err := WriteGoBench(&b, madeUp, several()); err != nil || b.String() != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, b.String(), want)
	}
	if got := goName(&Result{Workload: "a/b", Device: "gl:Some GPU"}); got != "BenchmarkA/b/device=gl:Some_GPU" {
		t.Error(got)
	}
}

// TestReadJSON reads what was written, but for what records do not tell.
func TestReadJSON(t *testing.T) {
	var b strings.Builder
	if err := WriteJSON(&b, madeUp, several()); err != nil {
		t.Fatal(err)
	}
	rep, err := ReadJSON(strings.NewReader(b.String()))
	if err != nil || rep.Machine != madeUp || len(rep.Results) != 3 {
		t.Fatalf("%+v, %v", rep, err)
	}
	var again strings.Builder
	if err := WriteJSON(&again, rep.Machine, rep.Results); err != nil || again.String() != b.String() {
		t.Errorf("%v, got\n%s\nwant\n%s", err, again.String(), b.String())
	}
	if w := result(0, 0).Work; rep.Results[0].Work != w {
		t.Errorf("work %v, want %v", rep.Results[0].Work, w)
	}
	old := `[{"workload": "w", "device": "d", "median_s": 0.5, "runs": 7, "of tomorrow": 1}]`
	if rep, err = ReadJSON(strings.NewReader(old)); err != nil || !reflect.DeepEqual(rep.Results[0].Seconds, []float64{0.5}) {
		t.Errorf("a record without samples: %+v, %v", rep, err)
	}
}

func TestReadJSONWrongTurns(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "the file is empty",
		"workload,device":   "invalid character 'w'",
		`[{"workload": "w"`: "the file ends too early",
		`{"workload": "w"}`: "want a list of records, found an object",
		`[1]`:               "want a list of records, found a number",
		`[]`:                "the report holds no result",
		`[{"a": 1}]`:        "record 1 has no workload, device or median_s",
		`[{"workload": 1}]`: "workload is a number",
		`[{"workload":"w","device":"d","median_s":1}] x`: "something follows its list",
	} {
		if _, err := ReadJSON(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

const goldenComparison = `compared with old.json: mlpbench v1.0.0, 2026-03-04 05:06 UTC
  note: another machine: Other CPU then, Example CPU @ 3 GHz now
  note: another build: v1.0.0 then, v1.2.3 go1.26 linux/amd64 now
  note: another gl: Other GPU then, llvmpipe now
old÷new is how many times as fast it is now; ~ where chance explains the difference, p > 0.05 in the Mann-Whitney U test

workload                   device  old      new      old÷new  p
gemm/nn/512x512x512        gonum   20.0 ms  10.0 ms  2.00×    <0.001
gemm/nn/512x512x512        cpu     FAILED   10.0 ms  –        –
gemm/nn/512x512x512        gl      2.00 ms  1.75 ms  ~        1.000
train/784-128-10/b32/adam  gl      1.00 s   FAILED   –        –

in old.json alone:
  train/784-128-10/b32/adam on cpu

measured now alone:
  train/784-128-10/b32/adam on gonum
`

func TestComparison(t *testing.T) {
	failed := func(r Result) Result { r.Err = errors.New("wrong"); return r }
	slow := func(r Result) Result { r.Slow = true; return r }
	other := func(r Result) Result { r.Info.Name = "Other GPU"; return r }
	place := madeUp
	place.Build, place.CPU = "v1.0.0", "Other CPU"
	old := Report{place, []Result{
		result(0, 0, 0.02, 0.021, 0.019, 0.02, 0.02, 0.02, 0.02), failed(result(0, 1)), other(result(0, 2, 0.001, 0.002, 0.003)),
		result(1, 1, 1), other(result(1, 2, 1)),
	}}
	now := Report{madeUp, []Result{
		result(0, 0, 0.01, 0.011, 0.009, 0.01, 0.01, 0.01, 0.01), result(0, 1, 0.01), result(0, 2, 0.0015, 0.00175, 0.0021),
		result(1, 0, 1), slow(result(1, 1)), failed(result(1, 2)),
	}}
	var b strings.Builder
	if err := WriteComparison(&b, "old.json", old, now); err != nil || b.String() != goldenComparison {
		t.Errorf("%v, got\n%s\nwant\n%s", err, b.String(), goldenComparison)
	}
}
