//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"unsafe"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// syncCmd waits for the device itself, not only for its thread.
type syncCmd struct{ waiter }

func (c *syncCmd) run(d *Device) error {
	d.timer.end()
	gl.Finish()
	d.timer.collect()
	return d.earlier()
}

// Sync waits for everything that was queued and returns the device's failure.
func (d *Device) Sync() error {
	c := &syncCmd{newWaiter()}
	return d.wait(c, &c.waiter)
}

// smallWrite is the size up to which Write copies the data and returns at once. Beyond it the copy costs more than the
// round trip, and would hold memory that the queue is there to bound.
const smallWrite = 1 << 20

// keptWrite is the largest copy whose memory is kept for the next.
const keptWrite = 16 << 10

type writeCmd struct {
	buf  *Buffer
	off  int
	data []byte
}

var writes freelist[writeCmd]

func (c *writeCmd) run(d *Device) error { return c.buf.upload(d, c.off, c.data) }
func (c *writeCmd) weight() int         { return len(c.data) }
func (c *writeCmd) finish(error) {
	c.buf, c.data = nil, c.data[:0]
	if cap(c.data) <= keptWrite {
		writes.put(c)
	}
}

type bigWriteCmd struct {
	waiter
	buf  *Buffer
	off  int
	data []byte
}

func (c *bigWriteCmd) run(d *Device) error { return c.buf.upload(d, c.off, c.data) }

func (b *Buffer) upload(d *Device, off int, data []byte) error {
	d.hazard.host(d)
	d.state.copyTarget(b.block.id)
	gl.BufferSubData(gl.COPY_WRITE_BUFFER, off, len(data), unsafe.Pointer(&data[0]))
	return nil
}

// Write copies data to the buffer, in order with everything queued before. The caller may change data when it returns.
func (d *Device) Write(b *Buffer, off int, data []byte) {
	if len(data) == 0 {
		return
	}
	d.counters.writes.Add(1)
	d.counters.bytesWritten.Add(int64(len(data)))
	if len(data) > smallWrite {
		c := &bigWriteCmd{newWaiter(), b, off, data}
		_ = d.wait(c, &c.waiter) // the failure is kept: it is for those who read
		return
	}
	c := writes.get()
	c.buf, c.off, c.data = b, off, append(c.data[:0], data...)
	d.queue.put(c)
}

type readCmd struct {
	waiter
	buf  *Buffer
	off  int
	data []byte
}

func (c *readCmd) run(d *Device) error {
	d.timer.end()
	d.hazard.host(d)
	d.state.copyTarget(c.buf.block.id)
	// Before data is touched: what failed earlier leaves it alone.
	if err := d.earlier(); err != nil {
		return err
	}
	gl.GetBufferSubData(gl.COPY_WRITE_BUFFER, c.off, len(c.data), unsafe.Pointer(&c.data[0]))
	if err := d.check(); err != nil {
		return fmt.Errorf("%w while reading %d bytes", err, len(c.data))
	}
	d.timer.collect()
	return nil
}

// Read waits for everything that was queued and fills data from the buffer.
func (d *Device) Read(b *Buffer, off int, data []byte) error {
	d.counters.reads.Add(1)
	d.counters.bytesRead.Add(int64(len(data)))
	if len(data) == 0 {
		return d.Sync()
	}
	c := &readCmd{newWaiter(), b, off, data}
	return d.wait(c, &c.waiter)
}

// launchCmd is one launch, copied into memory of its own.
type launchCmd struct{ Launch }

var launches freelist[launchCmd]

func (c *launchCmd) run(d *Device) error { return d.dispatch(&c.Launch) }
func (c *launchCmd) weight() int         { return 0 }
func (c *launchCmd) finish(error) {
	clear(c.Buffers)
	c.Kernel, c.Buffers, c.Uniforms, c.Access = nil, c.Buffers[:0], c.Uniforms[:0], c.Access[:0]
	launches.put(c)
}

// Launch queues one launch. It is copied: the caller may change and reuse l.
func (d *Device) Launch(l *Launch) {
	d.counters.dispatches.Add(1)
	c := launches.get()
	c.Kernel, c.Groups = l.Kernel, l.Groups
	c.Buffers = append(c.Buffers[:0], l.Buffers...)
	c.Ranges = append(c.Ranges[:0], l.Ranges...)
	c.Uniforms = append(c.Uniforms[:0], l.Uniforms...)
	c.Access = append(c.Access[:0], l.Access...)
	d.queue.put(c)
}
