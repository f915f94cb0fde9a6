package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/bench"
)

// TestMain is the program itself where a test starts one: signals and pipes are between processes.
func TestMain(m *testing.M) {
	if os.Getenv("GLOSS_TEST_MLPBENCH") != "" {
		main()
	}
	pace = bench.Options{Rounds: 5, Sample: time.Millisecond}
	os.Exit(m.Run())
}

// mlpbench runs the program to its end.
func mlpbench(args ...string) (code int, stdout, stderr string) {
	var out, errs strings.Builder
	code = run(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// TestWrongTurns wants a message that helps, status 2, and nothing measured.
func TestWrongTurns(t *testing.T) {
	empty := t.TempDir()
	nowhere := filepath.Join(empty, "no", "where")
	folder, script, mnist := filepath.Join(t.TempDir(), "a.png"), filepath.Join(t.TempDir(), "script"), filepath.Join(t.TempDir(), "mnist.json")
	if err := errors.Join(os.Mkdir(folder, 0o777), os.WriteFile(script, []byte("#!/bin/sh"), 0o666),
		os.WriteFile(mnist, []byte(`[{"workload": "mnist/784-128-10/b128/adam", "device": "cpu", "median_s": 1}]`), 0o666)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"-bogus", "flag provided but not defined: -bogus"},
		{"-run gemm extra", `unexpected argument "extra"`},
		{"-run [", "-run: error parsing regexp"},
		{"-run convolution", `-run "convolution" matches no workload: -list shows them`},
		{"-list -run convolution", "matches no workload"},
		{"-device cuda", `-device: no device is called "cuda": there are gonum, cpu, gl, ref`},
		{"-device cpu,", `no device is called ""`},
		{"-device cpu,gl,cpu", "cpu is named twice"},
		{"-device=", "-device needs a value"},
		{"-net 784-128-", `-net: network "784-128-", width 3: a number is missing`},
		{"-net=", "-net needs a value"},
		{"-net 784-128-10 -batch 0", "-net: batch 0: want 1 to"},
		{"-net 784-128-10 -batch x", `invalid value "x" for flag -batch`},
		{"-net 784-128-10 -opt lion", `optimizer "lion": want adam or sgd`},
		{"-net 784-128-10 -loss hinge", `loss "hinge": want xent or mse`},
		{"-net 784-128-10 -run gemm", "matches no workload"},
		{"-batch 64", "-batch goes with -net"},
		{"-opt sgd", "-opt goes with -net"},
		{"-loss mse", "-loss goes with -net"},
		{"-gemm 10x", "-gemm: size \"10x\" of a product: want MxNxK"},
		{"-gemm 1000000x1000000x1", "more than 268435456 elements"},
		{"-epochs 3", "-epochs goes with -mnist"},
		{"-target 0.9", "-target goes with -mnist"},
		{"-seed 1", "-seed goes with -mnist"},
		{"-mnist " + empty + " -epochs 0", "0 epochs: at least 1 is needed"},
		{"-mnist " + empty + " -target 97", "a target of 97"},
		{"-mnist " + empty + " -target NaN", "a target of NaN"},
		{"-mnist " + empty + " -seed -1", `invalid value "-1" for flag -seed`},
		{"-mnist " + empty + " -net 1-2", "-net does not go with -mnist"},
		{"-mnist " + empty + " -run gemm", "-run does not go with -mnist"},
		{"-start -net 1-2", "-net does not go with -start"},
		{"-start -run gemm", "-run does not go with -start"},
		{"-start -mnist " + empty, "-mnist does not go with -start"},
		{"-mnist " + nowhere, "no such file or directory"},
		{"-mnist " + empty, "4 of 4 files missing"},
		{"-mnist=", "-mnist needs a value"},
		{"-format xml", `-format "xml": want text, json, csv or gobench`},
		{"-format=", "-format needs a value"},
		{"-plot " + empty + "/x.pdf", "x.pdf: want a name that ends in .svg or .png"},
		{"-plot " + empty, "want a name that ends in .svg or .png"},
		{"-plot " + nowhere + ".svg", "-plot: open " + nowhere},
		{"-plot " + folder, "-plot: open " + folder},
		{"-o " + nowhere + " -plot x.svg", "-o: open " + nowhere},
		{"-o x.svg -plot ./x.svg", "-plot and -o are both x.svg"},
		{"-plot=", "-plot needs a value"},
		{"-compare=", "-compare needs a value"},
		{"-compare " + nowhere, "-compare: open " + nowhere},
		{"-compare " + empty, "-compare: "},
		{"-compare " + script, "script: no report of mlpbench -format json: invalid character '#'"},
		{"-compare " + mnist, "mnist.json holds mnist/784-128-10/b128/adam: choose by -run, -net, -gemm or -mnist"},
		{"-o " + nowhere, "-o: open " + nowhere},
		{"-o " + empty, "-o: open " + empty},
		{"-o=", "-o needs a value"},
	} {
		code, stdout, stderr := mlpbench(strings.Fields(c.args)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("mlpbench %s: status %d, %q, %q; want %d and %q", c.args, code, stdout, stderr, exitUsage, c.want)
		}
	}
}

func TestHelp(t *testing.T) {
	code, stdout, stderr := mlpbench("-h")
	if code != exitOK || stdout != "" || !strings.Contains(stderr, "usage: mlpbench") || !strings.Contains(stderr, "-gemm MxNxK") {
		t.Errorf("status %d, %q, %q", code, stdout, stderr)
	}
}

func TestList(t *testing.T) {
	code, stdout, stderr := mlpbench("-list")
	standard, more, ok := strings.Cut(stdout, "\n\nonly when -run matches:\n")
	if code != exitOK || stderr != "" || !ok {
		t.Fatalf("status %d, %q, %q", code, stdout, stderr)
	}
	if got := len(strings.Split(standard, "\n")); got != len(bench.Standard()) || !strings.Contains(more, "gemm/nn/4096x4096x4096\n") {
		t.Errorf("%d standard workloads, and %q", got, more)
	}
	if _, stdout, _ = mlpbench("-list", "-run", "^each"); stdout != "each/adam/1M\neach/adam/16M\n" {
		t.Errorf("-run ^each lists %q", stdout)
	}
	if _, stdout, _ = mlpbench("-list", "-gemm", "2x3x4", "-net", "5-6"); stdout != "train/5-6/b32/adam\ngemm/nn/2x3x4\ngemm/nt/2x3x4\ngemm/tn/2x3x4\n" {
		t.Errorf("one's own are %q", stdout)
	}
}
