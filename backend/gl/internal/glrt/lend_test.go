//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"encoding/binary"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// onLentThread runs f with a device that was lent a thread and a context. In the end the context must be as usable as
// before.
func onLentThread(t *testing.T, f func(d *Device)) {
	t.Helper()
	open(t, Options{}).Close() // or skip
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		c, err := choose("")
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Destroy()
		d, err := Open(Options{Lend: c.ProcAddress})
		if err != nil {
			t.Error(err)
			return
		}
		f(d)
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if glString(gl.VERSION) == "" {
			t.Error("Close took the application's context away")
		}
		if err := glError(); err != nil {
			t.Error("left to the application:", err)
		}
	}()
	<-done
}

const addOne = `#version 430 core
layout(local_size_x = 1) in;
layout(std430, binding = 0) buffer B { uint x[]; };
void main() { x[gl_GlobalInvocationID.x] += 1u; }
`

func adder(d *Device, b *Buffer) *Launch {
	return &Launch{Kernel: d.Kernel("add", addOne), Groups: [3]uint32{1, 1, 1}, Buffers: []*Buffer{b},
		Access: []Access{{Buffer: 0, Hi: 4, Write: true}}}
}

// TestLent: everything that waits does so on the thread that it waits for.
func TestLent(t *testing.T) {
	onLentThread(t, func(d *Device) {
		b, err := d.Alloc(4)
		if err != nil {
			t.Error(err)
			return
		}
		const n = maxQueued + 100 // more than there is room for
		l := adder(d, b)
		for range n {
			d.Launch(l)
		}
		s, err := d.NewSequence([]Launch{*l})
		if err != nil {
			t.Error(err)
			return
		}
		const runs = 3 * maxAhead
		for range runs {
			d.Run(s, 0, 2)
		}
		got := make([]byte, 4)
		if err := d.Read(b, 0, got); err != nil || binary.LittleEndian.Uint32(got) != n+2*runs {
			t.Errorf("%v after %d additions: %v", got, n+2*runs, err)
		}
		if err := d.Sync(); err != nil {
			t.Error(err)
		}
	})
}

// TestLentToDraw: the application draws between two Works, and neither sees what the other has bound or done wrong.
func TestLentToDraw(t *testing.T) {
	onLentThread(t, func(d *Device) {
		b, err := d.Alloc(4)
		if err != nil {
			t.Error(err)
			return
		}
		var mine uint32
		gl.GenBuffers(1, &mine)
		defer gl.DeleteBuffers(1, &mine)
		for i := range 5 {
			d.Launch(adder(d, b))
			if err := d.Work(); err != nil {
				t.Error(err)
			}
			var word [4]byte
			gl.BindBuffer(gl.COPY_READ_BUFFER, b.Name())
			gl.GetBufferSubData(gl.COPY_READ_BUFFER, 0, 4, gl.Ptr(&word[0]))
			if int(word[0]) != i+1 {
				t.Errorf("the application reads %v after Work %d", word, i)
			}
			gl.UseProgram(0)
			gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, 0, mine)
			gl.BindBuffer(gl.COPY_WRITE_BUFFER, mine)
			gl.Enable(0xFFFF) // an error of the application's
		}
		if err := d.Sync(); err != nil {
			t.Error("the application's error became the device's:", err)
		}
	})
}

// TestLentToMany: other goroutines wait until the application comes to Work.
func TestLentToMany(t *testing.T) {
	onLentThread(t, func(d *Device) {
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				b, err := d.Alloc(64)
				if err != nil {
					t.Error(err)
					return
				}
				for range 100 {
					d.Launch(adder(d, b))
				}
				got := make([]byte, 4)
				if err := d.Read(b, 0, got); err != nil || got[0] != 100 {
					t.Errorf("goroutine %d reads %v, %v", g, got, err)
				}
				b.Release()
				if d.Here() {
					t.Error("a goroutine takes itself for the lent thread")
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		for working := true; working; {
			select {
			case <-done:
				working = false
			default:
				if err := d.Work(); err != nil {
					t.Error(err)
				}
				runtime.Gosched()
			}
		}
	})
}

// TestLentClosedElsewhere: Close of another goroutine comes about in the next Work, and what comes later finds a closed device.
func TestLentClosedElsewhere(t *testing.T) {
	onLentThread(t, func(d *Device) {
		closed := make(chan error, 1)
		go func() { closed <- d.Close() }()
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
			_ = d.Work()
			select {
			case err := <-closed:
				if err != nil {
					t.Error(err)
				}
				if _, err := d.Alloc(4); !errors.Is(err, ErrClosed) {
					t.Errorf("Alloc after Close: %v", err)
				}
				return
			default:
			}
		}
		t.Error("Close never came about")
	})
}
