package gemm

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

// An inner kernel multiplies a tile's rows of A by panels of B. Element (r, j) of a panel's result is one chain of
// multiply-adds over ascending k, and load says what becomes of C. Distances are in bytes: aRow from row to row of A,
// aCol along k, bRow along k, cRow from row to row of C, bNext and cNext from panel to panel. k and panels are above 0.
// Of a panel only the first cols columns exist.
type inner func(a, b, c *float32, aRow, aCol, bRow, cRow, bNext, cNext, k, panels, cols, load int)

// Widths of a panel: all of it, more than half of it, or up to half of it; and four panels at once, for a single row of A.
const (
	whole = iota
	part
	narrow
	wide
	widths
)

const widePanels = 4

// What becomes of C: nothing, the chains start from it, or they are added to it.
const (
	ignore = iota
	chain
	add
)

// A set is the kernels for a set of instructions.
type set struct {
	rows, cols int             // of a tile
	inner      [widths][]inner // by width and rows − 1; without masks whole panels alone
	// transpose turns eight rows of src, srcRow bytes apart, into rows of eight, dstRow bytes apart.
	transpose func(dst, src *float32, dstRow, srcRow, cols int)
	// copyTiles copies n ≤ 8 numbers, and writes eight: panels times, srcNext and dstNext bytes on, from each of rows rows.
	// copyPanels copies and writes cols.
	copyTiles, copyPanels func(dst, src *float32, dstRow, srcRow, dstNext, srcNext, n, panels, rows int)
	strip                 int // bytes of B that stream fast enough: a core's second-level cache and some of the third
	cost                  float64
}

// Cost is about how many nanoseconds a multiply-add takes one worker.
func Cost() float64 { return choose().cost }

// cuts reports whether there are kernels for panels that are cut off.
func (s *set) cuts() bool { return len(s.inner[part]) > 0 }

// choose is the set of kernels for the instructions in use.
func choose() *set {
	if s := native(isa.Use()); s != nil {
		return s
	}
	return &generic
}
