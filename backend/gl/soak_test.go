//go:build cgo && gl && linux

package gl_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/internal/need"
)

// long reports whether a test may take minutes.
func long() bool { return os.Getenv("GLOSS_LONG") != "" }

// holdings is what a process holds of the system.
type holdings struct {
	threads, files int
	resident       float64 // MB
}

func held(t *testing.T) (h holdings) {
	t.Helper()
	runtime.GC()
	count := func(dir string) int {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Skip(err)
		}
		return len(list)
	}
	h.threads, h.files = count("/proc/self/task"), count("/proc/self/fd")
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(text)) {
		var kB float64
		if n, _ := fmt.Sscanf(line, "VmRSS: %f kB", &kB); n == 1 {
			h.resident = kB / 1024
		}
	}
	return h
}

// sameAs waits for what was there before: threads end a little after their goroutine, and Go keeps a few idle ones.
func (before holdings) sameAs(t *testing.T) {
	t.Helper()
	var now holdings
	for range 200 {
		if now = held(t); now.threads <= before.threads+4 && now.files <= before.files {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d threads and %d files are held, %d and %d were before", now.threads, now.files, before.threads, before.files)
}

// noneLeft waits until the collector has given back what trainings have left without Release.
func noneLeft(t *testing.T, dev backend.Backend) {
	t.Helper()
	for range 500 {
		runtime.GC()
		if s := dev.Stats(); s.LiveBuffers == 0 && s.LiveBytes == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d buffers of %d bytes are live", dev.Stats().LiveBuffers, dev.Stats().LiveBytes)
}

// TestSoakOpens opens and closes: 200 times with GLOSS_LONG, where the resident memory may not grow by more than 0.3 MB a cycle
// from the 50th on.
func TestSoakOpens(t *testing.T) {
	cycles := 30
	if long() {
		cycles = 200
	}
	cycle := func() {
		dev, err := gl.Open()
		if err != nil {
			need.Lacking(t, "gl", err)
		}
		if _, err := trained(dev); err != nil {
			t.Fatal(err)
		}
		if err := dev.Close(); err != nil {
			t.Fatal(err)
		}
	}
	cycle()
	before := held(t)
	var at50 float64
	for i := range cycles {
		if cycle(); i == 49 {
			at50 = held(t).resident
		}
	}
	before.sameAs(t)
	if cycles > 50 {
		slope := (held(t).resident - at50) / float64(cycles-50)
		t.Logf("%.3f MB a cycle over the last %d of %d", slope, cycles-50, cycles)
		if slope > 0.3 {
			t.Errorf("%.3f MB a cycle", slope)
		}
	}
}

// TestSoakSteps takes steps, 10,000 with GLOSS_LONG: the device holds after them what it held after the first ones.
func TestSoakSteps(t *testing.T) {
	runs := 40
	if long() {
		runs = 1000
	}
	dev := open(t)
	first, err := trained(dev)
	if err != nil {
		t.Fatal(err)
	}
	system := held(t)
	for range runs {
		again, err := trained(dev) // 10 steps
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(first, again) {
			t.Fatal("the same training has other bits")
		}
	}
	noneLeft(t, dev)
	system.sameAs(t)
}

// TestSoakGoroutines trains models from as many goroutines on one device, 64 for a minute with GLOSS_LONG: each has the bits of
// the one that trained alone.
func TestSoakGoroutines(t *testing.T) {
	goroutines, lasts := 8, time.Second
	if long() {
		goroutines, lasts = 64, time.Minute
	}
	dev := open(t)
	alone, err := trained(dev)
	if err != nil {
		t.Fatal(err)
	}
	system := held(t)
	var all sync.WaitGroup
	rounds := make([]int, goroutines)
	for g := range goroutines {
		all.Go(func() {
			for start := time.Now(); time.Since(start) < lasts; rounds[g]++ {
				if got, err := trained(dev); err != nil || !slices.Equal(got, alone) {
					t.Errorf("goroutine %d, round %d: other bits, or %v", g, rounds[g], err)
					return
				}
			}
		})
	}
	all.Wait()
	if least := slices.Min(rounds); least == 0 && !t.Failed() {
		t.Errorf("a goroutine trained no model: %v", rounds)
	}
	noneLeft(t, dev)
	system.sameAs(t)
}

// TestSeveralDevices trains on three devices of one process at once, and goes on on the others when one is closed.
func TestSeveralDevices(t *testing.T) {
	devices := []backend.Backend{open(t), open(t), open(t)}
	alone, err := trained(devices[0])
	if err != nil {
		t.Fatal(err)
	}
	for len(devices) > 0 {
		var all sync.WaitGroup
		for i, dev := range devices {
			all.Go(func() {
				for range 3 {
					if got, err := trained(dev); err != nil || !slices.Equal(got, alone) {
						t.Errorf("device %d of %d: other bits, or %v", i, len(devices), err)
					}
				}
			})
		}
		all.Wait()
		if err := devices[0].Close(); err != nil {
			t.Error(err)
		}
		devices = devices[1:]
	}
}

// TestSoakDropped drops 3,000 buffers of a megabyte without Release: the collector gives them back, so that a device with room
// for a tenth of them has room for all.
func TestSoakDropped(t *testing.T) {
	dev := open(t, gl.Budget(300<<20))
	for i := range 3000 {
		if _, err := backend.Alloc(dev, backend.F32, 1<<18); err != nil {
			t.Fatalf("buffer %d: %v", i, err)
		}
	}
	noneLeft(t, dev)
}
