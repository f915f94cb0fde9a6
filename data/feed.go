package data

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// A Feed hands batches of a set to a recorded step. Its Calls gather the step's rows into X; the targets of all steps
// of a Run are gathered at once, by Seek, and Labels, Values and Weights move over them from step to step. A feed is used by one goroutine at a
// time; feeds of one set do not disturb each other.
type Feed struct {
	X     backend.Tensor // Rows×Cols, filled by Calls; absent for a set of codes alone
	Calls []backend.Call

	// The step's targets, those that the set has.
	Labels, Values, Weights backend.Tensor
	Codes                   backend.Tensor // and its category codes

	set     *Set
	cfg     FeedConfig
	ring    *ring           // of a streamed set
	index   *backend.Buffer // Steps·Rows row numbers
	key     *backend.Buffer
	seek    *backend.Program
	host    []uint32
	buffers []*backend.Buffer
}

// FeedConfig says how a feed walks over its set.
type FeedConfig struct {
	Rows    int  // of a batch
	Steps   int  // the most steps of a Run
	Shuffle bool // a keyed permutation for each epoch, else the set's own order
	Seed    uint64
}

// Feed makes a feed of the set. The error names what makes no sense, or is the device's.
func (s *Set) Feed(cfg FeedConfig) (*Feed, error) {
	most := backend.MaxElements
	if s.Streamed() {
		most /= slots
	}
	if cfg.Rows < 1 || cfg.Steps < 1 || cfg.Rows > s.Len() || cfg.Steps > most/cfg.Rows/s.widest() {
		return nil, fmt.Errorf("data: %d steps of %d rows of %d values from a set of %d rows", cfg.Steps, cfg.Rows, s.Cols(), s.Len())
	}
	f := &Feed{set: s, cfg: cfg}
	n := cfg.Steps * cfg.Rows
	tableX, tableY := s.x, s.y
	if s.origin != nil {
		var err error
		if f.ring, err = newRing(s, cfg); err != nil {
			return nil, fmt.Errorf("data: a ring of %d batches of %d rows: %w", slots*cfg.Steps, cfg.Rows, err)
		}
		tableX, tableY = f.ring.tables()
	}
	var x *backend.Buffer
	var y [targetParts]*backend.Buffer
	for _, a := range []struct {
		buf  **backend.Buffer
		kind backend.Kind
		n    int
	}{
		{&x, backend.F32, cfg.Rows * s.Cols()},
		{&y[labels], backend.U32, n * s.y[labels].Cols},
		{&y[values], backend.F32, n * s.y[values].Cols},
		{&y[weights], backend.F32, n * s.y[weights].Cols},
		{&y[codes], backend.U32, n * s.y[codes].Cols},
		{&f.index, backend.U32, n},
		{&f.key, backend.U32, 4},
	} {
		if a.n == 0 {
			continue
		}
		buf, err := backend.Alloc(s.dev, a.kind, a.n)
		if err != nil {
			f.Release()
			return nil, fmt.Errorf("data: batches of %d rows: %w", cfg.Rows, err)
		}
		*a.buf = buf
		f.buffers = append(f.buffers, buf)
	}
	all := backend.Mat(f.index, 0, n, 1)
	step := backend.Mat(f.index, 0, cfg.Rows, 1).Advanced(cfg.Rows)
	if s.Cols() > 0 {
		f.X = backend.Mat(x, 0, cfg.Rows, s.Cols())
		f.Calls = []backend.Call{&backend.Gather{Dst: f.X, Table: tableX, Index: step, Then: s.then}}
	}
	var seek []backend.Call
	for part, t := range [targetParts]*backend.Tensor{&f.Labels, &f.Values, &f.Weights, &f.Codes} {
		if from := tableY[part]; from.Present() {
			*t = backend.Mat(y[part], 0, cfg.Rows, from.Cols).Advanced(cfg.Rows * from.Cols)
			seek = append(seek, &backend.Gather{Dst: backend.Mat(y[part], 0, n, from.Cols), Table: from, Index: all})
		}
	}
	if cfg.Shuffle && f.ring == nil {
		seek = append([]backend.Call{&backend.Permute{Dst: all, Key: backend.Row(f.key, 0, 4), N: s.Len()}}, seek...)
	} else {
		f.host = make([]uint32, n)
	}
	var err error
	if f.seek, err = backend.Record(s.dev, backend.Step{Calls: seek}); err != nil {
		f.Release()
		return nil, fmt.Errorf("data: batches of %d rows: %w", cfg.Rows, err)
	}
	return f, nil
}

// widest is the number of columns of the widest part of a row.
func (s *Set) widest() int {
	return max(s.x.Cols, s.y[labels].Cols, s.y[values].Cols, s.y[codes].Cols)
}

// FeedBytes is what a feed takes on the device: a step's inputs, and of all steps the targets, the codes and the rows' numbers,
// and a key; for a streamed set the ring besides.
func (s *Set) FeedBytes(cfg FeedConfig) int64 {
	each := 0
	for _, t := range s.y {
		each += t.Cols
	}
	rows, steps := int64(cfg.Rows), int64(cfg.Steps)
	n := 4 * (rows*int64(s.Cols()) + rows*steps*int64(each+1) + 4)
	if s.Streamed() {
		n += slots * rows * steps * int64(s.origin.x.Kind().Size()*s.Cols()+4*each)
	}
	return n
}

// Seek queues the order of the next Steps batches: those from row start of an epoch's order on. Batches past the
// epoch's end are of no use: their rows are zeros. The error is that of reading the rows of a streamed set.
func (f *Feed) Seek(epoch, start int) error {
	switch {
	case f.ring != nil:
		at, n, err := f.ring.seek(chunk{epoch, start})
		if err != nil {
			return err
		}
		for i := range f.host {
			if f.host[i] = uint32(at + i); i >= n {
				f.host[i] = backend.NoRow
			}
		}
		backend.Write(f.set.dev, f.index, 0, f.host)
	case f.cfg.Shuffle:
		key := [4]uint32{uint32(f.cfg.Seed), uint32(f.cfg.Seed >> 32), uint32(epoch), uint32(start)}
		backend.Write(f.set.dev, f.key, 0, key[:])
	default:
		for i := range f.host {
			f.host[i] = uint32(start + i) // past the end of the table, Gather gives zeros
		}
		backend.Write(f.set.dev, f.index, 0, f.host)
	}
	f.seek.Run(1)
	return nil
}

// Release gives the feed's memory back; the set stays.
func (f *Feed) Release() {
	f.seek.Release()
	if f.ring != nil {
		f.ring.release()
	}
	for _, b := range f.buffers {
		b.Release()
	}
}
