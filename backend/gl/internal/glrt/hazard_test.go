//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"slices"
	"testing"
)

// TestBarriers: a barrier stands before what depends on something since the last one, and nowhere else. Nothing here
// needs a device.
func TestBarriers(t *testing.T) {
	a, b, c := &Buffer{block: &block{}}, &Buffer{block: &block{}}, &Buffer{block: &block{}}
	l := func(access ...Access) Launch { return Launch{Buffers: []*Buffer{a, b, c}, Access: access} }
	const w = true
	for _, x := range []struct {
		name string
		list []Launch
		want []bool
	}{
		{"one after another", []Launch{l(Access{0, 0, 8, w}), l(Access{0, 0, 8, !w}, Access{1, 0, 8, w}), l(Access{1, 0, 8, !w}, Access{2, 0, 8, w})},
			[]bool{false, true, true}}, // the first finds no open use of its own: a barrier stands between
		{"side by side", []Launch{l(Access{0, 0, 8, !w}, Access{1, 0, 8, w}), l(Access{0, 0, 8, !w}, Access{1, 8, 16, w}), l(Access{1, 0, 16, !w})},
			[]bool{true, false, true}},
		{"readers", []Launch{l(Access{0, 0, 8, !w}), l(Access{0, 0, 8, !w})}, []bool{false, false}},
		{"write after read", []Launch{l(Access{0, 0, 8, !w}, Access{1, 0, 4, w}), l(Access{0, 4, 12, w})}, []bool{true, true}},
		{"only with the step before", []Launch{l(Access{0, 0, 8, w}), l(Access{1, 0, 8, w})}, []bool{true, false}},
	} {
		s := Sequence{launches: x.list, barrier: make([]bool, len(x.list))}
		s.plan()
		if !slices.Equal(s.barrier, x.want) {
			t.Errorf("%s: barriers %v, want %v", x.name, s.barrier, x.want)
		}
	}
}
