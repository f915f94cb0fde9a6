package backendtest

import (
	"errors"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// testFailure injects a device failure: it sticks, whatever is done with it.
func (s *suite) testFailure(t *testing.T) {
	b := s.open(t)
	defer b.Close()
	buf := alloc(t, b, backend.F32, 8)
	x := backend.Row(buf, 0, 8)
	c := &backend.Each{Dst: x, Do: backend.Chain{backend.Fill(1)}}
	p, err := backend.Record(b, backend.Step{Calls: []backend.Call{c}})
	if err != nil {
		t.Fatal(err)
	}
	p.Run(1)
	expectAll[float32](t, b, buf, 1)

	first := errors.New("the device caught fire")
	backend.Fail(b, nil)
	if err := b.Sync(); err != nil {
		t.Fatalf("no failure has become %v", err)
	}
	backend.Fail(b, first)
	backend.Fail(b, errors.New("smoke"))
	calls := b.Stats().Calls
	for range 2 {
		backend.Do(b, c)
		p.Run(1)
		backend.Write(b, buf, 0, []float32{2})
		got := []float32{5}
		if err := backend.Read(b, got, buf, 0); !errors.Is(err, first) || got[0] != 5 {
			t.Errorf("Read returns %v and %v, want the first failure and nothing read", err, got)
		}
		if err := backend.Read(b, got[:0], buf, 0); !errors.Is(err, first) {
			t.Errorf("Read of nothing returns %v, want the first failure", err)
		}
		if err := b.Sync(); !errors.Is(err, first) {
			t.Errorf("Sync returns %v, want the first failure", err)
		}
		if buf, err := backend.Alloc(b, backend.U8, 3); !errors.Is(err, first) || buf != nil {
			t.Errorf("Alloc returns %v, want the first failure", err)
		}
		if p, err := backend.Record(b, backend.Step{}); !errors.Is(err, first) || p != nil {
			t.Errorf("Record returns %v, want the first failure", err)
		}
	}
	if now := b.Stats().Calls; now != calls {
		t.Errorf("%d calls were carried out after the failure", now-calls)
	}
	mustMisuse(t, func() { backend.Write(b, buf, 9, []float32{2}) }, "Write", "buffer of 8") // misuse is misuse
	p.Release()
	buf.Release()
	if st := b.Stats(); st.LiveBuffers != 0 {
		t.Errorf("%d buffers are live", st.LiveBuffers)
	}
	if err := b.Close(); !errors.Is(err, first) {
		t.Errorf("Close returns %v, want the first failure", err)
	}
}
