package main

import (
	"context"
	"errors"
	"time"

	"github.com/gloss-ml/gloss/nn"
)

// A batcher collects rows that come at about the same time: a network takes hardly longer for 32 of them than for one.
type batcher struct {
	model *nn.Model
	rows  chan request
	gone  chan struct{}
}

type request struct {
	x      []float32
	answer chan<- answer // has room for one
}

type answer struct {
	y   []float32
	err error
}

const (
	most = 32                     // rows of a batch
	wait = 500 * time.Microsecond // for others, once one is there
)

func newBatcher(m *nn.Model) *batcher {
	b := &batcher{model: m, rows: make(chan request, 4*most), gone: make(chan struct{})}
	go b.run()
	return b
}

var errStopped = errors.New("the server is stopping")

// predict waits for the outputs of one row.
func (b *batcher) predict(ctx context.Context, x []float32) ([]float32, error) {
	got := make(chan answer, 1)
	select {
	case b.rows <- request{x, got}:
	case <-b.gone:
		return nil, errStopped
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case a := <-got:
		return a.y, a.err
	case <-b.gone:
		return nil, errStopped
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (b *batcher) stop() { close(b.gone) }

func (b *batcher) run() {
	var batch []request
	for {
		select {
		case r := <-b.rows:
			batch = b.fill(append(batch[:0], r))
			b.answer(batch)
		case <-b.gone:
			return
		}
	}
}

// fill waits a moment for more.
func (b *batcher) fill(batch []request) []request {
	late := time.After(wait)
	for len(batch) < most {
		select {
		case r := <-b.rows:
			batch = append(batch, r)
		case <-late:
			return batch
		}
	}
	return batch
}

// answer sends a batch through the network, filled up with rows of zeros: a model keeps the plan of one number of rows.
func (b *batcher) answer(batch []request) {
	in, out := b.model.Inputs(), b.model.Outputs()
	x, y := make([]float32, most*in), make([]float32, most*out)
	for i, r := range batch {
		copy(x[i*in:], r.x)
	}
	err := b.model.PredictInto(y, x)
	for i, r := range batch {
		r.answer <- answer{y[i*out : (i+1)*out], err}
	}
}
