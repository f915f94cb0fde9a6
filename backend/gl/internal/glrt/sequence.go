//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"sync/atomic"
)

// Sequence is a list of launches that is replayed as one message: everything is resolved when it is made, the barriers
// too, and a run costs the thread one call of C.
type Sequence struct {
	launches []Launch // with them the buffers live
	tape     tape
	barrier  []bool // before launch i
	final    []touch
	free     chan *sequenceCmd // those that are not queued
}

// maxAhead is how many runs of a sequence may be queued at once. Their commands are made with it, so that Run allocates
// nothing however far the host is ahead; beyond it, Run waits.
const maxAhead = 64

// NewSequence compiles the kernels of the launches and places the barriers. It waits. The launches are kept and must
// not be changed.
func (d *Device) NewSequence(launches []Launch) (*Sequence, error) {
	kernels := make([]*Kernel, len(launches))
	for i := range launches {
		kernels[i] = launches[i].Kernel
	}
	if err := d.Compile(kernels...); err != nil {
		return nil, err
	}
	s := &Sequence{launches: launches, barrier: make([]bool, len(launches)), free: make(chan *sequenceCmd, maxAhead)}
	for range maxAhead {
		s.free <- &sequenceCmd{seq: s}
	}
	s.plan()
	for i := range launches {
		if err := s.tape.add(&launches[i], s.barrier[i]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// plan walks through two steps, so that a barrier stands also where a step meets the end of the one before it. The
// ranges of the accesses cover all steps, so the second step's barriers are right for every later one.
func (s *Sequence) plan() {
	var h hazard
	for range 2 {
		for i := range s.launches {
			l := &s.launches[i]
			if h.conflicts(l) {
				s.barrier[i] = true
			}
			// A barrier that an earlier pass found is there in every step.
			if s.barrier[i] {
				h.forget()
			}
			h.add(l)
		}
	}
	s.final = h.open
}

type sequenceCmd struct {
	seq      *Sequence
	first, n int
}

func (c *sequenceCmd) weight() int  { return 0 }
func (c *sequenceCmd) finish(error) { c.seq.free <- c }

func (c *sequenceCmd) run(d *Device) error {
	_, err := c.seq.issue(d, c.first, c.n, nil)
	return err
}

// issue gives the device n steps, and none once stop is set. It returns how many.
func (s *Sequence) issue(d *Device, first, n int, stop *atomic.Bool) (int, error) {
	if len(s.launches) == 0 || n <= 0 || stop != nil && stop.Load() {
		return 0, nil
	}
	if len(d.hazard.open) > 0 {
		d.hazard.barrier(d) // the plan knows nothing of what came before
	}
	some := n // in one call of C, unless something is to be looked at in between
	if stop != nil || d.debug {
		some = s.stride()
	}
	done := 0
	for done < n && (stop == nil || !stop.Load()) {
		k := min(some, n-done)
		if d.debug {
			for i, l := range s.launches {
				d.replay(&s.tape, i, 1, first+done, k, i > 0 || done > 0)
				if err := d.check(); err != nil {
					return done, fmt.Errorf("%w after kernel %s, launch %d of step %d of a sequence", err, l.Kernel.Name, i, first+done)
				}
			}
		} else {
			d.replay(&s.tape, 0, len(s.launches), first+done, k, done > 0)
		}
		done += k
	}
	d.hazard.open = append(d.hazard.open[:0], s.final...)
	d.hazard.hostDirty = true
	return done, nil
}

// stride is how many steps go by at once.
func (s *Sequence) stride() int {
	if len(s.launches) == 0 {
		return 1
	}
	return max(1, s.launches[0].Steps)
}

// dispatches is how many n steps take.
func (s *Sequence) dispatches(n int) int64 {
	return int64((n + s.stride() - 1) / s.stride() * len(s.launches))
}

// Run queues the steps first, first+1, ... first+n-1 of the sequence.
func (d *Device) Run(s *Sequence, first, n int) {
	d.counters.dispatches.Add(s.dispatches(n))
	if len(s.free) == 0 {
		d.queue.lent.help()
	}
	c := <-s.free
	c.first, c.n = first, n
	d.queue.put(c)
}

// RunUntil is Run that begins no step once stop is set. It waits until the device was given the others, and returns how many
// those are; all of them from a device that has failed.
func (d *Device) RunUntil(s *Sequence, first, n int, stop *atomic.Bool) int {
	c := &untilCmd{waiter: newWaiter(), seq: s, first: first, n: n, stop: stop}
	if d.wait(c, &c.waiter) != nil {
		return n
	}
	d.counters.dispatches.Add(s.dispatches(c.done))
	return c.done
}

type untilCmd struct {
	waiter
	seq            *Sequence
	first, n, done int
	stop           *atomic.Bool
}

func (c *untilCmd) run(d *Device) (err error) {
	c.done, err = c.seq.issue(d, c.first, c.n, c.stop)
	return err
}
