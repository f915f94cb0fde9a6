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
	if cfg.Rows < 1 || cfg.Steps < 1 || cfg.Rows > s.Len() || cfg.Steps > backend.MaxElements/cfg.Rows/s.widest() {
		return nil, fmt.Errorf("data: %d steps of %d rows of %d values from a set of %d rows", cfg.Steps, cfg.Rows, s.Cols(), s.Len())
	}
	f := &Feed{set: s, cfg: cfg}
	n := cfg.Steps * cfg.Rows
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
	if s.x.Present() {
		f.X = backend.Mat(x, 0, cfg.Rows, s.Cols())
		f.Calls = []backend.Call{&backend.Gather{Dst: f.X, Table: s.x, Index: step, Then: s.then}}
	}
	var seek []backend.Call
	for part, t := range [targetParts]*backend.Tensor{&f.Labels, &f.Values, &f.Weights, &f.Codes} {
		if from := s.y[part]; from.Present() {
			*t = backend.Mat(y[part], 0, cfg.Rows, from.Cols).Advanced(cfg.Rows * from.Cols)
			seek = append(seek, &backend.Gather{Dst: backend.Mat(y[part], 0, n, from.Cols), Table: from, Index: all})
		}
	}
	if cfg.Shuffle {
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

// Seek queues the order of the next Steps batches: those from row start of an epoch's order on. Batches past the
// epoch's end are of no use: their rows are zeros.
func (f *Feed) Seek(epoch, start int) {
	if f.cfg.Shuffle {
		key := [4]uint32{uint32(f.cfg.Seed), uint32(f.cfg.Seed >> 32), uint32(epoch), uint32(start)}
		backend.Write(f.set.dev, f.key, 0, key[:])
	} else {
		for i := range f.host {
			f.host[i] = uint32(start + i) // past the end of the table, Gather gives zeros
		}
		backend.Write(f.set.dev, f.index, 0, f.host)
	}
	f.seek.Run(1)
}

// Release gives the feed's memory back; the set stays.
func (f *Feed) Release() {
	f.seek.Release()
	for _, b := range f.buffers {
		b.Release()
	}
}
