package main

import (
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/internal/peer"
)

// A row is a workload and how many threads everyone has for it; 0 leaves each peer its best number, and gloss the largest.
type row struct {
	peer.Workload
	threads int
}

func (r row) String() string {
	if r.threads == 0 {
		return r.Name
	}
	return fmt.Sprintf("%s, %s", r.Name, count(r.threads, "thread"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// How many threads the workloads of a list are measured with.
const (
	eachNumber = -1 // everyone with one, and everyone with two
	anyNumber  = 0
	one        = 1
)

// workloads are what is measured, those of -quick marked.
var workloads = []struct {
	name    string
	threads int
	quick   bool
}{
	{"gemm/nn/512x512x512", eachNumber, true},
	{"gemm/nn/1000x700x900", eachNumber, false}, // fits nobody's tiles
	{"gemm/nn/1024x1024x1024", eachNumber, false},
	{"gemm/nn/2048x2048x2048", eachNumber, false},
	{"gemm/nn/128x128x784", eachNumber, true}, // the first layer of 784-128-10, forward
	{"gemm/nn/64x64x4096", eachNumber, false}, // the gradient of a small layer's weights over a large batch
	{"gemm/tn/64x64x4096", eachNumber, false}, // as training has it: the batch's columns are rows
	{"gemm/nn/64x64x64", eachNumber, true},

	{"train/784-128-10/b32/adam", anyNumber, true},
	{"train/784-128-10/b128/adam", anyNumber, false},
	{"train/784-512-512-10/b256/adam", anyNumber, false},
	{"train/64-64-64-64-16/b4096/adam/mse", anyNumber, false},
	{"train/1024-1024-1024-1024-1024/b512/adam/mse", anyNumber, false},
	{"train/2-4-1/b100/sgd/mse/tanh", anyNumber, true},
	{"train/2-8-1/b4/sgd/mse", anyNumber, true},
	{"train/2-8-1/b4/adam/mse", anyNumber, false},

	{"each/adam/1M", eachNumber, true},
	{"each/adam/16M", eachNumber, false},
	{"each/axpy/1M", eachNumber, false},
	{"each/axpy/16M", eachNumber, false},

	{"infer/784-128-10/b1", one, true},
}

// rows are those that the options ask for.
func (o options) rows() (rows []row) {
	for _, w := range workloads {
		parsed, err := peer.Parse(w.name)
		if err != nil {
			panic(err)
		}
		threads := []int{w.threads}
		if w.threads == eachNumber {
			threads = o.threads
		}
		for _, n := range threads {
			r := row{parsed, n}
			if (n == 0 || slices.Contains(o.threads, n)) && (w.quick || !o.quick) && o.only.MatchString(r.String()) {
				rows = append(rows, r)
			}
		}
	}
	return rows
}
