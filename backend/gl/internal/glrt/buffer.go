//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import "sync/atomic"

// Buffer is memory on the device. It is given back by Release only: whoever wraps it sees to buffers that are dropped.
// Commands hold the *Buffer, never the bare GL name, and Release takes its turn in the queue behind them.
type Buffer struct {
	Size     int // bytes asked for
	block    *block
	device   *Device
	released atomic.Bool
}

// block is a GL buffer object; it outlives the Buffers that borrow it, through the free list.
type block struct {
	id    uint32
	bytes int // its size class
	size  int // what the present Buffer asked for
	host  *Mapping
}

type allocCmd struct {
	waiter
	size   int
	mapped bool
	block  *block
	err    error
}

// run keeps a refusal apart from the device's failure: who asked gets it, and the device goes on.
func (c *allocCmd) run(d *Device) error {
	if err := d.earlier(); err != nil {
		return err
	}
	c.block, c.err = d.pool.get(c.size, c.mapped)
	return d.private(c.err)
}

func (c *allocCmd) finish(err error) {
	if err == nil {
		err = c.err
	}
	c.done <- err
}

// Alloc waits for memory of size bytes, all zero.
func (d *Device) Alloc(size int) (*Buffer, error) { return d.alloc(size, false) }

func (d *Device) alloc(size int, mapped bool) (*Buffer, error) {
	d.counters.allocs.Add(1)
	var c *allocCmd
	for attempt := 0; ; attempt++ {
		d.pool.collect(size, attempt)
		c = &allocCmd{waiter: newWaiter(), size: size, mapped: mapped}
		err := d.wait(c, &c.waiter)
		if err == nil {
			break
		}
		// Buffers that were dropped without Release are found by the garbage collector, which knows nothing of the
		// device's memory: it is asked, twice, because a cleanup runs after the collection that found it.
		if _, full := err.(*MemoryError); !full || attempt == 2 {
			return nil, err
		}
	}
	return &Buffer{Size: size, block: c.block, device: d}, nil
}

// freeCmd marks the place in the queue after which a block may serve others. Its finish does it, so that memory comes
// back also from a device that has failed.
type freeCmd struct {
	pool  *pool
	block *block
}

func (c *freeCmd) run(*Device) error { return nil }
func (c *freeCmd) weight() int       { return 0 }
func (c *freeCmd) finish(error)      { c.pool.drop(c.block) }

// Release gives the memory back, after everything queued before. A second call does nothing. It never waits: the
// collector's goroutine calls it too.
func (b *Buffer) Release() {
	if b.released.Swap(true) {
		return
	}
	b.device.queue.force(&freeCmd{&b.device.pool, b.block})
}
