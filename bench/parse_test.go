package bench

import (
	"strings"
	"testing"
)

// TestNames reads every name and wants it back.
func TestNames(t *testing.T) {
	names := append(append([]string{}, standard...), more...)
	names = append(names, "gemm/nn/1x1x1", "gemm/tn/1x1048576x256", "each/adam/1", "each/adam/1500", "each/adam/15K",
		"train/1-1/b1/sgd", "train/1-1/b1/sgd/mse/logged")
	for _, name := range names {
		w, err := Parse(name)
		if err != nil {
			t.Error(err)
		} else if w.Name() != name {
			t.Errorf("%q is called %q", name, w.Name())
		}
	}
}

func TestBadNames(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"", "want gemm/nn/MxNxK, each/adam/N, train/NET/bBATCH/OPT or sweep/NET/bBATCH/OPT/xN"},
		{"gemm", "want gemm/"},
		{"gemm/nn", "want gemm/"},
		{"gemm/nn/1x1x1/more", "want gemm/"},
		{"gemm/tt/10x10x10", `form "tt" of a product: want nn, nt or tn`},
		{"gemm/nn/10x", "want MxNxK, three numbers"},
		{"gemm/nn/10x10", "want MxNxK, three numbers"},
		{"gemm/nn/10x10x10x10", "want MxNxK, three numbers"},
		{"gemm/nn/10xx10", "N: a number is missing"},
		{"gemm/nn/10x10x", "K: a number is missing"},
		{"gemm/nn/0x10x10", "M: at least 1 is needed, not 0"},
		{"gemm/nn/-1x10x10", `M: "-1" is no number`},
		{"gemm/nn/+1x10x10", `M: "+1" is no number`},
		{"gemm/nn/1.5x10x10", `M: "1.5" is no number`},
		{"gemm/nn/10xax10", `N: "a" is no number`},
		{"gemm/nn/2000000x1x1", "M: 2000000 is more than 1048576"},
		{"gemm/nn/99999999999999999999x1x1", "M: 99999999999999999999 is more than 1048576"},
		{"gemm/nn/100000x100000x1", "a matrix of 100000×100000 is more than 268435456 elements (1 GiB)"},
		{"gemm/nn/100000x1x100000", "a matrix of 100000×100000"},
		{"each/adam", "want gemm/"},
		{"each/sgd/1M", "want gemm/"},
		{"each/adam/0", `"0" elements: want a number from 1`},
		{"each/adam/-3", `"-3" elements`},
		{"each/adam/1G", `"1G" elements`},
		{"each/adam/M", `"M" elements`},
		{"each/adam/269M", `"269M" elements`},
		{"train/784-128-10/32/adam", `batch "32": want b and a number`},
		{"train/784-128-10/b/adam", `batch "b": want b and a number`},
		{"train/784-128-10/b0/adam", "batch 0: want 1 to 1048576 rows"},
		{"train/784-128-10/b-1/adam", "batch -1: want 1 to"},
		{"train/784-128-10/b1048576/adam", "batch 1048576 of network 784-128-10: a matrix of 1048576×784"},
		{"train/784-128-10/b32/lion", `optimizer "lion": want adam or sgd`},
		{"train/784-128-10/b32/adam/hinge", `loss "hinge": want xent or mse`},
		{"train/784-128-/b32/adam", `network "784-128-", width 3: a number is missing`},
		{"train/-784-128/b32/adam", `network "-784-128", width 1: a number is missing`},
		{"train//b32/adam", `network "", width 1: a number is missing`},
		{"train/784/b32/adam", `network "784": want at least inputs and outputs`},
		{"train/784-0-10/b32/adam", "width 2: at least 1 is needed, not 0"},
		{"train/784-1e9-10/b32/adam", `width 2: "1e9" is no number`},
		{"train/784-2000000-10/b32/adam", "width 2: 2000000 is more than 1048576"},
		{"train/100000-100000-10/b1/adam", "layer 1: a matrix of 100001×100000 is more"},
		{"train/16000-16000-16000/b1/adam", "more than 268435456 parameters"},
		{"sweep", "want gemm/"},
		{"sweep/2-8-1/b4/sgd", `models "sgd": want x and a number`},
		{"sweep/2-8-1/b4/sgd/x0", "0 models: want 1 to 65536"},
		{"sweep/2-8-1/4/sgd/x3", `batch "4": want b and a number`},
		{"sweep/x3", "want gemm/"},
		{"sweep/2-8-1/b4/sgd/logged/x3", "read every 16 steps"},
		{"train/logged", "want gemm/"},
		{"train/2-8-1/b4/logged", `optimizer "logged": want adam or sgd`},
		{"train/2-8-1/b4/sgd/logged/mse", "want gemm/"},
		{"train/2-8-1/b4/sgd/logged/logged", `loss "logged": want xent or mse`},
	} {
		_, err := Parse(c.name)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"`+c.name+`"`) {
			t.Errorf("%q: error %v, want one that says %q", c.name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range append(standard, more...) {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		w, err := Parse(name)
		if err != nil {
			return
		}
		if again, err := Parse(w.Name()); err != nil || again.Name() != w.Name() || again.Work() != w.Work() {
			t.Errorf("%q is called %q, which reads as %v, %v", name, w.Name(), again, err)
		}
		if work := w.Work(); !(work.Flops > 0) {
			t.Errorf("%q comes to %v operations", name, work.Flops)
		}
	})
}

func TestWork(t *testing.T) {
	for _, c := range []struct {
		name string
		want Work
	}{
		{"gemm/nt/10x20x30", Work{Flops: 2 * 10 * 20 * 30}},
		{"each/adam/2K", Work{Flops: 14 * 2000}},
		// Forward, weights' and inputs' gradients of both layers, less the gradient of the first layer's input.
		{"train/784-128-10/b32/adam", Work{Flops: 6*32*(784*128+128*10) - 2*32*784*128, Samples: 32}},
		{"train/3-2/b5/sgd", Work{Flops: 4 * 5 * 3 * 2, Samples: 5}},
	} {
		w, err := Parse(c.name)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Work(); got != c.want {
			t.Errorf("%s comes to %+v, want %+v", c.name, got, c.want)
		}
	}
}
