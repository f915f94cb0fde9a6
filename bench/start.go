package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// firstTrain is what processes start with, and firstBatches how many batches of data: more would be time of the generator.
var firstTrain = Train{Net: Net{784, 128, 10}, Batch: 32, Opt: "adam", Loss: "xent"}

const firstBatches = 8

// First is what a process has to tell when its first training step is done.
type First struct {
	Info backend.Info
	Loss float64
}

// TakeFirst builds 784-128-10 on a device that was just opened, and takes a step of 32 rows with Adam.
func TakeFirst(dev backend.Backend) (First, error) {
	j, err := firstTrain.openOn(dev, firstBatches)
	if err != nil {
		return First{}, err
	}
	defer j.Release()
	results, _, err := j.trainer.Advance(1)
	if err != nil {
		return First{}, err
	}
	return First{dev.Info(), results[0].Loss}, nil
}

// Start measures processes from their start until the host has the loss of their first training step.
type Start struct {
	Device string
	// Command is a process that opens the device, calls [TakeFirst], and writes what that returns to its standard output, as JSON.
	Command func(context.Context) *exec.Cmd
}

// A stock is which caches a process finds filled.
type stock struct {
	name          string
	gloss, driver bool
}

var (
	warm   = stock{"warm", true, true}
	stocks = []stock{{"cold", false, false}, {"programs", true, false}, warm}
)

// Name is "start/784-128-10/b32/adam". Results have "/cold" behind it where no cache held anything, "/programs" where this module's
// did, and "/warm" where the driver's did too.
func (s Start) Name() string { return "start" + firstTrain.Name()[len("train"):] }

// Run starts processes one after the other, and has a Result for each way to fill the caches: its unit is a process. A process whose
// loss is not the reference's is an error there. Where ctx ends it, the error is ctx's, and the results are what was done until then.
func (s Start) Run(ctx context.Context) ([]Result, error) {
	want, err := TakeFirst(ref.Open())
	if err != nil {
		return nil, fmt.Errorf("%s: the reference: %w", s.Name(), err)
	}
	dir, err := os.MkdirTemp("", "gloss-start-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	fills := s.process(ctx, dir, warm, want)
	results := make([]Result, len(stocks))
	for i, st := range stocks {
		results[i] = Result{Workload: s.Name() + "/" + st.name, Device: s.Device, Info: fills.Info, Units: 1, Err: fills.Err}
	}
	for range startRounds(fills) {
		for i, st := range stocks {
			results[i].add(s.process(ctx, dir, st, want))
		}
	}
	if ctx.Err() != nil {
		results = slices.DeleteFunc(results, func(r Result) bool { return len(r.Seconds) == 0 })
	}
	return results, ctx.Err()
}

// startRounds is 7, or 3 where starts take long; 0 where the first one failed.
func startRounds(first Result) int {
	switch {
	case first.Err != nil:
		return 0
	case first.Median() > 1:
		return 3
	}
	return 7
}

// add has another process in r, unless one failed before or was never started.
func (r *Result) add(p Result) {
	if r.Err != nil || errors.Is(p.Err, context.Canceled) {
		return
	}
	r.Seconds, r.MaxError, r.Err = append(r.Seconds, p.Seconds...), max(r.MaxError, p.MaxError), p.Err
}

// process is the Result of one. Caches that are filled are the same for all in dir.
func (s Start) process(ctx context.Context, dir string, st stock, want First) (r Result) {
	if r.Err = ctx.Err(); r.Err != nil {
		return r
	}
	gloss, err := folder(dir, "gloss", st.gloss)
	driver, err1 := folder(dir, "driver", st.driver)
	if r.Err = errors.Join(err, err1); r.Err != nil {
		return r
	}
	c := s.Command(ctx)
	c.Env = append(c.Environ(), "GLOSS_CACHE="+gloss, "MESA_SHADER_CACHE_DIR="+driver, "__GL_SHADER_DISK_CACHE_PATH="+driver)
	first, took, err := runFirst(c)
	switch {
	case ctx.Err() != nil:
		r.Err = ctx.Err()
	case err != nil:
		r.Err = err
	default:
		r.Info, r.Seconds, r.MaxError = first.Info, []float64{took.Seconds()}, math.Abs(first.Loss-want.Loss)
		if !(r.MaxError <= lossTol*want.Loss) {
			r.Err = fmt.Errorf("the result is wrong: the loss of the first step is %v, want %v", first.Loss, want.Loss)
		}
	}
	return r
}

// folder is one for a cache, the one that is filled or an empty one.
func folder(dir, kind string, filled bool) (string, error) {
	if !filled {
		return os.MkdirTemp(dir, kind+"-*")
	}
	name := filepath.Join(dir, kind)
	return name, os.MkdirAll(name, 0o777)
}

// runFirst takes the time until the process has told its first step, and waits for its end, which does not count.
func runFirst(c *exec.Cmd) (first First, took time.Duration, err error) {
	var complaint strings.Builder
	c.Stderr = &complaint
	out, err := c.StdoutPipe()
	if err != nil {
		return first, 0, err
	}
	start := time.Now()
	if err := c.Start(); err != nil {
		return first, 0, err
	}
	unread := json.NewDecoder(out).Decode(&first)
	took = time.Since(start)
	if err := c.Wait(); err != nil {
		return first, 0, fmt.Errorf("%w: %s", err, strings.TrimSpace(complaint.String()))
	}
	return first, took, unread
}
