package cpu

import "github.com/gloss-ml/gloss/backend"

const (
	// blockLen elements go through a chain at a time: they and the operands that have to be gathered for them fit the
	// first-level cache.
	blockLen = 512

	tileRows = 32  // of a product; see product.split
	tileCols = 192 // the most for which gonum starts no goroutines
)

// A scratch is what one goroutine needs to compute: memory that is there before a program runs.
type scratch struct {
	v    [blockLen]float32
	x    [backend.MaxArgs][]float32 // operands of the op that runs, as long as the block, or 1 where broadcast
	tmp  [backend.MaxArgs][blockLen]float32
	e    backend.El
	tile [tileRows * tileCols]float32
	fold [blockLen]float32 // results of a reduction on their way
	args [blockLen]uint32
}

// An exec is one run of calls: the caller's scratch, and memory that the calls of a program share one after another.
type exec struct {
	d    *device
	s    scratch
	pack []float32
}

// room makes the shared memory hold n numbers.
func (x *exec) room(n int) {
	if n > len(x.pack) {
		x.pack = make([]float32, n)
	}
}
