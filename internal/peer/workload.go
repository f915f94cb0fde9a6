// Package peer is the gloss that bench/peers sets beside other libraries: a program that measures a workload when a line
// on its standard input asks for it. What it measures, and the numbers it computes with, peers in C and Python measure too,
// so names, data and protocol are written down here and followed there.
package peer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/bench"
)

// A Workload is what peers are measured at. Its names are those of package bench, and some more:
//
//	gemm/{nn,nt,tn}/MxNxK                          a product
//	train/NET/bBATCH/OPT[/LOSS[/ACTIVATION]]       a training step on one batch that stays the same; relu if left out
//	each/{adam,axpy}/N                             a step of Adam over N parameters; y ← y + a·x
//	infer/NET/bBATCH                               the outputs of a batch, from the host's memory and back
type Workload struct {
	Name, Kind string // Kind is the name's first part

	Gemm bench.Gemm

	Net            bench.Net
	Batch          int
	Opt, Loss, Act string

	Op string
	N  int
}

// Parse reads a workload's name.
func Parse(name string) (Workload, error) {
	part := strings.Split(name, "/")
	w := Workload{Name: name, Kind: part[0]}
	var err error
	switch {
	case w.Kind == "gemm" && len(part) == 3:
		w.Gemm, err = bench.ParseGemm(part[1], part[2])
	case w.Kind == "train" && len(part) >= 4 && len(part) <= 6:
		err = w.train(part[1:])
	case w.Kind == "infer" && len(part) == 3:
		err = w.rows(part[1], part[2])
	case w.Kind == "each" && len(part) == 3 && (part[1] == "adam" || part[1] == "axpy"):
		w.Op = part[1]
		w.N, err = count(part[2])
	default:
		err = fmt.Errorf("want gemm/nn/MxNxK, train/NET/bBATCH/OPT, each/adam/N or infer/NET/bBATCH")
	}
	if err != nil {
		return Workload{}, fmt.Errorf("workload %q: %w", name, err)
	}
	return w, nil
}

func (w *Workload) train(part []string) error {
	w.Opt, w.Loss, w.Act = part[2], "xent", "relu"
	if len(part) > 3 {
		w.Loss = part[3]
	}
	if len(part) > 4 {
		w.Act = part[4]
	}
	switch {
	case w.Opt != "adam" && w.Opt != "sgd":
		return fmt.Errorf("optimizer %q: want adam or sgd", w.Opt)
	case w.Loss != "xent" && w.Loss != "mse":
		return fmt.Errorf("loss %q: want xent or mse", w.Loss)
	case w.Act != "relu" && w.Act != "tanh":
		return fmt.Errorf("activation %q: want relu or tanh", w.Act)
	}
	return w.rows(part[0], part[1])
}

func (w *Workload) rows(net, batch string) (err error) {
	if w.Act == "" {
		w.Act = "relu"
	}
	if w.Net, err = bench.ParseNet(net); err != nil {
		return err
	}
	digits, ok := strings.CutPrefix(batch, "b")
	if w.Batch, err = strconv.Atoi(digits); !ok || err != nil || w.Batch < 1 {
		return fmt.Errorf("batch %q: want b and a number, as in b32", batch)
	}
	return nil
}

// count reads a number with K for thousands or M for millions behind it.
func count(s string) (int, error) {
	unit := 1
	if digits, ok := strings.CutSuffix(s, "M"); ok {
		s, unit = digits, 1_000_000
	} else if digits, ok := strings.CutSuffix(s, "K"); ok {
		s, unit = digits, 1_000
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 1<<28/unit {
		return 0, fmt.Errorf("count %q: want a number, as in 500, 10K or 16M", s)
	}
	return n * unit, nil
}

// Flops is how many floating point operations a unit takes, a multiply-add being two; 0 where nobody counts.
func (w Workload) Flops() float64 {
	switch w.Kind {
	case "gemm":
		return w.Gemm.Work().Flops
	case "train":
		return bench.Train{Net: w.Net, Batch: w.Batch}.Work().Flops
	case "infer":
		sum := 0
		for i, in := range w.Net[:len(w.Net)-1] {
			sum += 2 * w.Batch * in * w.Net[i+1]
		}
		return float64(sum)
	}
	return 0
}

// Bytes is what a unit of each/… reads and writes: Adam w, m, v and g, and w, m and v; axpy x and y, and y.
func (w Workload) Bytes() float64 {
	switch w.Op {
	case "adam":
		return 28 * float64(w.N)
	case "axpy":
		return 12 * float64(w.N)
	}
	return 0
}

// Params is how many weights and biases the network has.
func (w Workload) Params() (n int) {
	for i, in := range w.Net[:max(len(w.Net)-1, 0)] {
		n += (in + 1) * w.Net[i+1]
	}
	return n
}
