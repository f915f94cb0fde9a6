package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"unsafe"

	"github.com/gloss-ml/gloss/backend"
)

// Rows are inputs that do not lie on the device: in the host's memory ([FloatRows], [ByteRows]), in a file ([FileRows]), or
// wherever a program of its own finds them.
type Rows interface {
	// Len is the number of rows, Cols that of values in a row.
	Len() int
	Cols() int
	// Kind is F32, or U8 for bytes that batches see as byte/255.
	Kind() backend.Kind
	// ReadRows fills dst with the rows of those numbers, one after another, in the machine's byte order. It is called by one
	// goroutine for each feed of a set, at once by several.
	ReadRows(dst []byte, rows []uint32) error
}

// FloatRows are rows of cols floats in memory. They must not change while a set uses them.
func FloatRows(x []float32, cols int) (Rows, error) {
	n, err := rowsOf(len(x), cols)
	if err != nil {
		return nil, err
	}
	return memoryRows{raw(x), n, cols, backend.F32}, nil
}

// ByteRows are rows of cols bytes in memory. They must not change while a set uses them.
func ByteRows(x []byte, cols int) (Rows, error) {
	n, err := rowsOf(len(x), cols)
	if err != nil {
		return nil, err
	}
	return memoryRows{x, n, cols, backend.U8}, nil
}

// raw is the memory of x.
func raw[T backend.Elem](x []T) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}

type memoryRows struct {
	mem  []byte
	n    int
	cols int
	kind backend.Kind
}

func (r memoryRows) Len() int           { return r.n }
func (r memoryRows) Cols() int          { return r.cols }
func (r memoryRows) Kind() backend.Kind { return r.kind }

func (r memoryRows) ReadRows(dst []byte, rows []uint32) error {
	size := r.cols * r.kind.Size()
	for i, row := range rows {
		copy(dst[i*size:][:size], r.mem[int(row)*size:])
	}
	return nil
}

// FileRows are n rows of cols values of a file, from byte off on: bytes, or 32-bit floats in little-endian order. Rows that
// follow each other are read at once. An IDX file of images that is not compressed is one of bytes from byte 16 on.
func FileRows(f io.ReaderAt, off int64, kind backend.Kind, n, cols int) (Rows, error) {
	switch {
	case kind != backend.F32 && kind != backend.U8:
		return nil, fmt.Errorf("data: rows of %v: they can be of F32 or U8", kind)
	case off < 0 || n < 1 || cols < 1 || int64(n) > (math.MaxInt64-off)/int64(cols)/int64(kind.Size()):
		return nil, fmt.Errorf("data: %d rows of %d values from byte %d of a file", n, cols, off)
	case kind == backend.F32 && binary.NativeEndian.Uint16([]byte{1, 0}) != 1:
		return nil, errors.New("data: this machine has its floats in another byte order than the file")
	}
	if s, ok := f.(interface{ Stat() (os.FileInfo, error) }); ok {
		want := off + int64(n)*int64(cols)*int64(kind.Size())
		if info, err := s.Stat(); err == nil && info.Mode().IsRegular() && info.Size() < want {
			return nil, fmt.Errorf("data: %s has %d bytes, want %d for %d rows of %d %v from byte %d", info.Name(), info.Size(), want, n, cols, kind, off)
		}
	}
	return fileRows{f, off, n, cols, kind}, nil
}

type fileRows struct {
	f    io.ReaderAt
	off  int64
	n    int
	cols int
	kind backend.Kind
}

func (r fileRows) Len() int           { return r.n }
func (r fileRows) Cols() int          { return r.cols }
func (r fileRows) Kind() backend.Kind { return r.kind }

func (r fileRows) ReadRows(dst []byte, rows []uint32) error {
	size := r.cols * r.kind.Size()
	for len(rows) > 0 {
		k := 1
		for k < len(rows) && rows[k] == rows[0]+uint32(k) {
			k++
		}
		if n, err := r.f.ReadAt(dst[:k*size], r.off+int64(rows[0])*int64(size)); n < k*size {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("data: row %d of %d: %w", int(rows[0])+n/size, r.n, err)
		}
		dst, rows = dst[k*size:], rows[k:]
	}
	return nil
}

// Stream is a set whose inputs stay where they are: for those that the device has no room for. Each feed has a ring on the
// device, which the host fills with the rows of the steps to come while the device takes those before. Batches are the same,
// to the last bit, as those of a set that lies on the device. The targets' slices are used as they are and must not change.
//
// What a feed finds wrong while it reads ends the training that it feeds, with that error.
func Stream(dev backend.Backend, x Rows, y Target) (*Set, error) {
	n, cols, kind := x.Len(), x.Cols(), x.Kind()
	switch {
	case n < 1 || n > math.MaxInt32 || cols < 1 || kind != backend.F32 && kind != backend.U8:
		return nil, fmt.Errorf("data: a stream of %d rows of %d values of %v", n, cols, kind)
	}
	if err := y.check(n); err != nil {
		return nil, err
	}
	s := &Set{dev: dev, rows: n, label: mostOf(y.labels, y.cols[labels]), most: mostOf(y.codes, y.cols[codes]), origin: &origin{x: x}}
	if kind == backend.U8 {
		s.then = bytesThen
	}
	s.x = backend.Tensor{Rows: n, Cols: cols}
	for part, from := range [targetParts][]byte{raw(y.labels), raw(y.values), raw(y.weights), raw(y.codes)} {
		if c := y.cols[part]; c > 0 {
			s.y[part] = backend.Tensor{Rows: n, Cols: c}
			s.origin.y[part] = memoryRows{from, n, c, partKind[part]}
		}
	}
	return s, nil
}

