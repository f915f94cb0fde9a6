package cpu

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu/internal/gemm"
)

// blockLen elements go through a chain at a time: they and the operands that have to be gathered for them fit the
// first-level cache.
const blockLen = 512

// A scratch is what one goroutine needs to compute: memory that is there before a program runs.
type scratch struct {
	v    [blockLen]float32
	x    [backend.MaxArgs][]float32 // operands of the op that runs, as long as the block, or 1 where broadcast
	tmp  [backend.MaxArgs][blockLen]float32
	e    backend.El
	fold [blockLen]float32 // results of a reduction on their way
	args [blockLen]uint32
	id   int // of the worker, from 0 up to the number of workers; the caller is number 0
}

// An exec is one run of calls: the caller's scratch, and memory that the calls of a program share one after another.
type exec struct {
	d    *device
	s    scratch
	pack []float32
	work []gemm.Work // by worker
}

// reserve makes the workers' memory hold what a product packs.
func (x *exec) reserve(p *gemm.Plan) {
	if x.work == nil {
		x.work = make([]gemm.Work, x.d.workers)
	}
	for i := range x.work {
		x.work[i].Reserve(p)
	}
}

// room makes the shared memory hold n numbers.
func (x *exec) room(n int) {
	if n > len(x.pack) {
		x.pack = make([]float32, n)
	}
}
