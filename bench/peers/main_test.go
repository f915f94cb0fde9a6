package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/internal/peer"
)

// TestMain makes the test's own program a peer where it is started as one.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "-peer":
		main()
	case os.Getenv("PEERS_FAKE") != "":
		if err := peer.Serve(os.Stdin, os.Stdout, fake{}); err != nil {
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

// fake is a peer that misbehaves at some workloads.
type fake struct{}

func (fake) Version() string { return "fake 1.0" }

func (fake) Open(w peer.Workload) (peer.Job, error) {
	switch w.Kind {
	case "each":
		return nil, fmt.Errorf("%w: no vectors", peer.ErrNot)
	case "train":
		time.Sleep(time.Hour)
	case "infer":
		fmt.Fprintln(os.Stderr, "one thing\nthe last thing")
		os.Exit(3)
	}
	return idle{}, nil
}

func (fake) Check(peer.Workload) (float64, error) { return 1e9, nil }

func (fake) Walk(peer.Workload, int, int, string) ([]float64, error) {
	return nil, errors.New("it stumbles\nand falls")
}

type idle struct{}

func (idle) Run(n int) error { time.Sleep(time.Duration(n) * time.Microsecond); return nil }
func (idle) Release()        {}

func startFake(t *testing.T) *child {
	c, err := start([]string{os.Args[0]}, []string{"PEERS_FAKE=1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.end)
	return c
}

func TestChild(t *testing.T) {
	c := startFake(t)
	for _, x := range []struct {
		request string
		want    string
		err     string
	}{
		{"version", "fake 1.0", ""},
		{"check gemm/nn/8x8x8", "1000000000", ""},
		{"run each/axpy/1K 0.01", "", "not this peer's: no vectors"},
		{"walk train/2-4-1/b4/sgd 0 1 nowhere", "", "it stumbles and falls"},
		{"run gemm/nn/8x8 0.01", "", `workload "gemm/nn/8x8": `},
		{"juggle", "", `request ["juggle"]`},
		{"drop", "", ""},
	} {
		words, err := c.ask(time.Minute, x.request)
		if join(words) != x.want || (err == nil) != (x.err == "") || err != nil && !strings.Contains(err.Error(), x.err) {
			t.Errorf("%s: %q, %v; want %q, %q", x.request, words, err, x.want, x.err)
		}
	}
	answer, err := numbers(c.ask(time.Minute, "run gemm/nn/8x8x8 0.01"))
	if err != nil || len(answer) != 3 || answer[0] < answer[1] || answer[1] < 1000 || answer[2] < 1 {
		t.Errorf("a slot of units of a microsecond at least: %v, %v", answer, err)
	}
}

// TestChildGone has peers that hang and that die: neither holds up the run, and both say why.
func TestChildGone(t *testing.T) {
	if _, err := startFake(t).ask(50*time.Millisecond, "run train/2-4-1/b4/sgd 0.01"); !errors.Is(err, errGone) || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("a peer that hangs: %v", err)
	}
	c := startFake(t)
	for range 2 {
		if _, err := c.ask(time.Minute, "run infer/2-4-1/b1 0.01"); !errors.Is(err, errGone) || !strings.Contains(err.Error(), "the last thing") {
			t.Errorf("a peer that dies: %v", err)
		}
	}
}

func TestParseAnswer(t *testing.T) {
	for line, want := range map[string]string{"ok 1 2": "", "no reason": "not this peer's: reason", "error x": "x", "hello": `the peer answers "hello"`} {
		if words, err := parseAnswer(line); want == "" && len(words) != 2 || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%q: %v, %v", line, words, err)
		}
	}
	if _, err := numbers([]string{"1", "x"}, nil); err == nil {
		t.Error("x is a number")
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"-run", "("}, {"-threads", "0"}, {"-threads", "1;2"}, {"-threads", "100000"}, {"gemm"}} {
		if _, err := parseFlags(args, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
	o, err := parseFlags([]string{"-quick", "-threads", "1", "-run", "gemm"}, io.Discard)
	if err != nil || o.rounds != 3 || o.slot != 30*time.Millisecond || len(o.rows()) != 3 {
		t.Errorf("%+v, %v: %v", o, err, o.rows())
	}
	if threads, err := parseThreads("2,1,2,4", 2); err != nil || !slices.Equal(threads, []int{1, 2}) {
		t.Errorf("%v, %v", threads, err)
	}
}

// TestWithoutPeers measures where nobody else is there: gloss, its training loop and gonum take part, the rest is a line each.
func TestWithoutPeers(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	o, err := parseFlags([]string{"-quick", "-rounds", "2", "-slot", "2ms", "-threads", "1", "-bin", nowhere, "-scripts", nowhere, "-run", "64x64x64|2-8-1|infer"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var log, tables bytes.Buffer
	records, err := measure(context.Background(), o, &log)
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	for _, want := range []string{"left out: OpenBLAS: there is no peer_blas (package libopenblas0;", "left out: FANN: ", "left out: PyTorch: ", "left out: genann: "} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &log)
		}
	}
	if err := writeTables(&tables, records); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| 64x64x64 | 1 |", "| 2-8-1 b4 sgd mse |", "| 784-128-10 b1 |", "gloss on gonum"} {
		if !strings.Contains(tables.String(), want) {
			t.Errorf("the tables lack %q:\n%s", want, &tables)
		}
	}
	checkRecords(t, records)
}

// checkRecords writes and reads them, with bench too.
func checkRecords(t *testing.T, records []Record) {
	file := filepath.Join(t.TempDir(), "results.json")
	if err := writeRecords(file, records); err != nil {
		t.Fatal(err)
	}
	again, err := readRecords(file)
	if err != nil || len(again) != len(records) || again[0].Device != records[0].Device || again[0].Ratio != 1 {
		t.Errorf("%v: %+v", err, again)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if report, err := bench.ReadJSON(f); err != nil || len(report.Results) != len(records) || report.Results[0].Median() != records[0].MedianS {
		t.Errorf("mlpbench -compare cannot read it: %v", err)
	}
}

// TestWritable: a run that could not write its results does not begin.
func TestWritable(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain.md")
	if err := os.WriteFile(plain, []byte("no markers"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-o", filepath.Join(dir, "no", "x.json")}, {"-docs", filepath.Join(dir, "x.md")}, {"-docs", plain}} {
		if err := run(args, io.Discard, io.Discard); err == nil || !strings.HasPrefix(err.Error(), args[0]) {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestReadRecords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.json")
	for text, want := range map[string]string{"": "unexpected end", "[]": "no results", `[{"workload": "x"}]`: "no results"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readRecords(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
