//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"os"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
	"github.com/gloss-ml/gloss/shaders"
)

// openTuned gives a device that keeps its programs in dir, with a tuner that tries these cuts of any product.
func openTuned(t *testing.T, dir string, cuts ...plan.Cut) (*device, *tuner) {
	t.Helper()
	b, err := Open(Programs(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	d := b.(*device)
	d.tuner = newTuner(d)
	d.tuner.least = 1
	d.tuner.cuts = func(bool) []plan.Cut { return cuts }
	return d, d.tuner
}

func tile(bm, bn, tm, tn, bk int) plan.Cut {
	return plan.Cut{Tile: shaders.Tile{BM: bm, BN: bn, TM: tm, TN: tn, BK: bk}}
}

// TestTuner: a cut wins by its time if its bits are right, the winner is what is recorded, and the next process knows it.
func TestTuner(t *testing.T) {
	openDevice(t) // or skip
	dir := t.TempDir()
	good, slow := tile(32, 32, 2, 2, 4), tile(16, 16, 1, 1, 4)
	wrong := tile(32, 32, 1, 1, 4) // a quarter of each tile, in no time
	d, tuner := openTuned(t, dir, slow, wrong, good)
	x := mustAlloc(t, d, backend.F32, 60_000)
	backend.Write(d, x, 0, waves(60_000))
	call := &backend.MatMul{Dst: backend.Mat(x, 0, 64, 96), A: backend.Mat(x, 10_000, 64, 100), B: backend.Mat(x, 30_000, 100, 96)}
	record := func(d *device) {
		t.Helper()
		p, err := backend.Record(d, backend.Step{Calls: []backend.Call{call}})
		if err != nil {
			t.Fatal(err)
		}
		p.Release()
	}
	record(d)
	if got, ok := tuner.find(call, true); !ok || got != good {
		t.Errorf("%+v wins (%v), want %+v", got, ok, good)
	}
	if len(tuner.refused) != 1 || tuner.refused[0] != wrong {
		t.Errorf("refused: %+v, want %+v", tuner.refused, wrong)
	}
	before := d.Stats().Dispatches
	record(d)
	if n := d.Stats().Dispatches - before; n != 0 {
		t.Errorf("%d dispatches to record what is known", n)
	}

	_, again := openTuned(t, dir, slow)
	if got, ok := again.find(call, true); !ok || got != good {
		t.Errorf("the next process knows %+v (%v), want %+v", got, ok, good)
	}
	if _, ok := again.find(&backend.MatMul{Dst: backend.Mat(x, 0, 64, 96), A: backend.Mat(x, 10_000, 100, 64), B: call.B, TransA: true}, true); ok {
		t.Error("another layout is taken for the same")
	}
	if err := os.WriteFile(again.path, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, damaged := openTuned(t, dir, slow); len(damaged.known) != 0 {
		t.Errorf("a damaged file gives %v", damaged.known)
	}
}

// TestTunerIsBounded: without patience the first cut that is right is taken; products that are small are not measured at all.
func TestTunerIsBounded(t *testing.T) {
	d := openDevice(t)
	tuner := newTuner(d)
	tuner.path, tuner.patience, tuner.least = "", 0, 1
	tried := 0
	first := tile(16, 16, 1, 1, 4)
	tuner.cuts = func(bool) []plan.Cut { tried++; return []plan.Cut{first, tile(32, 32, 2, 2, 4)} }
	x := mustAlloc(t, d, backend.F32, 4096)
	call := &backend.MatMul{Dst: backend.Mat(x, 0, 20, 20), A: backend.Mat(x, 512, 20, 20), B: backend.Mat(x, 1024, 20, 20)}
	start := time.Now()
	if got, ok := tuner.learn(call, true); !ok || got != first {
		t.Errorf("%+v (%v) after %v, want %+v", got, ok, time.Since(start), first)
	}
	tuner.least = 1e9
	tuner.known = map[string]plan.Cut{}
	if _, ok := tuner.learn(call, true); ok || tried != 1 {
		t.Errorf("a small product was measured: %d times", tried)
	}
}
