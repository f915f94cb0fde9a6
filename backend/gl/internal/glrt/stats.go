//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"sync/atomic"
	"time"
)

// Stats counts what the device was asked for since it was opened. Only live values ever fall.
type Stats struct {
	Dispatches, Barriers, Waits   int64
	Submits                       int64 // calls that gave the driver launches: one for a run of a sequence, however long
	Reads, Writes, Allocs         int64
	BytesRead, BytesWritten       int64
	LiveBuffers, LiveBytes        int64
	CachedBytes, Kernels, Created int64 // free list, programs compiled, buffer objects made

	Busy time.Duration // the device's own time, all of it that had been queued before the last Sync, Read or Close
}

type counters struct {
	dispatches, barriers, waits atomic.Int64
	submits                     atomic.Int64
	reads, writes, allocs       atomic.Int64
	bytesRead, bytesWritten     atomic.Int64
	liveBuffers, liveBytes      atomic.Int64
	cachedBytes, created        atomic.Int64
}

// Stats may be called at any time. Dispatches count when they are queued, barriers when the thread comes to them.
func (d *Device) Stats() Stats {
	c := &d.counters
	d.kernels.mu.Lock()
	kernels := len(d.kernels.all)
	d.kernels.mu.Unlock()
	return Stats{
		Dispatches: c.dispatches.Load(), Barriers: c.barriers.Load(), Waits: c.waits.Load(), Submits: c.submits.Load(),
		Reads: c.reads.Load(), Writes: c.writes.Load(), Allocs: c.allocs.Load(),
		BytesRead: c.bytesRead.Load(), BytesWritten: c.bytesWritten.Load(),
		LiveBuffers: c.liveBuffers.Load(), LiveBytes: c.liveBytes.Load(),
		CachedBytes: c.cachedBytes.Load(), Kernels: int64(kernels), Created: c.created.Load(),
		Busy: time.Duration(d.timer.total.Load()),
	}
}
