package backendtest

import (
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
)

// testStats checks the counters that budgets are asserted on.
func (s *suite) testStats(t *testing.T) {
	w := newWorld(t, s.device())
	w.must(w.b.Sync())
	start := w.b.Stats()
	x, c := alloc(t, w.b, backend.F32, 100), alloc(t, w.b, backend.U8, 9)
	defer x.Release()
	defer c.Release()
	backend.Write(w.b, x, 10, make([]float32, 20))
	backend.Write(w.b, c, 1, make([]uint8, 5))
	w.must(backend.Read(w.b, make([]float32, 30), x, 0))
	d := w.b.Stats().Sub(start)
	if d.Allocs != 2 || d.Writes != 2 || d.BytesWritten != 85 || d.Reads != 1 || d.BytesRead != 120 || d.Calls != 0 {
		t.Errorf("two allocs, 85 bytes in two writes and 120 in a read count as %+v", d)
	}

	const steps, models = 5, 2
	r := newRig(w, 5, steps, models)
	p := w.record(r.step)
	p.Run(1) // buffers and kernels that are made on first use
	w.must(w.b.Sync())
	start = w.b.Stats()
	began := time.Now()
	p.Run(steps)
	w.must(w.b.Sync())
	took := time.Since(began)
	d = w.b.Stats().Sub(start)
	if d.Busy <= 0 || d.Busy > 2*took { // two clocks
		t.Errorf("the device was busy for %v of %v", d.Busy, took)
	}
	if d.Reads != 0 || d.Writes != 0 || d.Allocs != 0 || d.BytesRead != 0 || d.BytesWritten != 0 {
		t.Errorf("a program that runs has moved data: %+v", d)
	}
	if d.LiveBytes != start.LiveBytes || d.LiveBuffers != start.LiveBuffers {
		t.Errorf("a program that runs has changed what is live: %+v, before %+v", d, start)
	}
	if want := int64(steps * models * len(r.step.Calls)); d.Calls != want {
		t.Errorf("%d calls, want %d", d.Calls, want)
	}
	start = w.b.Stats()
	backend.Do(w.b, r.step.Calls...)
	w.must(w.b.Sync())
	if d = w.b.Stats().Sub(start); d.Calls != int64(len(r.step.Calls)) {
		t.Errorf("%d calls, want %d", d.Calls, len(r.step.Calls))
	}
}
