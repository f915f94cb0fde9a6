//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
)

// TestBufferOutlivesItsLastUse: a buffer that is dropped while a command on it waits for room in the queue keeps its
// memory until the command has run. The thread is held, so that the collector comes first for sure.
func TestBufferOutlivesItsLastUse(t *testing.T) {
	d := openDevice(t)
	const n = 1 << 18 // 1 MiB: 32 of them fill the queue
	fill := mustAlloc(t, d, backend.F32, n)
	zeros, junk := make([]float32, n), slices.Repeat([]float32{666}, n)
	ready, start, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		y := mustAlloc(t, d, backend.F32, n)
		close(ready)
		<-start
		backend.Write(d, y, 0, junk) // y's last use
	}()
	<-ready
	resume := d.rt.Hold()
	for range 32 {
		backend.Write(d, fill, 0, zeros)
	}
	close(start)
	time.Sleep(50 * time.Millisecond) // it waits for room by now
	for range 3 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	fresh := make(chan *backend.Buffer)
	go func() { z, _ := backend.Alloc(d, backend.F32, n); fresh <- z }()
	time.Sleep(50 * time.Millisecond)
	resume()
	z := <-fresh
	<-done
	var got [4]float32
	if err := backend.Read(d, got[:], z, 0); err != nil || got != [4]float32{} {
		t.Errorf("a new buffer, never written, holds %v (%v)", got, err)
	}
	runtime.KeepAlive(fill)
}

// TestDroppedProgram: the memory that Record made for a program goes with it.
func TestDroppedProgram(t *testing.T) {
	d := openDevice(t)
	const n = 20_000
	x, y := mustAlloc(t, d, backend.F32, n), mustAlloc(t, d, backend.F32, 1)
	before := d.rt.Stats().LiveBuffers
	for range 30 {
		if _, err := backend.Record(d, backend.Step{Calls: []backend.Call{&backend.Reduce{Rows: 1, Cols: n,
			Out: [2]backend.Result{{Dst: backend.Row(y, 0, 1), Map: backend.Chain{backend.Load(backend.Row(x, 0, n))}}}}}}); err != nil {
			t.Fatal(err)
		}
	}
	for range 200 {
		runtime.GC()
		d.Sync()
		if d.rt.Stats().LiveBuffers == before {
			runtime.KeepAlive(x)
			runtime.KeepAlive(y)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d buffers before, %d after 30 programs that nobody holds", before, d.rt.Stats().LiveBuffers)
}

// TestCloseRace: what passed the door before Close and comes to the queue after it finds a closed backend, no failure.
func TestCloseRace(t *testing.T) {
	d := openDevice(t)
	x, y := mustAlloc(t, d, backend.F32, 20_000), mustAlloc(t, d, backend.F32, 1)
	sum := &backend.Reduce{Rows: 1, Cols: 20_000,
		Out: [2]backend.Result{{Dst: backend.Row(y, 0, 1), Map: backend.Chain{backend.Load(backend.Row(x, 0, 20_000))}}}}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	// The methods of the backend are what lies behind the door.
	_, alloc := d.Alloc(backend.F32, 4)
	_, record := d.Record(backend.Step{Calls: []backend.Call{sum}, Steps: 1, Models: 1})
	for name, err := range map[string]error{"Alloc": alloc, "Record": record, "Read": d.Read(make([]byte, 4), y, 0)} {
		if !errors.Is(err, backend.ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	d.Do(sum, backend.At{}) // needs scratch
	if err := d.Close(); err != nil {
		t.Errorf("losing the race is a failure: %v", err)
	}
}
