package backendtest

import (
	"encoding/binary"
	"errors"
	"math"
	"sync"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// staging goes round a ring: the host fills one slot while calls read another, and each call sees what was filled before it
// was queued.
func (s *suite) staging(t *testing.T) {
	b := s.device()
	w := newWorld(t, b)
	const slots, n, rounds = 3, 1000, 20
	ring, err := backend.Stage(b, backend.F32, slots*n)
	w.must(err)
	bytes, err := backend.Stage(b, backend.U8, n+1)
	w.must(err)
	defer ring.Release()
	defer bytes.Release()
	expectAll[float32](t, b, ring.Buf, 0)
	sums := alloc(t, b, backend.F32, rounds)
	defer sums.Release()
	fill := func(round int) error {
		return ring.Fill(round%slots*n, n, func(dst []byte) error {
			if len(dst) != 4*n {
				t.Errorf("%d bytes to fill, want %d", len(dst), 4*n)
			}
			for i := range n {
				binary.NativeEndian.PutUint32(dst[4*i:], math.Float32bits(float32(round+1)))
			}
			return nil
		})
	}
	w.must(fill(0))
	var marks []backend.Mark
	for round := range rounds {
		backend.Do(b, &backend.Reduce{Rows: 1, Cols: n, Out: [2]backend.Result{{Dst: backend.Row(sums, round, 1),
			Map: backend.Chain{backend.Load(backend.Row(ring.Buf, round%slots*n, n))}}}})
		marks = append(marks, backend.MarkQueue(b))
		if round >= slots-1 {
			w.must(marks[round-slots+1].Wait()) // of the slot that is filled next
		}
		filled := make(chan error)
		go func() { filled <- fill(round + 1) }()
		w.must(<-filled)
	}
	got := make([]float32, rounds)
	w.must(backend.Read(b, got, sums, 0))
	for round, v := range got {
		if want := float32(n * (round + 1)); v != want {
			t.Fatalf("round %d sums to %g, want %g", round, v, want)
		}
	}

	// Bytes, whose last word is not whole; an error of whoever fills, and several at once.
	var all sync.WaitGroup
	for part := range 7 {
		all.Go(func() {
			if err := bytes.Fill(part*143, 143, func(dst []byte) error {
				for i := range dst {
					dst[i] = byte(part)
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	read := make([]uint8, n+1)
	w.must(backend.Read(b, read, bytes.Buf, 0))
	for i, v := range read {
		if v != byte(i/143) {
			t.Fatalf("byte %d is %d, want %d", i, v, i/143)
		}
	}
	refused := errors.New("no such row")
	if err := bytes.Fill(0, 1, func([]byte) error { return refused }); err != refused {
		t.Errorf("Fill returns %v, want the error of what it called", err)
	}
	if err := b.Sync(); err != nil {
		t.Errorf("and then the device has failed: %v", err)
	}
}

// stagingCloses: what is filled after the end goes nowhere.
func (s *suite) stagingCloses(t *testing.T) {
	b := s.open(t)
	ring, err := backend.Stage(b, backend.F32, 10)
	if err != nil {
		t.Fatal(err)
	}
	mark := backend.MarkQueue(b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ring.Fill(0, 10, func(dst []byte) error { clear(dst); return nil }); err != backend.ErrClosed {
		t.Errorf("Fill after Close returns %v", err)
	}
	if err := mark.Wait(); err != nil && !errors.Is(err, backend.ErrClosed) {
		t.Errorf("waiting for a mark after Close: %v", err)
	}
	ring.Release()
	s.closeDown(b)
}
