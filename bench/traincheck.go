package bench

import (
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

const (
	checkSteps     = 2       // of a training that are compared with the reference, at most
	checkTrainWork = 1 << 28 // multiply-adds that the reference spends on it
)

// trainCase has the first steps of a training as the reference takes them.
type trainCase struct {
	Train
	checked     Train // the same, with fewer rows in a batch where one step would take the reference too long
	steps       int
	start, want trajectory
}

// A trajectory is where a training went.
type trajectory struct {
	losses  []float64
	weights []float32
}

func (t Train) Case() (Case, error) {
	c := &trainCase{Train: t, checked: t}
	rows := max(1, int(checkTrainWork/(t.Work().Flops/2/t.Work().Samples))) // that the reference has time for
	c.checked.Batch = min(t.Batch, rows)
	c.steps = min(checkSteps, max(1, rows/t.Batch))
	dev := ref.Open()
	defer dev.Close()
	j, err := c.checked.open(dev)
	if err != nil {
		return nil, err
	}
	defer j.Release()
	if c.start.weights, err = j.model.Weights(); err != nil {
		return nil, err
	}
	c.want, err = j.walk(c.steps)
	return c, err
}

// walk takes the next n steps.
func (j *trainJob) walk(n int) (t trajectory, err error) {
	for len(t.losses) < n {
		results, _, err := j.trainer.Advance(n - len(t.losses))
		if err != nil {
			return t, err
		}
		for _, r := range results {
			t.losses = append(t.losses, r.Loss)
		}
	}
	t.weights, err = j.model.Weights()
	return t, err
}

func (c *trainCase) Open(dev backend.Backend) (Job, error) {
	j, err := c.Train.open(dev)
	if err != nil {
		return nil, err
	}
	j.c = c
	return j, nil
}

// Check takes the first steps on the device and compares losses and weights.
func (j *trainJob) Check() (float64, error) {
	on := j
	if j.c.checked.Batch != j.c.Batch {
		var err error
		if on, err = j.c.checked.open(j.dev); err != nil {
			return 0, err
		}
		defer on.Release()
	}
	got, err := on.walk(j.c.steps)
	if err != nil {
		return 0, err
	}
	return j.c.compare(got)
}

const (
	lossTol   = 1e-5 // relative: float32 sums and a few steps of drift
	weightTol = 5e-3 // of how far the weights went, in the Euclidean norm
)

// compare wants each loss within lossTol and the weights as a whole within weightTol of the way they went. Single
// weights may differ by more: Adam turns a gradient that is zero but for rounding into a step of up to the learning
// rate. A weight that is off by more than the longest way that any weight went is wrong nevertheless.
func (c *trainCase) compare(got trajectory) (worst float64, err error) {
	for i, l := range got.losses {
		diff := math.Abs(l - c.want.losses[i])
		if !(diff <= lossTol*math.Abs(c.want.losses[i])) {
			return 0, fmt.Errorf("the result is wrong: the loss of step %d is %v, want %v", i, l, c.want.losses[i])
		}
		worst = max(worst, diff)
	}
	var off, way, farthest float64
	for i, w := range got.weights {
		d, s := float64(w)-float64(c.want.weights[i]), float64(c.want.weights[i])-float64(c.start.weights[i])
		off += d * d
		way += s * s
		farthest = max(farthest, math.Abs(s))
		worst = max(worst, math.Abs(d))
	}
	if off, way = math.Sqrt(off), math.Sqrt(way); !(off <= weightTol*way) || !(worst <= farthest+lossTol) {
		return 0, fmt.Errorf("the result is wrong: after %d steps the weights are %.2g from the reference's, one by %.2g; "+
			"the reference's went %.2g from the start", len(got.losses), off, worst, way)
	}
	return worst, nil
}
