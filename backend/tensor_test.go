package backend

import (
	"math/rand/v2"
	"testing"
)

// elements is what overlaps is measured against: the set itself.
func elements(t *Tensor, at At) map[int]bool {
	set := map[int]bool{}
	for i := range t.Rows {
		for j := range t.Cols {
			set[t.At(at)+i*t.RowStride()+j] = true
		}
	}
	return set
}

func randomView(rng *rand.Rand, buf *Buffer, stride int) Tensor {
	t := Tensor{Buf: buf, Off: 10 + rng.IntN(40), Rows: rng.IntN(5), Cols: rng.IntN(7), Advance: rng.IntN(7) - 3, Model: rng.IntN(30)}
	switch {
	case stride > 0:
		t.Cols = rng.IntN(stride + 1)
		t.Stride = stride
	case rng.IntN(2) == 0:
		t.Stride = t.Cols + rng.IntN(5)
	}
	return t
}

// overlaps must not miss an element that two views share; views of one common stride, and single rows, it must tell
// apart exactly.
func TestOverlaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	buf := &Buffer{n: 1000}
	real, exact := 0, 0
	for range 200000 {
		stride := rng.IntN(9)
		a, b := randomView(rng, buf, stride), randomView(rng, buf, stride)
		at := At{Step: rng.IntN(4), Model: rng.IntN(2)}
		shared := false
		ea := elements(&a, at)
		for p := range elements(&b, at) {
			shared = shared || ea[p]
		}
		got := a.Overlaps(&b, at)
		if got != b.Overlaps(&a, at) {
			t.Fatalf("%v and %v at %v: not symmetric", &a, &b, at)
		}
		if shared && !got {
			t.Fatalf("%v and %v share elements at %v", &a, &b, at)
		}
		common := a.Rows <= 1 || b.Rows <= 1 || a.RowStride() == b.RowStride()
		if common && got != shared {
			t.Fatalf("%v and %v at %v: overlap %v, want %v", &a, &b, at, got, shared)
		}
		if shared {
			real++
		}
		if common {
			exact++
		}
	}
	if real < 10000 || exact < 50000 {
		t.Errorf("%d overlaps, %d of a common stride: too few to mean anything", real, exact)
	}
	a, b := Row(buf, 0, 10), Row(&Buffer{n: 10}, 0, 10)
	if a.Overlaps(&b, At{}) {
		t.Error("tensors of two buffers overlap")
	}
}

func TestSpan(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 20000 {
		v := randomView(rng, &Buffer{n: 1000}, rng.IntN(9))
		at := At{Step: rng.IntN(4), Model: rng.IntN(2)}
		lo, hi := v.Span(at)
		set := elements(&v, at)
		for p := range set {
			if p < lo || p >= hi {
				t.Fatalf("%v at %v: %d is outside of %d to %d", &v, at, p, lo, hi)
			}
		}
		if len(set) > 0 && !(set[lo] && set[hi-1]) || len(set) == 0 && lo != hi {
			t.Fatalf("%v at %v: %d to %d is not tight", &v, at, lo, hi)
		}
	}
}

func TestViews(t *testing.T) {
	x := Mat(&Buffer{n: 100}, 7, 5, 6)
	v := x.RowSpan(1, 4).Columns(2, 5)
	if v.Off != 7+6+2 || v.Rows != 3 || v.Cols != 3 || v.RowStride() != 6 {
		t.Errorf("%+v", v)
	}
	if w := v.Columns(1, 2).RowSpan(2, 3); w.Off != v.Off+1+12 || w.Rows != 1 || w.Cols != 1 {
		t.Errorf("%+v", w)
	}
	if s := v.String(); s != "3×3 stride 6 at 15" {
		t.Error(s)
	}
	u := Row(&Buffer{n: 4, kind: U32}, 0, 4)
	if s := u.String(); s != "1×4 U32" {
		t.Error(s)
	}
	if s := (&Tensor{Rows: 2, Cols: 3}).String(); s != "2×3 (no buffer)" {
		t.Error(s)
	}
}

// same is what lets a result lie on its operand: equal elements in equal order at every step.
func TestSame(t *testing.T) {
	x := Mat(&Buffer{n: 100}, 7, 5, 6)
	for i, c := range []struct {
		b    Tensor
		want bool
	}{
		{x, true},
		{x.Columns(0, 6), true},
		{x.Columns(0, 5), false},
		{x.RowSpan(1, 5), false},
		{x.Advanced(1), false},
		{Tensor{Buf: x.Buf, Off: 7, Rows: 6, Cols: 5}, false},
		{Tensor{Buf: &Buffer{}, Off: 7, Rows: 5, Cols: 6}, false},
		{Tensor{Buf: x.Buf, Off: 7, Rows: 5, Cols: 6, Model: 3}, false},
	} {
		if x.same(&c.b) != c.want {
			t.Errorf("%d: same is %v", i, !c.want)
		}
	}
}
