package backend

import (
	"sync"
	"sync/atomic"
	"time"
)

// Stats counts what a device has done since it was opened. A training step's budget (no read, no wait, no alloc, so
// many dispatches) is a difference of two Stats.
type Stats struct {
	Calls        int64 // calls carried out, one for each replay
	Dispatches   int64 // kernels launched
	Barriers     int64 // memory barriers between kernels
	Submits      int64 // times that kernels were handed to a driver: once for each Run of a program, however many it launches
	Waits        int64 // times the host waited for the device
	Reads        int64 // Read calls
	Writes       int64 // Write calls
	Allocs       int64 // Alloc calls
	BytesRead    int64
	BytesWritten int64
	LiveBuffers  int64 // allocated and not released
	LiveBytes    int64

	// Busy is the time that the device itself was at work on calls, which proves that it was: a GPU's by its own clock
	// (a software renderer's by the system's), the CPU's from entry to return, added up over goroutines. What is queued is
	// counted once a Sync or Read has waited for it.
	Busy time.Duration
}

// Sub returns s − t, field by field but for LiveBuffers and LiveBytes, which are s's.
func (s Stats) Sub(t Stats) Stats {
	s.Calls -= t.Calls
	s.Dispatches -= t.Dispatches
	s.Barriers -= t.Barriers
	s.Submits -= t.Submits
	s.Waits -= t.Waits
	s.Reads -= t.Reads
	s.Writes -= t.Writes
	s.Allocs -= t.Allocs
	s.BytesRead -= t.BytesRead
	s.BytesWritten -= t.BytesWritten
	s.Busy -= t.Busy
	return s
}

// Common is what every backend embeds: its identity, whether it is closed, its first failure, and its counters.
// The zero value is an open backend.
type Common struct {
	closed atomic.Bool
	mu     sync.Mutex
	err    error
	failed atomic.Bool

	Calls, Dispatches, Barriers, Waits            atomic.Int64
	reads, writes, allocs, bytesRead, bytesWrites atomic.Int64
	live, liveBytes                               atomic.Int64
	busy                                          atomic.Int64
}

func (c *Common) common() *Common { return c }

// Embedding Common is what makes a type of another package a Backend.
var _ interface{ common() *Common } = (*Common)(nil)

// Stats implements [Backend].
func (c *Common) Stats() Stats {
	return Stats{
		Calls: c.Calls.Load(), Dispatches: c.Dispatches.Load(), Barriers: c.Barriers.Load(), Waits: c.Waits.Load(),
		Reads: c.reads.Load(), Writes: c.writes.Load(), Allocs: c.allocs.Load(),
		BytesRead: c.bytesRead.Load(), BytesWritten: c.bytesWrites.Load(),
		LiveBuffers: c.live.Load(), LiveBytes: c.liveBytes.Load(),
		Busy: time.Duration(c.busy.Load()),
	}
}

// Worked adds the time since start to Stats.Busy, for devices that work on the caller's goroutine.
func (c *Common) Worked(start time.Time) { c.busy.Add(int64(time.Since(start))) }

// Fail keeps err as the device's failure if it is the first.
func (c *Common) Fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil && err != nil {
		c.err = err
		c.failed.Store(true)
	}
}

// Err returns the device's first failure. Reading it does not clear it.
func (c *Common) Err() error {
	if !c.failed.Load() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Shut marks the backend closed and reports whether it was open. Close calls it first.
func (c *Common) Shut() bool { return !c.closed.Swap(true) }

// Closed reports whether Shut has been called.
func (c *Common) Closed() bool { return c.closed.Load() }

// Fail injects a device failure into b, as if a kernel had met it. Tests use it.
func Fail(b Backend, err error) { b.common().Fail(err) }
