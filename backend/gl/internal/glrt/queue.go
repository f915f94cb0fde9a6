//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// command is a piece of work for the thread. Commands are plain structs, pooled where they are frequent: a closure per
// kernel would be an allocation per kernel.
type command interface {
	// run does the work on the thread, with the context current.
	run(d *Device) error
	// finish follows run, with its error, or comes in its place, with the device's failure. It wakes who waits and
	// gives the struct back.
	finish(err error)
	// weight is about how many bytes the command keeps alive on the host while it is queued.
	weight() int
}

// Bounds of what may wait in the queue: beyond them, whoever queues waits for the thread.
const (
	maxQueued      = 4096
	maxQueuedBytes = 32 << 20
)

type queue struct {
	mu      sync.Mutex
	work    sync.Cond // the thread waits here
	room    sync.Cond // producers wait here
	pending []command
	bytes   int
	closed  bool
	lent    *lent // nil where the thread is the device's own
}

func (q *queue) init() {
	q.work.L, q.room.L = &q.mu, &q.mu
}

// put queues c, or finishes it at once where the queue is closed.
func (q *queue) put(c command) {
	w := c.weight()
	q.mu.Lock()
	for !q.closed && len(q.pending) > 0 && (len(q.pending) >= maxQueued || q.bytes+w > maxQueuedBytes) {
		if q.lent.here() {
			q.mu.Unlock()
			q.lent.work()
			q.mu.Lock()
		} else {
			q.room.Wait()
		}
	}
	if q.closed {
		q.mu.Unlock()
		c.finish(ErrClosed)
		return
	}
	q.add(c, w)
	q.mu.Unlock()
}

// force queues c even where the queue is full: for commands that hold nothing.
func (q *queue) force(c command) {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		c.finish(ErrClosed)
		return
	}
	q.add(c, 0)
	q.mu.Unlock()
}

func (q *queue) add(c command, weight int) {
	q.pending = append(q.pending, c)
	q.bytes += weight
	if len(q.pending) == 1 {
		q.work.Signal()
	}
}

// take gives the thread all that is queued, in exchange for the slice of the last batch; nothing when the queue is closed
// and empty, or empty and wait is false.
func (q *queue) take(last []command, wait bool) []command {
	clear(last) // a command that was run keeps nothing alive
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.pending) == 0 {
		if q.closed || !wait {
			return nil
		}
		q.work.Wait()
	}
	batch := q.pending
	q.pending, q.bytes = last[:0], 0
	q.room.Broadcast()
	return batch
}

// idle reports whether the thread would have to wait for more.
func (q *queue) idle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.pending) == 0
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.work.Broadcast()
	q.room.Broadcast()
	q.mu.Unlock()
}

// over reports whether nothing is queued and nothing will be.
func (q *queue) over() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed && len(q.pending) == 0
}

// loop runs batches until the queue is closed.
func (d *Device) loop() {
	for batch := d.queue.take(nil, true); batch != nil; batch = d.queue.take(batch, true) {
		d.runBatch(batch)
	}
}

func (d *Device) runBatch(batch []command) {
	for i, c := range batch {
		err := d.Err()
		if err == nil {
			err = d.guarded(c)
			d.fail(err)
		}
		batch[i] = nil // before finish: the collector may take its buffers as soon as nobody else holds them
		c.finish(err)
	}
	d.endBatch(len(batch))
}

// guarded runs c and turns a panic into the device's failure: nobody could recover from it on this goroutine.
func (d *Device) guarded(c command) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("gl: panic on the device's thread: %v\n%s", p, debug.Stack())
		}
	}()
	err = c.run(d)
	if err == nil && d.debug {
		if err = d.check(); err != nil {
			err = fmt.Errorf("%w after %s", err, describe(c))
		}
	}
	return err
}

// endBatch looks for errors that no command asked for and returns what the collector found to be dropped.
func (d *Device) endBatch(n int) {
	// A device that has failed is asked too: what is given back must know whether the context is still there.
	if err := d.check(); err != nil {
		d.fail(fmt.Errorf("%w in one of the last %d commands%s", err, n, hint(d)))
	}
	if !d.lost {
		d.timer.end()
	}
	d.pool.reclaim()
	if d.queue.idle() && !d.lost {
		d.state.flush()
	}
}

// describe names a command for an error message.
func describe(c command) string {
	switch c := c.(type) {
	case *launchCmd:
		return "kernel " + c.Kernel.Name
	default:
		return fmt.Sprintf("%T", c)
	}
}

// waiter is the part of a command that somebody waits for.
type waiter struct{ done chan error }

func newWaiter() waiter { return waiter{make(chan error, 1)} }

func (w *waiter) finish(err error) { w.done <- err }
func (w *waiter) weight() int      { return 0 }

// wait queues c and waits for it.
func (d *Device) wait(c command, w *waiter) error {
	d.counters.waits.Add(1)
	d.queue.put(c)
	d.queue.lent.help()
	return <-w.done
}
