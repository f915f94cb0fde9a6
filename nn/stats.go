package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// stats are the numbers that a model keeps beside its parameters, with no gradient: running means and variances. They
// lie in a buffer of their own.
type stats struct {
	all  []stat
	size int
	buf  *backend.Buffer
}

type stat struct {
	name    string
	n, off  int
	initial float32
}

// Stat stands for a row of running statistics of a model.
type Stat int

// Stat declares a row of n numbers that starts from initial, has no gradient, and is kept with the model.
func (s *Scope) Stat(role string, n int, initial float32) Stat {
	all := &s.model.stats
	all.all = append(all.all, stat{s.name + role, n, all.size, initial})
	all.size += aligned(n)
	return Stat(len(all.all) - 1)
}

// Stat is the place of a row of running statistics.
func (p *Plan) Stat(h Stat) backend.Tensor {
	s := &p.model.stats.all[h]
	return backend.Row(p.model.stats.buf, s.off, s.n)
}

// After has f append calls behind the update: for what a step leaves behind besides its parameters, which is to stay as
// it was where p.OK has fallen.
func (p *Plan) After(f func()) {
	place := p.place
	p.after = append(p.after, func() {
		p.place = place
		f()
	})
}

// initStats sets the statistics to where they start.
func (m *Model) initStats() {
	if m.stats.size == 0 {
		return
	}
	all := make([]float32, m.stats.size)
	for _, s := range m.stats.all {
		for i := range s.n {
			all[s.off+i] = s.initial
		}
	}
	backend.Write(m.dev, m.stats.buf, 0, all)
}

// RunningStat is a row of running statistics by its name: "1.running_mean".
type RunningStat struct {
	Name   string
	Values []float32
}

// RunningStats reads what the model's normalisations have learned about their inputs, in the order of the layers.
func (m *Model) RunningStats() ([]RunningStat, error) { return m.readStats(m.stats.buf) }

// readStats reads a buffer that is laid out as the running statistics.
func (m *Model) readStats(buf *backend.Buffer) ([]RunningStat, error) {
	if m.stats.size == 0 {
		return nil, nil
	}
	all := make([]float32, m.stats.size)
	if err := backend.Read(m.dev, all, buf, 0); err != nil {
		return nil, fmt.Errorf("nn: reading running statistics: %w", err)
	}
	out := make([]RunningStat, len(m.stats.all))
	for i, s := range m.stats.all {
		out[i] = RunningStat{s.name, all[s.off : s.off+s.n : s.off+s.n]}
	}
	return out, nil
}

// SetRunningStats replaces all running statistics by what RunningStats returned of a model of the same layers.
func (m *Model) SetRunningStats(rows []RunningStat) error {
	if err := m.fitsStats(rows); err != nil {
		return err
	}
	m.writeStats(m.stats.buf, rows)
	return nil
}

func (m *Model) fitsStats(rows []RunningStat) error {
	if len(rows) != len(m.stats.all) {
		return fmt.Errorf("nn: %d rows of running statistics for a model of %d", len(rows), len(m.stats.all))
	}
	for i, s := range m.stats.all {
		if r := rows[i]; r.Name != s.name || len(r.Values) != s.n {
			return fmt.Errorf("nn: running statistics %d are %s of %d numbers, want %s of %d", i, r.Name, len(r.Values), s.name, s.n)
		}
	}
	return nil
}

// writeStats fills a buffer that is laid out as the running statistics.
func (m *Model) writeStats(buf *backend.Buffer, rows []RunningStat) {
	if m.stats.size == 0 {
		return
	}
	all := make([]float32, m.stats.size)
	for i, s := range m.stats.all {
		copy(all[s.off:], rows[i].Values)
	}
	backend.Write(m.dev, buf, 0, all)
}
