//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/gloss-ml/gloss/internal/need"
)

// open gives a device that the test closes, or skips: not where GLOSS_REQUIRE says that OpenGL has to be there.
func open(t testing.TB, o Options) *Device {
	t.Helper()
	d, err := Open(o)
	if err != nil {
		need.Lacking(t, "gl", err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// probe is a command that runs any function.
type probe struct {
	waiter
	f func(d *Device) error
}

func (p *probe) run(d *Device) error { return p.f(d) }

func (d *Device) do(f func(d *Device) error) error {
	p := &probe{newWaiter(), f}
	return d.wait(p, &p.waiter)
}

func TestOneThread(t *testing.T) {
	d := open(t, Options{})
	var tids [8]map[int]bool
	var wg sync.WaitGroup
	for g := range tids {
		tids[g] = map[int]bool{}
		wg.Go(func() {
			for range 200 {
				d.do(func(*Device) error { tids[g][threadID()] = true; return nil })
			}
		})
	}
	wg.Wait()
	for g := range tids {
		if len(tids[g]) != 1 || !tids[g][firstKey(tids[0])] {
			t.Fatalf("commands of goroutine %d ran on threads %v, those of 0 on %v", g, tids[g], tids[0])
		}
	}
}

func firstKey(m map[int]bool) int {
	for k := range m {
		return k
	}
	return 0
}

func TestPanicSticks(t *testing.T) {
	var told error
	d := open(t, Options{Failed: func(err error) { told = err }})
	b, err := d.Alloc(16)
	if err != nil {
		t.Fatal(err)
	}
	first := d.do(func(*Device) error { panic("on purpose") })
	if first == nil || !strings.Contains(first.Error(), "on purpose") {
		t.Fatalf("a panic on the thread gives %v", first)
	}
	ran := false
	d.do(func(*Device) error { ran = true; return nil })
	if ran {
		t.Error("a command ran after the failure")
	}
	d.Write(b, 0, []byte{1, 2, 3, 4})
	_, allocErr := d.Alloc(4)
	for name, err := range map[string]error{
		"Alloc": allocErr, "Sync": d.Sync(), "Read": d.Read(b, 0, make([]byte, 4)), "Close": d.Close(), "Close again": d.Close(), "told": told,
	} {
		if err != first {
			t.Errorf("%s: %v, want the first failure", name, err)
		}
	}
}

func TestWriteReadZero(t *testing.T) {
	d := open(t, Options{})
	for _, n := range []int{1, 4, 255, 256, 257, 100_000, 3 << 20} {
		b, err := d.Alloc(n)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, n)
		if err := d.Read(b, 0, got); err != nil || len(bytes.Trim(got, "\x00")) != 0 {
			t.Fatalf("%d fresh bytes are not zero (%v)", n, err)
		}
		want := make([]byte, n)
		for i := range want {
			want[i] = byte(i*7 + 1)
		}
		d.Write(b, 0, want)
		kept := bytes.Clone(want)
		clear(want) // the device has a copy
		if err := d.Read(b, 0, got); err != nil || !bytes.Equal(got, kept) {
			t.Fatalf("%d bytes did not come back (%v)", n, err)
		}
		b.Release()
		b.Release()
	}
	if s := d.Stats(); s.LiveBuffers > 1 { // the last release may still be queued
		t.Errorf("%d buffers live", s.LiveBuffers)
	}
}

func TestFreeList(t *testing.T) {
	d := open(t, Options{})
	for i := range 100 {
		b, err := d.Alloc(1000 + i/10)
		if err != nil {
			t.Fatal(err)
		}
		d.Write(b, 0, bytes.Repeat([]byte{0xff}, 1000))
		got := make([]byte, 1000)
		b.Release()
		c, err := d.Alloc(1000)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Read(c, 0, got); err != nil || len(bytes.Trim(got, "\x00")) != 0 {
			t.Fatalf("a buffer from the free list is not zero (%v)", err)
		}
		c.Release()
	}
	if made := d.Stats().Created; made > 2 {
		t.Errorf("200 allocations one after another made %d buffer objects", made)
	}
}

func TestBudget(t *testing.T) {
	d := open(t, Options{Budget: 1 << 20})
	a, err := d.Alloc(600_000)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Alloc(600_000)
	var full *MemoryError
	if !errors.As(err, &full) || full.Asked != 600_000 || full.Budget != 1<<20 || full.Live < 600_000 {
		t.Fatalf("over the budget: %v", err)
	}
	if err := d.Sync(); err != nil {
		t.Fatalf("a refused Alloc stuck: %v", err)
	}
	a.Release()
	b, err := d.Alloc(900_000) // of another class: the cached block has to go
	if err != nil {
		t.Fatal(err)
	}
	b.Release()
	if _, err := d.Alloc(1 << 50); !errors.As(err, &full) {
		t.Fatalf("a petabyte: %v", err)
	}
}

func TestCompileError(t *testing.T) {
	d := open(t, Options{})
	k := d.Kernel("broken", "#version 430 core\nlayout(local_size_x = 1) in;\nvoid main() {\n\tfloat x = nothing_of_the_kind;\n}\n")
	err := d.Compile(k)
	if err == nil || !strings.Contains(err.Error(), "broken") || !strings.Contains(err.Error(), "4 | \tfloat x = nothing") {
		t.Fatalf("compile error: %v", err)
	}
	if err := d.Sync(); err != nil {
		t.Fatalf("Compile's error stuck: %v", err)
	}
	d.Launch(&Launch{Kernel: k, Groups: [3]uint32{1, 1, 1}})
	if err := d.Sync(); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Fatalf("launching it: %v", err)
	}
}

func TestGLErrorIsFound(t *testing.T) {
	d := open(t, Options{})
	k := d.Kernel("empty", "#version 430 core\nlayout(local_size_x = 1) in;\nvoid main() {}\n")
	d.Launch(&Launch{Kernel: k, Groups: [3]uint32{70000, 1, 1 << 31}})
	if err := d.Sync(); err == nil || !strings.Contains(err.Error(), "GL_INVALID_VALUE") {
		t.Fatalf("too many work groups: %v", err)
	}
}

// TestOrder sends many dependent launches from one goroutine and checks that each sees what the one before it did.
func TestOrder(t *testing.T) {
	d := open(t, Options{})
	k := d.Kernel("step", "#version 430 core\nlayout(local_size_x = 1) in;\nlayout(location = 0) uniform uvec4 U[1];\n"+
		"layout(std430, binding = 0) buffer A { uint a[]; };\nvoid main() { a[0] = a[0] * 5u + U[0].x; }\n")
	b, err := d.Alloc(4)
	if err != nil {
		t.Fatal(err)
	}
	want := uint32(0)
	l := Launch{Kernel: k, Groups: [3]uint32{1, 1, 1}, Buffers: []*Buffer{b}, Uniforms: make([]uint32, 4), Access: []Access{{0, 0, 4, true}}}
	for i := range uint32(20_000) { // more than the queue holds
		l.Uniforms[0] = i
		d.Launch(&l)
		want = want*5 + i
	}
	seq, err := d.NewSequence([]Launch{{Kernel: k, Groups: l.Groups, Buffers: l.Buffers, Uniforms: []uint32{7, 0, 0, 0},
		Advance: []uint32{3, 0, 0, 0}, Access: l.Access}})
	if err != nil {
		t.Fatal(err)
	}
	d.Run(seq, 0, 100)
	for s := range uint32(100) {
		want = want*5 + 7 + 3*s
	}
	var got [4]byte
	if err := d.Read(b, 0, got[:]); err != nil {
		t.Fatal(err)
	}
	if g := uint32(got[0]) | uint32(got[1])<<8 | uint32(got[2])<<16 | uint32(got[3])<<24; g != want {
		t.Fatalf("%d, want %d", g, want)
	}
	if s := d.Stats(); s.Dispatches != 20_100 || s.Barriers < 20_000 {
		t.Errorf("%d dispatches, %d barriers", s.Dispatches, s.Barriers)
	}
}