// origin is where the rows of a streamed set are.
type origin struct {
	x Rows
	y [targetParts]memoryRows
}

// slots of a ring: one that the device reads, one that is full, and one that is being filled.
const slots = 3

// A ring has the rows of a feed's steps, slot by slot.
type ring struct {
	set   *Set
	cfg   FeedConfig
	x     *backend.Staging
	y     [targetParts]*backend.Staging
	slot  int           // of the last Seek
	used  backend.Mark  // behind the programs that read the slot before
	ahead chan struct{} // closed when what is filled ahead is full; nil where nothing is
	next  chunk         // that it is
	err   error         // of filling it
	first int           // row that the epoch's first chunk began with
	epoch int           // of the last Seek; −1 before the first
	order []uint32      // of the rows being filled
}

// chunk is what one Seek is about.
type chunk struct{ epoch, start int }

func newRing(s *Set, cfg FeedConfig) (*ring, error) {
	r := &ring{set: s, cfg: cfg, slot: slots - 1, epoch: -1, order: make([]uint32, cfg.Steps*cfg.Rows)}
	n := slots * len(r.order)
	var err error
	if r.x, err = backend.Stage(s.dev, s.origin.x.Kind(), n*s.x.Cols); err != nil {
		return nil, err
	}
	for part, t := range s.y {
		if t.Cols > 0 && err == nil {
			r.y[part], err = backend.Stage(s.dev, partKind[part], n*t.Cols)
		}
	}
	if err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

// tables are what the feed gathers from.
func (r *ring) tables() (x backend.Tensor, y [targetParts]backend.Tensor) {
	n := slots * len(r.order)
	x = backend.Mat(r.x.Buf, 0, n, r.set.x.Cols)
	for part, s := range r.y {
		if s != nil {
			y[part] = backend.Mat(s.Buf, 0, n, r.set.y[part].Cols)
		}
	}
	return x, y
}

// rows are how many of a chunk are not past the epoch's end.
func (r *ring) rows(c chunk) int { return max(0, min(len(r.order), r.set.rows-c.start)) }

// seek sees to it that a slot has the chunk's rows, and has the next one filled meanwhile. It gives the ring's row of the
// first, and how many there are.
func (r *ring) seek(c chunk) (at, n int, err error) {
	if !r.cfg.Shuffle {
		c.epoch = 0
	}
	used := backend.MarkQueue(r.set.dev)
	r.wait()
	if r.ahead == nil || r.next != c || r.err != nil {
		r.fill((r.slot+1)%slots, c)
	}
	r.ahead = nil
	if r.err != nil {
		return 0, 0, r.err
	}
	r.slot = (r.slot + 1) % slots
	if r.epoch != c.epoch {
		r.epoch, r.first = c.epoch, c.start
	}
	// The slot after this one was read by what was queued before the Seek before.
	if r.used != nil {
		if err := r.used.Wait(); err != nil {
			return 0, 0, err
		}
	}
	r.used = used
	r.next = r.after(c)
	r.ahead = make(chan struct{})
	go func(slot int, done chan<- struct{}) {
		defer close(done)
		r.fill(slot, r.next)
	}((r.slot+1)%slots, r.ahead)
	return r.slot * len(r.order), r.rows(c), nil
}

// after is the chunk that a training most likely asks for next.
func (r *ring) after(c chunk) chunk {
	if c.start += len(r.order); c.start+r.cfg.Rows > r.set.rows {
		c = chunk{c.epoch + 1, r.first}
	}
	if !r.cfg.Shuffle {
		c.epoch = 0
	}
	return c
}

// wait waits for what is being filled.
func (r *ring) wait() {
	if r.ahead != nil {
		<-r.ahead
	}
}

// fill reads a chunk's rows into a slot, and keeps what went wrong.
func (r *ring) fill(slot int, c chunk) {
	order := r.order[:r.rows(c)]
	if r.cfg.Shuffle {
		o := backend.NewOrder([4]uint32{uint32(r.cfg.Seed), uint32(r.cfg.Seed >> 32), uint32(c.epoch)}, uint32(r.set.rows))
		o.Fill(order, uint32(c.start))
	} else {
		for i := range order {
			order[i] = uint32(c.start + i)
		}
	}
	src := r.set.origin
	r.err = fillPart(r.x, src.x, slot*len(r.order), order)
	for part, s := range r.y {
		if s != nil && r.err == nil {
			r.err = fillPart(s, src.y[part], slot*len(r.order), order)
		}
	}
}

func fillPart(s *backend.Staging, from Rows, at int, order []uint32) error {
	return s.Fill(at*from.Cols(), len(order)*from.Cols(), func(dst []byte) error { return from.ReadRows(dst, order) })
}

func (r *ring) release() {
	r.wait()
	r.x.Release()
	for _, s := range r.y {
		s.Release()
	}
}
