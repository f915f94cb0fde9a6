package bench

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// fake is a workload whose units take a fixed time of a clock of its own.
type fake struct {
	clock time.Time
	costs map[backend.Backend]time.Duration
	fails map[backend.Backend]string // where: "open", "check", "run"
	log   []string                   // a device for each sample
	names map[backend.Backend]string
	stop  func() // called by the fifth run
	runs  int
}

func (f *fake) Name() string        { return "fake" }
func (f *fake) Work() Work          { return Work{Flops: 2e6, Samples: 10} }
func (f *fake) Case() (Case, error) { return f, nil }
func (f *fake) now() time.Time      { return f.clock }
func (f *fake) Open(dev backend.Backend) (Job, error) {
	if f.fails[dev] == "open" {
		return nil, errors.New("no room")
	}
	return &fakeJob{f, dev}, nil
}

type fakeJob struct {
	*fake
	dev backend.Backend
}

func (j *fakeJob) Check() (float64, error) {
	if j.fails[j.dev] == "check" {
		return 7, errors.New("the result is wrong")
	}
	return 1e-7, nil
}

func (j *fakeJob) Run(n int) error {
	if j.runs++; j.runs == 5 && j.stop != nil {
		j.stop()
	}
	if j.fails[j.dev] == "run" {
		return errors.New("lost context")
	}
	j.clock = j.clock.Add(time.Duration(n) * j.costs[j.dev])
	j.log = append(j.log, j.names[j.dev])
	return nil
}

func (j *fakeJob) Release() { j.log = append(j.log, "release") }

// newFake has a device of each cost, called a, b, …
func newFake(costs ...time.Duration) (*fake, []Device) {
	f := &fake{costs: map[backend.Backend]time.Duration{}, fails: map[backend.Backend]string{}, names: map[backend.Backend]string{}}
	var devices []Device
	for i, cost := range costs {
		dev, name := ref.Open(), string(rune('a'+i))
		f.costs[dev], f.names[dev] = cost, name
		devices = append(devices, Device{name, dev})
	}
	return f, devices
}

func TestMeasure(t *testing.T) {
	f, devices := newFake(time.Microsecond, 30*time.Millisecond, 200*time.Millisecond)
	results, err := Measure(context.Background(), f, devices, Options{Sample: 40 * time.Millisecond, now: f.now})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		seconds float64
		units   int
	}{{1e-6, 40000}, {0.03, 1}, {0.2, 1}} {
		r := results[i]
		if r.Device != devices[i].Name || r.Workload != "fake" || r.Err != nil || r.MaxError != 1e-7 || r.Info.Device != "ref" {
			t.Errorf("result %d: %+v", i, r)
		}
		if m := r.Median(); len(r.Seconds) != 7 || !(m > 0.999*want.seconds && m < 1.001*want.seconds) || r.Units < want.units*9/10 || r.Units > want.units*11/10 {
			t.Errorf("%s: %v s, %d units; want 7 of %v s, %d units", r.Device, r.Seconds, r.Units, want.seconds, want.units)
		}
	}
	if g, s := results[1].GFLOPS(), results[1].SamplesPerSecond(); !(g > 0.0666 && g < 0.0667) || !(s > 333 && s < 334) {
		t.Errorf("%v GFLOP/s and %v samples/s, want 2e6 and 10 in 30 ms", g, s)
	}
	// The last rounds, warming up included, and the releases.
	n := len(f.log)
	if got := strings.Join(f.log[n-15:], " "); got != "a a b b c c a a b b c c release release release" {
		t.Errorf("the devices' turns end with %s", got)
	}
}

// TestMeasureSlow takes the fewest rounds that a median means something of.
func TestMeasureSlow(t *testing.T) {
	f, devices := newFake(time.Second, time.Millisecond)
	results, err := Measure(context.Background(), f, devices, Options{now: f.now})
	if err != nil || len(results[0].Seconds) != 5 || len(results[1].Seconds) != 5 {
		t.Errorf("%+v, %v; want five rounds", results, err)
	}
}

// TestPatience leaves out the device that nobody waits for, and only that.
func TestPatience(t *testing.T) {
	f, devices := newFake(1100*time.Millisecond, 900*time.Millisecond)
	results, err := Measure(context.Background(), f, devices, Options{Patience: time.Second, now: f.now})
	if err != nil || !results[0].Slow || results[0].Seconds != nil || results[1].Slow || len(results[1].Seconds) != 5 {
		t.Errorf("%+v, %v", results, err)
	}
	if c := cell(&results[0]); c != "too slow to wait for" {
		t.Errorf("the table says %q", c)
	}
}

func TestMeasureFailures(t *testing.T) {
	for _, where := range []string{"open", "check", "run"} {
		f, devices := newFake(time.Millisecond, time.Millisecond)
		f.fails[devices[0].Backend] = where
		results, err := Measure(context.Background(), f, devices, Options{Rounds: 5, now: f.now})
		if err != nil {
			t.Fatal(err)
		}
		if bad := results[0]; bad.Err == nil || len(bad.Seconds) != 0 || bad.Median() != 0 || bad.GFLOPS() != 0 {
			t.Errorf("%s: %+v, want an error and no number", where, bad)
		}
		if good := results[1]; good.Err != nil || len(good.Seconds) != 5 {
			t.Errorf("%s: the other device: %+v", where, good)
		}
		want := 2
		if where == "open" {
			want = 1
		}
		if got := count(f.log, "release"); got != want {
			t.Errorf("%s: %d jobs released, want %d", where, got, want)
		}
	}
}

// TestMeasureDeviceFailure has a device that fails, as drivers do, when it is waited for.
func TestMeasureDeviceFailure(t *testing.T) {
	lost := errors.New("lost context")
	f, devices := newFake(time.Millisecond)
	f.stop = func() { backend.Fail(devices[0].Backend, lost) }
	results, err := Measure(context.Background(), f, devices, Options{now: f.now})
	if err != nil || !errors.Is(results[0].Err, lost) {
		t.Errorf("%+v, %v", results, err)
	}
}

func TestMeasureInterrupted(t *testing.T) {
	f, devices := newFake(time.Millisecond, time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	f.stop = cancel
	results, err := Measure(ctx, f, devices, Options{now: f.now})
	if !errors.Is(err, context.Canceled) || results != nil {
		t.Errorf("%v, %v", results, err)
	}
	if got := count(f.log, "release"); got < 1 || got == len(f.log) {
		t.Errorf("%d jobs released of %v", got, f.log)
	}
}

func count(all []string, what string) (n int) {
	for _, s := range all {
		if s == what {
			n++
		}
	}
	return n
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		seconds []float64
		want    float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{5, 1, 2}, 2}, {[]float64{9, 1, 2, 4}, 3}} {
		before := slices.Clone(c.seconds)
		r := Result{Seconds: c.seconds}
		if got := r.Median(); got != c.want || !slices.Equal(before, c.seconds) {
			t.Errorf("median of %v is %v, want %v", c.seconds, got, c.want)
		}
	}
}
