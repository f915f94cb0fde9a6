package backend_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/ref"
)

// A decorator passes the whole suite: it changes nothing.
func TestTraceRun(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and under the race detector most of a minute")
	}
	var log lines
	backendtest.Run(t, func(testing.TB) backend.Backend { return backend.Trace(ref.Open(), &log) })
	if log.n == 0 {
		t.Error("nothing was logged")
	}
}

// lines counts what is written: Trace writes from one goroutine at a time.
type lines struct{ n int }

func (l *lines) Write(p []byte) (int, error) { l.n++; return len(p), nil }

func TestTrace(t *testing.T) {
	var log strings.Builder
	under := ref.Open()
	b := backend.Trace(under, &log)
	if backend.Unwrap(b) != under || backend.Unwrap(backend.Trace(b, &log)) != under {
		t.Error("Unwrap stops half way")
	}
	x, err := backend.Alloc(b, backend.F32, 12)
	if err != nil {
		t.Fatal(err)
	}
	backend.Write(b, x, 0, []float32{1, 2, 3})
	c := &backend.Each{Dst: backend.Mat(x, 0, 3, 4), Do: backend.Chain{backend.Load(backend.Mat(x, 0, 3, 4)), backend.Tanh()}}
	backend.Do(b, c)
	p, err := backend.Record(b, backend.Step{Calls: []backend.Call{c}, Steps: 7})
	if err != nil {
		t.Fatal(err)
	}
	p.Run(5)
	p.Run(7)
	p.Run(0)
	if err := backend.Read(b, make([]float32, 2), x, 0); err != nil {
		t.Fatal(err)
	}
	if err := b.Sync(); err != nil {
		t.Fatal(err)
	}
	want := `alloc 12 F32
write 12 bytes
Each Dst 3×4, Do[0].load.0 3×4
program 1:
  Each Dst 3×4, Do[0].load.0 3×4
run program 1, 5 steps
run program 1, 7 steps
read 8 bytes
sync
`
	if log.String() != want {
		t.Errorf("logged\n%swant\n%s", log.String(), want)
	}
	if got := b.Stats().Calls; got != 13 || got != under.Stats().Calls {
		t.Errorf("%d calls", got)
	}
	backend.Fail(b, errors.New("fire"))
	if _, err := backend.Alloc(b, backend.F32, 1); err == nil {
		t.Error("a failure of the decorated backend is not its own")
	}
	x.Release()
	p.Release()
	if err := b.Close(); err == nil || err.Error() != "fire" {
		t.Errorf("Close returns %v", err)
	}
}
