package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/internal/peer"
)

// sampled is a record with samples, in milliseconds.
func sampled(workload, family, setting string, threads int, base bool, ms ...float64) Record {
	r := Record{Workload: workload, Family: family, Setting: setting, Threads: threads, Base: base}
	for _, x := range ms {
		r.SamplesS = append(r.SamplesS, x/1e3)
	}
	return r
}

// finished computes the rows' numbers.
func finished(t *testing.T, rows ...[]Record) (all []Record) {
	for _, records := range rows {
		r := row{Workload: mustParse(t, records[0].Workload), threads: records[0].Threads}
		all = append(all, finish(records, r)...)
	}
	return all
}

func TestRatios(t *testing.T) {
	r := finished(t, []Record{
		sampled("gemm/nn/1000x1000x1000", ours, "1 thread", 1, true, 10, 20, 40),
		sampled("gemm/nn/1000x1000x1000", "OpenBLAS", "1 thread", 1, false, 20, 20, 30),
		sampled("gemm/nn/1000x1000x1000", "nobody", "1 thread", 1, false),
	})
	if len(r) != 2 {
		t.Fatalf("who does not have the workload stays: %+v", r)
	}
	if r[0].Ratio != 1 || r[0].MedianS != 0.02 || r[0].GFLOPS != 100 || r[0].Runs != 3 {
		t.Errorf("%+v", r[0])
	}
	// Ratios of rounds are 2, 1 and 0.75, not that of the medians.
	if r[1].Ratio != 1 || r[1].RatioMin != 0.75 || r[1].RatioMax != 2 || r[1].ratio() != "1.00× (0.75–2.00)" {
		t.Errorf("%+v, %s", r[1], r[1].ratio())
	}
	if m := median([]float64{4, 1, 3, 2}); m != 2.5 {
		t.Errorf("the median of 1 to 4 is %v", m)
	}
}

// table has a row of each kind: gloss slower, gloss faster, a peer with several settings, one that failed, one unchecked.
func table(t *testing.T) []Record {
	const net = "train/784-128-10/b32/adam"
	failed := sampled(net, "FANN", "1 thread", 0, false)
	failed.Error = "it fell over"
	all := finished(t,
		[]Record{
			sampled("gemm/nn/64x64x64", ours, "1 thread", 1, true, 0.01),
			sampled("gemm/nn/64x64x64", "OpenBLAS", "1 thread", 1, false, 0.005),
			sampled("gemm/nn/64x64x64", limit, "1 thread", 1, false, 0.004),
		},
		[]Record{
			sampled(net, ours, "2 threads", 0, true, 1), sampled(net, ours, "1 thread", 0, false, 2),
			sampled(net, torch, "1 thread", 0, false, 4), sampled(net, torch, "2 threads", 0, false, 9), failed,
			sampled(net, gonum, "2 threads", 0, false, 3),
		},
		[]Record{sampled("each/adam/1M", ours, "1 thread", 1, true, 1), sampled("each/adam/1M", limit, "1 thread", 1, false, 0.9)})
	all[3].WeightError, all[5].WeightError, all[8].Unchecked = 1e-6, 2e-6, peer.ErrNot.Error()+": nobody knows"
	return all
}

func TestTables(t *testing.T) {
	var out bytes.Buffer
	if err := writeTables(&out, table(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| M×N×K | threads | gloss | OpenBLAS | peak |\n|---|---|---|---|---|\n",
		"| 64x64x64 | 1 | 52.4 GFLOP/s | 104.9 GFLOP/s, **0.50×** (0.50–0.50) | 131.1 GFLOP/s, gloss reaches 40 % |\n",
		"| gloss | PyTorch | FANN | gloss, 1 thread | gloss on gonum | error ÷ PyTorch's |",
		"| 784-128-10 b32 adam | gloss has 2 | 1.00 ms | 4.00 ms, 4.00× (4.00–4.00) with 1 thread | failed | 2.00 ms, 2.00× (2.00–2.00) | 3.00 ms, 3.00× (3.00–3.00) | 0.50 (1.0e-06) |",
		"PyTorch of 784-128-10 b32 adam: 1 thread 4.00 ms; 2 threads 9.00 ms.",
		"| adam 1M | 1 | 28.0 GB/s | 31.1 GB/s, gloss reaches 90 % |",
		"In 1 of 2 comparisons:\n\n- gemm/nn/64x64x64, 1 thread: 0.50× of the speed of OpenBLAS\n",
		"- FANN (1 thread) at 784-128-10 b32 adam failed: it fell over\n",
		"- gonum at 784-128-10 b32 adam: not compared with float64: nobody knows\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the tables lack %q:\n%s", want, &out)
		}
	}
}

