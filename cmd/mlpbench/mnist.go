package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/train"
)

// loadImages reads MNIST if it was asked for.
func (c *config) loadImages() (err error) {
	if c.dir == "" {
		return nil
	}
	c.images, err = data.LoadMNIST(c.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("-mnist: %w\n(-mnist DIR wants the folder of MNIST's four files, named as they are published, plain or with .gz)", err)
	case err != nil:
		return fmt.Errorf("-mnist: %w", err)
	}
	if im := c.images.Train; im.Cols() != 28*28 {
		return fmt.Errorf("-mnist: images of %d×%d in %s, want 28×28", im.Height, im.Width, c.dir)
	}
	return nil
}

// measureMNIST trains on each device in turn and prints every epoch.
func (c *config) measureMNIST(ctx context.Context, devices []bench.Device, out *report) (failed bool, err error) {
	bench.WriteMachine(out.text, out.machine, devices)
	fmt.Fprintf(out.text, "\n%s: %d images, %d to test, seed %d; seconds are those of the training alone\n",
		c.mnist.Name(), c.images.Train.Len(), c.images.Test.Len(), c.mnist.Seed)
	for _, d := range devices {
		fmt.Fprintf(out.ticker, "%s on %s …\n", c.mnist.Name(), d.Name)
		fmt.Fprintf(out.text, "\n%s\n", d.Name)
		r := c.mnist.Run(ctx, d, c.images, func(e train.Epoch) {
			fmt.Fprintf(out.text, "  epoch %d: loss %.4f, test accuracy %.4f, %.2f s\n", e.Number, e.Loss, e.Validation.Accuracy, e.Time.Seconds())
		})
		if errors.Is(r.Err, context.Canceled) {
			return failed, r.Err
		}
		c.printScore(out, &r)
		failed = out.add(r) || failed
	}
	return failed, nil
}

func (c *config) printScore(out *report, r *bench.Result) {
	switch s := r.MNIST; {
	case r.Err != nil:
		fmt.Fprintf(out.text, "  FAILED: %v\n", r.Err)
	case s.Reached:
		fmt.Fprintf(out.text, "  reached %v after %.2f s; %.0f samples/s\n", s.Target, s.TimeToTarget.Seconds(), r.SamplesPerSecond())
	default:
		fmt.Fprintf(out.text, "  did not reach %v in %d epochs; %.0f samples/s\n", s.Target, s.Epochs, r.SamplesPerSecond())
	}
	if c.verbose && r.Err == nil {
		fmt.Fprintf(out.text, "  %s\n", r.Budget())
	}
}
