package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gloss-ml/gloss/backend"
)

// A Device is a backend under the name that reports give it.
type Device struct {
	Name    string
	Backend backend.Backend
}

// Options say how long to measure. The zero value is good for people who wait.
type Options struct {
	Rounds int           // samples of each device; 0 stands for 7, and 5 where a round takes long
	Sample time.Duration // about how long one lasts at least, 0 stands for 40 ms

	// Patience leaves a device out of a workload whose unit takes it longer than that; 0 stands for waiting.
	Patience time.Duration

	now func() time.Time // the clock; tests bring their own
}

// A Result is what a workload measured on a device, or why it did not.
type Result struct {
	Workload string
	Work     Work
	Device   string
	Info     backend.Info
	Seconds  []float64     // of one unit, a number for each round
	MaxError float64       // the largest difference from the reference, among losses and weights for a training
	Units    int           // in the last round
	Stats    backend.Stats // what they took
	Err      error
	Slow     bool        // left out for taking longer than Options.Patience
	MNIST    *MNISTScore // of a training on real data
}

// Measure measures a workload on each device. The devices take turns, round by round, so that what else happens on
// the machine meets all of them. A device whose result is wrong, or that fails, has a Result with Err; the error of
// Measure itself is the context's, or the reference's.
func Measure(ctx context.Context, w Workload, devices []Device, opt Options) ([]Result, error) {
	opt = opt.filled()
	c, err := w.Case()
	if err != nil {
		return nil, fmt.Errorf("%s: the reference: %w", w.Name(), err)
	}
	runs := make([]*run, len(devices))
	defer func() {
		for _, r := range runs {
			r.release()
		}
	}()
	for i, d := range devices {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		runs[i] = &run{dev: d.Backend, opt: opt, Result: Result{Workload: w.Name(), Work: w.Work(), Device: d.Name, Info: d.Backend.Info()}}
		runs[i].prepare(c)
	}
	rounds := opt.Rounds
	if rounds == 0 {
		rounds = roundsFor(runs)
	}
	for range rounds {
		for _, r := range runs {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			r.round()
		}
	}
	results := make([]Result, len(runs))
	for i, r := range runs {
		results[i] = r.Result
	}
	return results, nil
}

// roundsFor is 5, the fewest that a median means something of, where 7 would keep people waiting.
func roundsFor(runs []*run) int {
	var all time.Duration
	for _, r := range runs {
		all += r.lasts
	}
	if all > 500*time.Millisecond {
		return 5
	}
	return 7
}

func (o Options) filled() Options {
	if o.Sample == 0 {
		o.Sample = 40 * time.Millisecond
	}
	if o.now == nil {
		o.now = time.Now
	}
	return o
}

// run is a workload on its way on one device.
type run struct {
	Result
	dev   backend.Backend
	opt   Options
	job   Job
	units int           // of a sample
	warm  int           // before a sample: the other devices had the caches and the clock meanwhile
	lasts time.Duration // a sample
}

// prepare checks the device's result and finds how many units make a sample.
func (r *run) prepare(c Case) {
	if r.job, r.Err = c.Open(r.dev); r.Err != nil {
		r.job = nil
		return
	}
	if r.MaxError, r.Err = r.job.Check(); r.Err != nil {
		return
	}
	r.units = 1
	for {
		took := r.sample(r.units)
		if r.Err != nil {
			return
		}
		if took >= r.opt.Sample/2 {
			r.units = max(1, int(float64(r.units)*float64(r.opt.Sample)/float64(took)+0.5))
			r.warm, r.lasts = r.units/8, took
			if limit := r.opt.Patience; limit > 0 && r.units == 1 && took > limit {
				r.Slow, r.lasts = true, 0
			}
			return
		}
		r.units *= int(min(8, max(2, r.opt.Sample/max(took, 1))))
	}
}

// round takes a sample.
func (r *run) round() {
	if r.Err != nil || r.Slow {
		return
	}
	if r.Err = r.job.Run(r.warm); r.Err != nil {
		return
	}
	before := r.dev.Stats()
	took := r.sample(r.units)
	if r.Err != nil {
		return
	}
	r.Seconds = append(r.Seconds, took.Seconds()/float64(r.units))
	r.Units, r.Stats = r.units, r.dev.Stats().Sub(before)
}

// sample times n units from an idle device to an idle device.
func (r *run) sample(n int) time.Duration {
	if r.Err = r.dev.Sync(); r.Err != nil {
		return 0
	}
	start := r.opt.now()
	if r.Err = r.job.Run(n); r.Err == nil {
		r.Err = r.dev.Sync()
	}
	return r.opt.now().Sub(start)
}

func (r *run) release() {
	if r != nil && r.job != nil {
		r.job.Release()
	}
}

// Median is the median time of a unit.
func (r *Result) Median() float64 {
	if len(r.Seconds) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(r.Seconds))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// GFLOPS is the rate of floating point operations in 10⁹ a second, 0 where they are not counted.
func (r *Result) GFLOPS() float64 { return r.rate(r.Work.Flops) / 1e9 }

// SamplesPerSecond is the rate of training rows, 0 where there are none.
func (r *Result) SamplesPerSecond() float64 { return r.rate(r.Work.Samples) }

func (r *Result) rate(work float64) float64 {
	if m := r.Median(); m > 0 {
		return work / m
	}
	return 0
}