// TestNarrow: with AVX-512 on the machine, AVX2 is compared with AVX2.
func TestNarrow(t *testing.T) {
	const product = "gemm/nn/64x64x64"
	var out bytes.Buffer
	err := writeTables(&out, finished(t, []Record{
		sampled(product, ours, "1 thread", 1, true, 1, 1), sampled(product, narrow, "1 thread", 1, false, 2, 2),
		sampled(product, haswell, "1 thread", 1, false, 1.8, 2.2),
	}))
	if want := "\ngloss, AVX2 at 64x64x64, 1 thread: 1.00× (0.90–1.10) of the speed of OpenBLAS Haswell.\n"; err != nil || !strings.Contains(out.String(), want) {
		t.Errorf("%v; the tables lack %q:\n%s", err, want, &out)
	}
}

// TestScaling: the rows of one and of two threads had different rounds, and their ratios count.
func TestScaling(t *testing.T) {
	const product = "gemm/nn/64x64x64"
	var out bytes.Buffer
	err := writeTables(&out, finished(t,
		[]Record{
			sampled(product, ours, "1 thread", 1, true, 10, 20), sampled(product, "oneDNN", "1 thread", 1, false, 11, 22),
			sampled(product, "OpenBLAS", "1 thread", 1, false, 8, 16), sampled(product, "gonum", "1 thread", 1, false, 8, 16),
		},
		[]Record{
			sampled(product, ours, "2 threads", 2, true, 5, 5), sampled(product, "oneDNN", "2 threads", 2, false, 5, 5),
			sampled(product, "OpenBLAS", "2 threads", 2, false, 6, 6),
		}))
	for _, want := range []string{
		"| M×N×K | threads | gloss | oneDNN | OpenBLAS | gonum |\n|---|---|---|---|---|---|\n",
		"| 64x64x64 | 2 | 3.00 | 3.30, **0.91×** | 2.00, 1.50× | – |\n",
	} {
		if err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v; the tables lack %q:\n%s", err, want, &out)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestTablesError(t *testing.T) {
	if err := writeTables(full{}, table(t)); err == nil {
		t.Error("nobody notices")
	}
}

func TestRefresh(t *testing.T) {
	file := filepath.Join(t.TempDir(), "benchmarks.md")
	text := "# Benchmarks\n\n" + beginMarker + "\nold\n" + endMarker + "\n\nThe end.\n"
	for range 2 { // the second time changes nothing more
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := refresh(file, table(t)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil || strings.Contains(string(got), "\nold\n") || !strings.HasSuffix(string(got), endMarker+"\n\nThe end.\n") || !strings.HasPrefix(string(got), "# Benchmarks\n\n"+beginMarker+"\n") {
			t.Fatalf("%v\n%s", err, got)
		}
		text = string(got)
	}
	if _, err := between("no markers", "x"); err == nil {
		t.Error("a file without markers is accepted")
	}
}

func TestColumns(t *testing.T) {
	names := columns(lines(table(t), "train"))
	if got := strings.Join(names, "; "); got != "gloss; PyTorch; FANN; gloss, 1 thread; gloss on gonum" {
		t.Error(got)
	}
}

func TestMachine(t *testing.T) {
	m := machine{isa: flagsOf("processor : 0\nflags\t\t: fpu avx2 fma avx512f avx512bw avx512dq avx512vl\nflags : x\n"), cores: 2}
	if m.vectors() != "avx2 fma avx512f avx512bw avx512dq avx512vl" || len(cores(m.isa)) != 2 || len(cores([]string{"avx2", "fma"})) != 1 || cores(nil) != nil {
		t.Errorf("%v: %s, %v", m, m.vectors(), cores(m.isa))
	}
	o := options{threads: []int{1, 2}}
	settings := map[string]int{}
	for _, e := range o.entries(m.isa) {
		settings[e.family]++
	}
	if settings[narrow] != 2 || settings[torch] != 4 || settings["OpenBLAS SkylakeX"] != 2 || settings["FANN"] != 1 {
		t.Errorf("%v", settings)
	}
}
