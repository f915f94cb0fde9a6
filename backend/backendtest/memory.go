package backendtest

import (
	"math"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

func (s *suite) testMemory(t *testing.T) {
	t.Run("zeros", s.zeros)
	t.Run("transfers", func(t *testing.T) {
		t.Run("F32", func(t *testing.T) { transfers(t, s.device(), func(i int) float32 { return float32(i) + 0.5 }) })
		t.Run("U32", func(t *testing.T) { transfers(t, s.device(), func(i int) uint32 { return uint32(i) * 0x9E3779B9 }) })
		t.Run("U8", func(t *testing.T) { transfers(t, s.device(), func(i int) uint8 { return uint8(i*7 + i>>8) }) })
	})
	t.Run("write copies", s.writeCopies)
	t.Run("order", s.writeOrder)
	t.Run("floats", s.floatBits)
	t.Run("staging", s.staging)
	t.Run("staging closes", s.stagingCloses)
}

// sizes are lengths of buffers: of bytes, none of them whole words, among others.
var sizes = []int{0, 1, 2, 3, 5, 63, 64, 65, 255, 1023, 4099, 70001}

// zeros: memory is fresh, also where it was somebody else's a moment ago.
func (s *suite) zeros(t *testing.T) {
	b := s.device()
	newWorld(t, b) // for its count of what is live
	for _, n := range sizes {
		for range 3 {
			f, u, c := alloc(t, b, backend.F32, n), alloc(t, b, backend.U32, n), alloc(t, b, backend.U8, n)
			if f.Len() != n || u.Kind() != backend.U32 || c.Kind() != backend.U8 || !f.Live() {
				t.Fatalf("Alloc(%d) has made %d %v, %d %v, %d %v", n, f.Len(), f.Kind(), u.Len(), u.Kind(), c.Len(), c.Kind())
			}
			expectAll[float32](t, b, f, 0)
			expectAll[uint32](t, b, u, 0)
			expectAll[uint8](t, b, c, 0)
			backend.Write(b, f, 0, slices.Repeat([]float32{1.5}, n))
			backend.Write(b, u, 0, slices.Repeat([]uint32{^uint32(0)}, n))
			backend.Write(b, c, 0, slices.Repeat([]uint8{255}, n))
			f.Release()
			u.Release()
			c.Release()
		}
	}
}

func expectAll[T backend.Elem](t *testing.T, b backend.Backend, buf *backend.Buffer, want T) {
	t.Helper()
	got := slices.Repeat([]T{want + 1}, buf.Len())
	if err := backend.Read(b, got, buf, 0); err != nil {
		t.Fatal(err)
	}
	for i, x := range got {
		if x != want {
			t.Fatalf("element %d of %d %v is %v, want %v", i, buf.Len(), buf.Kind(), x, want)
		}
	}
}

// transfers writes and reads pieces at every kind of offset and compares with an image on the host.
func transfers[T backend.Elem](t *testing.T, b backend.Backend, value func(i int) T) {
	w := newWorld(t, b)
	var zero T
	kind := map[any]backend.Kind{float32(0): backend.F32, uint32(0): backend.U32, uint8(0): backend.U8}[any(zero)]
	for _, n := range sizes {
		buf := alloc(t, b, kind, n)
		image := make([]T, n)
		backend.Write(b, buf, n, []T{}) // nothing, at the end
		for round := range 30 {
			lo := w.rng.IntN(n + 1)
			hi := lo + w.rng.IntN(n-lo+1)
			for i := lo; i < hi; i++ {
				image[i] = value(i + round*n)
			}
			backend.Write(b, buf, lo, image[lo:hi])
			lo = w.rng.IntN(n + 1)
			hi = lo + w.rng.IntN(n-lo+1)
			got := make([]T, hi-lo+2) // with a guard on either side
			w.must(backend.Read(b, got[1:1+hi-lo], buf, lo))
			if !slices.Equal(got[1:1+hi-lo], image[lo:hi]) || got[0] != 0 || got[len(got)-1] != 0 {
				t.Fatalf("%d %v: elements %d to %d differ from what was written, round %d", n, kind, lo, hi, round)
			}
		}
		got := make([]T, n)
		w.must(backend.Read(b, got, buf, 0))
		if !slices.Equal(got, image) {
			t.Fatalf("%d %v differ from what was written", n, kind)
		}
		buf.Release()
	}
}

// writeCopies: what the host does to its slice after Write changes nothing.
func (s *suite) writeCopies(t *testing.T) {
	b := s.device()
	newWorld(t, b)
	for _, n := range []int{1, 100, 1 << 20} {
		buf := alloc(t, b, backend.F32, n)
		src := slices.Repeat([]float32{3}, n)
		backend.Write(b, buf, 0, src)
		for i := range src {
			src[i] = 4
		}
		expectAll[float32](t, b, buf, 3)
		buf.Release()
	}
}

// writeOrder: writes, calls and reads happen in the order in which they were handed in.
func (s *suite) writeOrder(t *testing.T) {
	w := newWorld(t, s.device())
	const n = 3000
	x, y := alloc(t, w.b, backend.F32, n), alloc(t, w.b, backend.F32, n)
	defer x.Release()
	defer y.Release()
	src := make([]float32, n)
	add := &backend.Each{Dst: backend.Row(y, 0, n), Do: backend.Chain{backend.Load(backend.Row(y, 0, n)), backend.Add(backend.Row(x, 0, n))}}
	want := float32(0)
	for i := range 50 {
		for j := range src {
			src[j] = float32(i)
		}
		backend.Write(w.b, x, 0, src)
		backend.Do(w.b, add)
		want += float32(i)
		if i%20 == 19 {
			expectAll(t, w.b, y, want)
		}
	}
	expectAll(t, w.b, y, want)
}

// floatBits: transfers move bits; the sign of zero, Inf and the largest number arrive as they left.
func (s *suite) floatBits(t *testing.T) {
	b := s.device()
	newWorld(t, b)
	buf := alloc(t, b, backend.F32, len(edges))
	defer buf.Release()
	backend.Write(b, buf, 0, edges)
	got := make([]float32, len(edges))
	if err := backend.Read(b, got, buf, 0); err != nil {
		t.Fatal(err)
	}
	for i, x := range edges {
		if x == x && math.Float32bits(got[i]) != math.Float32bits(x) || x != x && got[i] == got[i] {
			t.Errorf("%x has become %x", math.Float32bits(x), math.Float32bits(got[i]))
		}
	}
}
