package backend_test

import (
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

func misuseOf(f func()) (m *backend.Misuse) {
	defer func() {
		if r := recover(); r != nil {
			m = r.(*backend.Misuse)
		}
	}()
	f()
	return nil
}

func floats(t *testing.T, dev backend.Backend, n int) *backend.Buffer {
	t.Helper()
	b, err := backend.Alloc(dev, backend.F32, n)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestHostileSizes: numbers that wrap around when they are multiplied are refused like others.
func TestHostileSizes(t *testing.T) {
	dev := ref.Open()
	buf := floats(t, dev, 8)
	fill := func(dst backend.Tensor) backend.Call {
		return &backend.Each{Dst: dst, Do: backend.Chain{backend.Fill(1)}}
	}
	for name, step := range map[string]backend.Step{
		"offset":  {Calls: []backend.Call{fill(backend.Row(buf, math.MaxInt, 4))}},
		"stride":  {Calls: []backend.Call{fill(backend.Tensor{Buf: buf, Rows: 5, Cols: 4, Stride: 1 << 62})}},
		"advance": {Calls: []backend.Call{fill(backend.Row(buf, 0, 4).Advanced(1 << 62))}, Steps: 5},
		"model":   {Calls: []backend.Call{fill(backend.Tensor{Buf: buf, Rows: 1, Cols: 4, Model: math.MinInt})}, Models: 3},
		"rows":    {Calls: []backend.Call{fill(backend.Tensor{Buf: buf, Rows: 1<<62 + 1})}},
		"domain":  {Calls: []backend.Call{fill(backend.Tensor{Rows: 1 << 33, Cols: 1 << 33})}},
		"reduce":  {Calls: []backend.Call{&backend.Reduce{Rows: 1 << 33, Cols: 1 << 33, Out: [2]backend.Result{{Dst: backend.Row(buf, 0, 1)}}}}},
	} {
		if m := misuseOf(func() { _, _ = backend.Record(dev, step) }); m == nil {
			t.Errorf("%s: recorded", name)
		}
		if backend.Check(dev, step) == nil {
			t.Errorf("%s: passes the check", name)
		}
	}
	if _, err := backend.Alloc(dev, backend.F32, math.MaxInt); !errors.Is(err, backend.ErrOutOfMemory) {
		t.Errorf("a buffer of all elements: %v", err)
	}
}

// TestModelsOverlap: what is apart for the first model may not be for the second.
func TestModelsOverlap(t *testing.T) {
	dev := ref.Open()
	buf := floats(t, dev, 64)
	x, y := backend.Row(buf, 0, 8), backend.Row(buf, 16, 8)
	x.Model = 16
	step := backend.Step{Calls: []backend.Call{&backend.Each{Dst: y, Do: backend.Chain{backend.Load(x)}}}}
	if err := backend.Check(dev, step); err != nil {
		t.Errorf("one model: %v", err)
	}
	step.Models = 2
	if err := backend.Check(dev, step); err == nil || !strings.Contains(err.Error(), "overlap") {
		t.Errorf("two models: %v", err)
	}
}

func TestMisuseOfRecord(t *testing.T) {
	dev, other := ref.Open(), ref.Open()
	buf := floats(t, dev, 8)
	call := &backend.Each{Dst: backend.Row(buf, 0, 8), Do: backend.Chain{backend.Fill(1)}}
	two := &backend.Op{Name: "two", Args: "cc", Consts: 2, F: func(*backend.El) {}}
	row := backend.Row(buf, 0, 2)
	for want, step := range map[string]backend.Step{
		"Record: call 0 is nil": {Calls: []backend.Call{nil}},
		"Record: call 1 is nil": {Calls: []backend.Call{call, (*backend.Each)(nil)}},
		"Scratch[0]":            {Calls: []backend.Call{call}, Scratch: []*backend.Buffer{nil}},
		"Scratch[1]":            {Calls: []backend.Call{call}, Scratch: []*backend.Buffer{buf, floats(t, other, 1)}},
		"one c with constants":  {Calls: []backend.Call{&backend.Each{Dst: backend.Row(buf, 4, 2), Do: backend.Chain{{Op: two, Arg: [backend.MaxArgs]backend.Tensor{row, row}}}}}},
	} {
		m := misuseOf(func() { _, _ = backend.Record(dev, step) })
		if m == nil || !strings.Contains(m.Error(), want) {
			t.Errorf("misuse %v, want one that says %q", m, want)
		}
	}
	if m := misuseOf(func() { backend.Do(dev, (*backend.MatMul)(nil)) }); m == nil || !strings.Contains(m.Error(), "call 0 is nil") {
		t.Errorf("Do of nil: %v", m)
	}
	buf.Release()
	if s := dev.Stats(); s.LiveBuffers != 0 {
		t.Errorf("%d buffers held by programs that were not made", s.LiveBuffers)
	}
}

// TestRecordAndRelease: a buffer that is released while it is being recorded is either held or refused.
func TestRecordAndRelease(t *testing.T) {
	dev := ref.Open()
	for range 500 {
		buf := floats(t, dev, 8)
		calls := []backend.Call{&backend.Each{Dst: backend.Row(buf, 0, 8), Do: backend.Chain{backend.Fill(1)}}}
		var both sync.WaitGroup
		both.Go(func() { runtime.Gosched(); buf.Release() })
		both.Go(func() {
			_ = misuseOf(func() {
				if p, err := backend.Record(dev, backend.Step{Calls: calls}); err == nil {
					p.Run(1)
					p.Release()
				}
			})
		})
		both.Wait()
	}
	if s := dev.Stats(); s.LiveBuffers != 0 || s.LiveBytes != 0 {
		t.Errorf("%d buffers of %d bytes alive at the end", s.LiveBuffers, s.LiveBytes)
	}
}

// TestReleaseTwiceAtOnce lets go of a program's buffers once.
func TestReleaseTwiceAtOnce(t *testing.T) {
	dev := ref.Open()
	for range 200 {
		buf := floats(t, dev, 8)
		p, err := backend.Record(dev, backend.Step{Calls: []backend.Call{&backend.Each{Dst: backend.Row(buf, 0, 8), Do: backend.Chain{backend.Fill(1)}}}})
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		both.Go(p.Release)
		both.Go(p.Release)
		both.Wait()
		buf.Release()
	}
	if s := dev.Stats(); s.LiveBuffers != 0 {
		t.Errorf("%d buffers alive", s.LiveBuffers)
	}
}

// TestNestedTraces: each of two decorators sees the program, and none keeps it alive.
func TestNestedTraces(t *testing.T) {
	var inner, outer strings.Builder
	dev := backend.Trace(backend.Trace(ref.Open(), &inner), io.MultiWriter(&outer))
	buf := floats(t, dev, 8)
	p, err := backend.Record(dev, backend.Step{Calls: []backend.Call{&backend.Each{Dst: backend.Row(buf, 0, 8), Do: backend.Chain{backend.Fill(1)}}}})
	if err != nil {
		t.Fatal(err)
	}
	p.Run(1)
	for name, log := range map[string]string{"inner": inner.String(), "outer": outer.String()} {
		if !strings.Contains(log, "run program 1, 1 steps") || !strings.Contains(log, "Each Dst 1×8") {
			t.Errorf("the %s log lacks the program:\n%s", name, log)
		}
	}
}
