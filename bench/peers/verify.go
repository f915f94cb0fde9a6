package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/gloss-ml/gloss/internal/peer"
)

// verify compares what the contenders compute, before anything is timed. Who computes something else leaves the row.
func verify(ctx context.Context, o options, r row, all []*contender) {
	if r.Kind == "train" {
		walkAll(ctx, o, r, all)
		return
	}
	want, tolerance := expected(r.Workload)
	for _, c := range all {
		if ctx.Err() == nil && c.family != limit {
			c.check(r, want, tolerance)
		}
	}
}

func (c *contender) check(r row, want, tolerance float64) {
	got, err := numbers(c.ask(2*time.Minute, "check", r.Name))
	switch {
	case errors.Is(err, peer.ErrNot):
		c.Unchecked = err.Error()
	case err != nil:
		c.leave(err)
	case len(got) != 1 || !(math.Abs(got[0]-want) <= tolerance):
		c.leave(fmt.Errorf("it computes %v where float64 has %v ± %.2g", got, want, tolerance))
	default:
		c.MaxError = math.Abs(got[0] - want)
	}
}

// Trainings are followed for as many steps as about so many operations take.
const (
	walkFlops      = 1e10
	walkFlopsQuick = 2e9
	walkMost       = 100
	walkLeast      = 3
)

// starts are how many starts the error of the weights is a median over.
const starts = 8

// lossTolerance is relative. scikit-learn, with Adam's ε in another place, is off by a thousandth after ten steps, sums in
// another order are by far less; another rate, initial weight or mean is off by more.
const lossTolerance = 5e-3

// A walk is a training's first steps: from which start, how many, and where the weights go.
type walk struct {
	r     row
	seed  int
	steps int
	file  string
}

func (k walk) by(c *contender, word string, size int) (losses, weights []float64, err error) {
	defer os.Remove(k.file)
	losses, err = numbers(c.ask(3*time.Minute, word, k.r.Name, fmt.Sprint(k.seed), fmt.Sprint(k.steps), k.file))
	if err == nil && len(losses) != k.steps {
		err = fmt.Errorf("the peer answers %d losses, not %d", len(losses), k.steps)
	}
	if err != nil {
		return nil, nil, err
	}
	weights, err = readWeights(k.file, size)
	if err == nil && len(weights) != k.r.Params() {
		err = fmt.Errorf("%d weights, want %d", len(weights), k.r.Params())
	}
	return losses, weights, err
}

// walkAll follows everyone's training from the first start, and gloss' and PyTorch's from some more. PyTorch in float64 is
// what they are measured by, or gloss where there is no PyTorch.
func walkAll(ctx context.Context, o options, r row, all []*contender) {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		all[0].leave(err)
		return
	}
	defer os.RemoveAll(dir)
	flops, seeds := float64(walkFlops), starts
	if o.quick {
		flops, seeds = walkFlopsQuick, 1
	}
	steps := int(min(max(flops/r.Flops(), walkLeast), walkMost))
	errs := map[*contender][]float64{}
	for seed := range seeds {
		k := walk{r, seed, steps, filepath.Join(dir, "weights")}
		k.compare(ctx, all, seed == 0, errs)
	}
	for c, e := range errs {
		c.WeightError = median(e)
	}
}

// compare follows a training. From later starts only gloss and the first PyTorch are of interest.
func (k walk) compare(ctx context.Context, all []*contender, everyone bool, errs map[*contender][]float64) {
	losses, weights := k.reference(all)
	first := true
	for _, c := range all {
		isFirst := c.family == torch && first
		first = first && c.family != torch
		if ctx.Err() != nil || c.dead || c.Unchecked != "" || !everyone && !c.Base && !isFirst {
			continue
		}
		got, w, err := k.by(c, "walk", 4)
		switch {
		case errors.Is(err, peer.ErrNot):
			c.Unchecked = err.Error()
		case err != nil:
			c.leave(err)
		case losses == nil: // no PyTorch: gloss comes first
			losses = got
		default:
			c.follows(got, losses)
			if weights != nil {
				errs[c] = append(errs[c], distance(w, weights))
			}
		}
	}
}

// reference is PyTorch's training in float64, if there is one.
func (k walk) reference(all []*contender) (losses, weights []float64) {
	for _, c := range all {
		if c.family == torch && !c.dead {
			losses, weights, err := k.by(c, "walk64", 8)
			if err != nil {
				c.leave(err)
				continue
			}
			return losses, weights
		}
	}
	return nil, nil
}

// follows wants the losses to be those of the reference.
func (c *contender) follows(got, want []float64) {
	for i := range got {
		off := math.Abs(got[i]-want[i]) / math.Abs(want[i])
		if !(off <= lossTolerance) {
			c.leave(fmt.Errorf("its loss of step %d is %v where the others have %v", i, got[i], want[i]))
			return
		}
		c.MaxError = max(c.MaxError, off)
	}
}

// distance is ‖w−want‖/‖want‖.
func distance(w, want []float64) float64 {
	var off, all float64
	for i := range w {
		off += (w[i] - want[i]) * (w[i] - want[i])
		all += want[i] * want[i]
	}
	return math.Sqrt(off / all)
}

// readWeights reads floats of so many bytes, the least significant byte first.
func readWeights(file string, size int) ([]float64, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(raw)/size)
	for i := range out {
		if b := raw[i*size:]; size == 4 {
			out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		} else {
			out[i] = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
	}
	return out, nil
}
