//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

const nothing = "#version 430 core\nlayout(local_size_x = 1) in;\nvoid main() {}\n"

// wrong is a launch that the driver refuses.
func wrong(d *Device) *Launch {
	return &Launch{Kernel: d.Kernel("wrong", nothing), Groups: [3]uint32{70000, 1, 1 << 31}}
}

// behind runs f in one batch with a launch that failed, behind it.
func behind(t *testing.T, d *Device, f func() error) error {
	t.Helper()
	if err := d.Compile(d.Kernel("wrong", nothing)); err != nil {
		t.Fatal(err)
	}
	resume := d.Hold()
	d.Launch(wrong(d))
	done := make(chan error)
	go func() { done <- f() }()
	for n := 0; n < 2; time.Sleep(time.Millisecond) {
		d.queue.mu.Lock()
		n = len(d.queue.pending)
		d.queue.mu.Unlock()
	}
	resume()
	return <-done
}

// TestPendingErrorSticks: whoever comes next and may keep an error to himself does not take one that is not his.
func TestPendingErrorSticks(t *testing.T) {
	for name, f := range map[string]func(d *Device, b *Buffer) error{
		"Alloc":   func(d *Device, b *Buffer) error { _, err := d.Alloc(64); return err },
		"Compile": func(d *Device, b *Buffer) error { return d.Compile(d.Kernel("fine", nothing+"\n")) },
		"Read":    func(d *Device, b *Buffer) error { return d.Read(b, 0, make([]byte, 4)) },
		"Sync":    func(d *Device, b *Buffer) error { return d.Sync() },
	} {
		d := open(t, Options{})
		b, err := d.Alloc(4)
		if err != nil {
			t.Fatal(err)
		}
		err = behind(t, d, func() error { return f(d, b) })
		if err == nil || !strings.Contains(err.Error(), "GL_INVALID_VALUE") {
			t.Errorf("%s after a launch that failed: %v", name, err)
		}
		if again := d.Sync(); again != err || d.Err() != err {
			t.Errorf("%s took the failure: Sync gives %v", name, again)
		}
		if k := d.Kernel("fine", nothing+"\n"); k.err != nil {
			t.Errorf("%s: another's failure is kept as the kernel's: %v", name, k.err)
		}
	}
}

func TestFailedReadLeavesData(t *testing.T) {
	d := open(t, Options{})
	b, err := d.Alloc(4)
	if err != nil {
		t.Fatal(err)
	}
	data := []byte{9, 9, 9, 9}
	if err := behind(t, d, func() error { return d.Read(b, 0, data) }); err == nil || !slices.Equal(data, []byte{9, 9, 9, 9}) {
		t.Errorf("a Read that fails (%v) leaves %v", err, data)
	}
}

// TestDebugNamesLaunch: with GLOSS_GLDEBUG the launch of a sequence that failed is named.
func TestDebugNamesLaunch(t *testing.T) {
	t.Setenv("GLOSS_GLDEBUG", "1")
	d := open(t, Options{})
	fine := Launch{Kernel: d.Kernel("fine", nothing+"\n"), Groups: [3]uint32{1, 1, 1}}
	seq, err := d.NewSequence([]Launch{fine, *wrong(d)})
	if err != nil {
		t.Fatal(err)
	}
	d.Run(seq, 0, 3)
	if err := d.Sync(); err == nil || !strings.Contains(err.Error(), "kernel wrong, launch 1 of step 0") {
		t.Errorf("the message does not name the launch: %v", err)
	}
}

// TestContextLost: no driver loses its context for a test, so its word on that is changed.
func TestContextLost(t *testing.T) {
	t.Setenv("GLOSS_GLDEBUG", "") // it would ask at once
	d := open(t, Options{})
	if d.reset == nil {
		t.Log("the driver does not tell about resets")
	}
	b, err := d.Alloc(4096)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.do(func(d *Device) error {
		d.reset = func() uint32 { return gl.GUILTY_CONTEXT_RESET }
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	first := d.Sync()
	if !errors.Is(first, ErrContextLost) || !strings.Contains(first.Error(), "this program") {
		t.Fatalf("Sync: %v", first)
	}
	b.Release()
	if _, err := d.Alloc(4); err != first {
		t.Errorf("Alloc: %v", err)
	}
	if err := d.Close(); err != first {
		t.Errorf("Close: %v", err)
	}
	if s := d.Stats(); s.LiveBuffers != 0 {
		t.Errorf("%d buffers are live", s.LiveBuffers)
	}
}

// TestCloseWaits: what the device says after its last work is Close's to return.
func TestCloseWaits(t *testing.T) {
	t.Setenv("GLOSS_GLDEBUG", "") // it would ask at once
	d := open(t, Options{})
	asked := 0
	if err := d.do(func(d *Device) error {
		d.reset = func() uint32 {
			if asked++; asked == 1 { // the end of the batch; the GPU is still at work
				return gl.NO_ERROR
			}
			return gl.INNOCENT_CONTEXT_RESET
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); !errors.Is(err, ErrContextLost) {
		t.Errorf("Close: %v", err)
	}
}

func TestClosedIsSaid(t *testing.T) {
	d := open(t, Options{})
	resume := d.Hold()
	closed := make(chan error)
	go func() { closed <- d.Close() }()
	for !func() bool { d.queue.mu.Lock(); defer d.queue.mu.Unlock(); return d.queue.closed }() {
		time.Sleep(time.Millisecond)
	}
	_, err := d.Alloc(4)
	if !errors.Is(err, ErrClosed) {
		t.Errorf("Alloc while closing: %v", err)
	}
	resume()
	if err := <-closed; err != nil {
		t.Error(err)
	}
}
