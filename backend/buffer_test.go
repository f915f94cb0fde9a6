package backend_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// A buffer that is dropped without Release is given back once the collector has found it, and so is one that a
// dropped program holds.
func TestDroppedBuffers(t *testing.T) {
	b := ref.Open()
	defer b.Close()
	func() {
		for range 10 {
			x, err := backend.Alloc(b, backend.F32, 1000)
			if err != nil {
				t.Fatal(err)
			}
			c := &backend.Each{Dst: backend.Row(x, 0, 1000), Do: backend.Chain{backend.Fill(1)}}
			p, err := backend.Record(b, backend.Step{Calls: []backend.Call{c}})
			if err != nil {
				t.Fatal(err)
			}
			p.Run(1)
		}
	}()
	for range 100 {
		runtime.GC()
		if st := b.Stats(); st.LiveBuffers == 0 && st.LiveBytes == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d of 10 dropped buffers are live", b.Stats().LiveBuffers)
}

// A buffer that is released and then collected is given back once.
func TestReleasedAndDropped(t *testing.T) {
	b := ref.Open()
	defer b.Close()
	for range 10 {
		x, err := backend.Alloc(b, backend.U8, 7)
		if err != nil {
			t.Fatal(err)
		}
		x.Release()
	}
	for range 5 {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
	}
	if st := b.Stats(); st.LiveBuffers != 0 || st.LiveBytes != 0 {
		t.Errorf("%d buffers of %d bytes are live", st.LiveBuffers, st.LiveBytes)
	}
	var none *backend.Buffer
	none.Release() // nothing
}

func TestStatsSub(t *testing.T) {
	s := backend.Stats{Calls: 10, Dispatches: 9, Barriers: 8, Submits: 8, Waits: 7, Reads: 6, Writes: 5, Allocs: 4, BytesRead: 3, BytesWritten: 2, LiveBuffers: 1, LiveBytes: 11}
	want := backend.Stats{LiveBuffers: 1, LiveBytes: 11}
	if d := s.Sub(s); d != want {
		t.Errorf("%+v", d)
	}
}
