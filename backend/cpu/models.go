package cpu

import (
	"sync/atomic"

	"github.com/gloss-ml/gloss/backend"
)

// Models that leave each other alone are shared among the workers, each with memory of its own: the calls of small networks are too
// short to be shared themselves, and none waits for another's.

// track is what a worker needs to carry out a step's calls.
type track struct {
	x      *exec
	stages []stage
}

// run does the calls at a step of a model.
func (t *track) run(at backend.At) {
	for _, s := range t.stages {
		s.run(t.x, at)
	}
}

// count tells the device of so many runs.
func (t *track) count(runs int) { t.x.d.Calls.Add(int64(runs * len(t.stages))) }

// tracks compiles the calls once for each worker, or once for all where the models do not leave each other alone.
func (d *device) tracks(s backend.Step) []track {
	n := 1
	if s.Models > 1 && backend.Independent(s, false) {
		n = min(d.workers, s.Models)
	}
	all := make([]track, n)
	for i := range all {
		all[i].x = &exec{d: d}
		for _, c := range s.Calls {
			all[i].stages = append(all[i].stages, d.build(c, all[i].x))
		}
	}
	return all
}

// models is the task of some steps of all models: chunk i is those of track i.
type models struct {
	p        *program
	first, n int // steps
}

func (m *models) chunk(_ *scratch, i int) {
	t, tracks := &m.p.tracks[i], len(m.p.tracks)
	done := 0
	defer func() { t.count(done) }()
	for model := i * m.p.models / tracks; model < (i+1)*m.p.models/tracks; model++ {
		for step := m.first; step < m.first+m.n; step++ {
			if m.p.d.Err() != nil {
				return
			}
			t.run(backend.At{Step: step, Model: model})
			done++
		}
	}
}

// runTracks does n steps, and begins none once stop is set.
func (p *program) runTracks(n int, stop *atomic.Bool) int {
	some := n
	if stop != nil {
		some = 1
	}
	for step := 0; step < n; step += some {
		if stop != nil && stop.Load() {
			return step
		}
		p.task.first, p.task.n = step, some
		p.d.pool.run(&p.task, len(p.tracks), &p.tracks[0].x.s)
	}
	return n
}
