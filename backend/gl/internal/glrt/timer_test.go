//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"testing"
	"time"
)

// TestTimer holds both clocks to the time that passed meanwhile: the thread's and, where the driver has one, the device's.
func TestTimer(t *testing.T) {
	for _, wall := range []bool{true, false} {
		d := open(t, Options{})
		if err := d.do(func(d *Device) error { d.timer.wall = wall; return nil }); err != nil {
			t.Fatal(err)
		}
		b, err := d.Alloc(4)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Stats().Busy; got != 0 {
			t.Errorf("busy for %v before the first dispatch", got)
		}
		s, err := d.NewSequence([]Launch{*adder(d, b)})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			before, began := d.Stats().Busy, time.Now()
			for time.Since(began) < 10*time.Millisecond { // some clocks tick every millisecond
				d.Run(s, 0, 50)
				d.Launch(adder(d, b))
			}
			if err := d.Sync(); err != nil {
				t.Fatal(err)
			}
			took, busy := time.Since(began), d.Stats().Busy-before
			if busy <= 0 || busy > 2*took {
				t.Errorf("wall %v: busy for %v of %v", wall, busy, took)
			}
		}
		idle := d.Stats().Busy
		time.Sleep(5 * time.Millisecond)
		if err := d.Sync(); err != nil || d.Stats().Busy != idle {
			t.Errorf("wall %v: %v while nothing ran, %v", wall, d.Stats().Busy-idle, err)
		}
	}
}
