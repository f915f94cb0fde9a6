package backendtest

import (
	"errors"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

func (s *suite) testLifecycle(t *testing.T) {
	t.Run("close", s.closes)
	t.Run("several backends", s.severalBackends)
	t.Run("release", s.releases)
	t.Run("info", func(t *testing.T) {
		if i := s.device().Info(); i.Device == "" || i.Name == "" || i.Driver == "" || i.Workers < 0 {
			t.Errorf("%+v leaves something out", i)
		}
	})
}

// closes: after Close everything is misuse but Close, Release, Stats, Info and what returns errors.
func (s *suite) closes(t *testing.T) {
	b := s.open(t)
	buf, kept := alloc(t, b, backend.F32, 100), alloc(t, b, backend.U8, 7)
	x := backend.Row(buf, 0, 100)
	c := &backend.Each{Dst: x, Do: backend.Chain{backend.Fill(1)}}
	p, err := backend.Record(b, backend.Step{Calls: []backend.Call{c}})
	if err != nil {
		t.Fatal(err)
	}
	p.Run(1)
	if err := b.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatalf("Close again: %v", err)
	}
	if buf.Live() {
		t.Error("a buffer of a closed backend is live")
	}
	if _, err := backend.Alloc(b, backend.F32, 1); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Alloc returns %v, want ErrClosed", err)
	}
	if _, err := backend.Record(b, backend.Step{}); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Record returns %v, want ErrClosed", err)
	}
	mustMisuse(t, func() { backend.Do(b, c) }, "Do", "closed")
	mustMisuse(t, func() { backend.Write(b, buf, 0, []float32{1}) }, "Write", "released")
	mustMisuse(t, func() { backend.Read(b, make([]float32, 1), buf, 0) }, "Read", "released")
	mustMisuse(t, func() { p.Run(1) }, "Run", "closed")
	p.Release()
	buf.Release()
	kept.Release()
	kept.Release()
	if st := b.Stats(); st.LiveBuffers != 0 || st.LiveBytes != 0 {
		t.Errorf("%d buffers of %d bytes are live after all", st.LiveBuffers, st.LiveBytes)
	}
	if b.Info().Device == "" {
		t.Error("a closed backend has forgotten what it was")
	}
}

// severalBackends: two of them know nothing of each other, and closing one leaves the other alone.
func (s *suite) severalBackends(t *testing.T) {
	a, b := s.open(t), s.open(t)
	defer a.Close()
	defer b.Close()
	x, y := alloc(t, a, backend.F32, 50), alloc(t, b, backend.F32, 50)
	backend.Do(a, &backend.Each{Dst: backend.Row(x, 0, 50), Do: backend.Chain{backend.Fill(1)}})
	backend.Do(b, &backend.Each{Dst: backend.Row(y, 0, 50), Do: backend.Chain{backend.Fill(2)}})
	expectAll[float32](t, a, x, 1)
	expectAll[float32](t, b, y, 2)
	mustMisuse(t, func() { backend.Write(a, y, 0, []float32{1}) }, "Write", "another backend")
	mustMisuse(t, func() { backend.Read(a, make([]float32, 1), y, 0) }, "Read", "another backend")
	mustMisuse(t, func() {
		backend.Do(a, &backend.Each{Dst: backend.Row(x, 0, 50), Do: backend.Chain{backend.Load(backend.Row(y, 0, 50))}})
	}, "Each", "Do[0].load.0", "another backend", "1×50")
	if b.Stats().Allocs != 1 || a.Stats().LiveBuffers != 1 {
		t.Error("one backend counts the other's buffers")
	}
	x.Release()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	backend.Do(b, &backend.Each{Dst: backend.Row(y, 0, 50), Do: backend.Chain{backend.Load(backend.Row(y, 0, 50)), backend.Affine(2, 0)}})
	expectAll[float32](t, b, y, 4)
	y.Release()
}

// releases: memory is counted until it is given back, and what was queued before still runs.
func (s *suite) releases(t *testing.T) {
	w := newWorld(t, s.device())
	before := w.b.Stats()
	f, c := alloc(t, w.b, backend.F32, 10), alloc(t, w.b, backend.U8, 10)
	st := w.b.Stats()
	if st.LiveBuffers-before.LiveBuffers != 2 || st.LiveBytes-before.LiveBytes != 50 || st.Allocs-before.Allocs != 2 {
		t.Errorf("two buffers of 50 bytes count as %d of %d, %d allocs", st.LiveBuffers-before.LiveBuffers,
			st.LiveBytes-before.LiveBytes, st.Allocs-before.Allocs)
	}
	f.Release()
	c.Release()
	c.Release()
	if st = w.b.Stats(); st.LiveBuffers != before.LiveBuffers || st.LiveBytes != before.LiveBytes {
		t.Error("released twice is not released once")
	}
	mustMisuse(t, func() { backend.Write(w.b, f, 0, []float32{1}) }, "Write", "released")
	mustMisuse(t, func() { backend.Read(w.b, make([]byte, 1), c, 0) }, "Read", "released")
	x := w.floats(1, 10, normal(1))
	bad := &backend.Each{Dst: x, Do: backend.Chain{backend.Load(x), backend.Add(backend.Row(f, 0, 10))}}
	mustMisuse(t, func() { backend.Do(w.b, bad) }, "Each", "Do[1].add.0", "released")
	mustMisuse(t, func() { backend.Record(w.b, backend.Step{Calls: []backend.Call{bad}}) }, "Each", "Do[1].add.0", "released")

	for i := range 20 { // each buffer is given back with work on it queued; the next one may be the same memory
		y := alloc(t, w.b, backend.F32, 5000)
		backend.Do(w.b,
			&backend.Each{Dst: backend.Row(y, 0, 5000), Do: backend.Chain{backend.Fill(float32(i))}},
			&backend.Each{Dst: x.Columns(i%10, i%10+1), Do: backend.Chain{backend.Load(backend.Row(y, 4999, 1))}})
		y.Release()
		w.want(&x, 0, i%10, bound{want: float64(i)})
	}
	w.check("released while queued")
}
