package nn

import (
	"fmt"

	"github.com/gloss-ml/gloss/backend"
)

// Rows waits for the device and returns the copy to the last bit, by the names of parameters and statistics: for an
// [Extra]. On a device that is wider than float32 a row is followed by what float32 leaves of it, as "2.weight/1" and
// "2.weight/2".
func (s *Snapshot) Rows() (map[string][]float32, error) {
	rows := map[string][]float32{}
	wide, ok := backend.Unwrap(s.model.dev).(backend.Wide)
	for _, t := range s.slots() {
		if !ok {
			x := make([]float32, t.elements())
			if err := backend.Read(s.model.dev, x, t.buf, t.off); err != nil {
				return nil, fmt.Errorf("nn: snapshot: %w", err)
			}
			rows[t.name] = x
			continue
		}
		x := make([]float64, t.elements())
		if err := wide.ReadWide(x, t.buf, t.off); err != nil {
			return nil, fmt.Errorf("nn: snapshot: %w", err)
		}
		for part := range wideParts {
			rows[t.part(part)] = split(x)
		}
	}
	return rows, nil
}

// SetRows replaces the copy by what Rows returned, of this model or of another of the same layers; the model stays. Nothing
// has changed where it returns an error.
func (s *Snapshot) SetRows(rows map[string][]float32) error {
	for _, t := range s.slots() {
		if x, ok := rows[t.name]; !ok || len(x) != t.elements() {
			return fmt.Errorf("nn: snapshot: %d numbers of %s, want %d", len(x), t.name, t.elements())
		}
	}
	wide, ok := backend.Unwrap(s.model.dev).(backend.Wide)
	for _, t := range s.slots() {
		if !ok {
			backend.Write(s.model.dev, t.buf, t.off, rows[t.name])
			continue
		}
		x := make([]float64, t.elements())
		for part := range wideParts {
			row := rows[t.part(part)]
			for i, v := range row[:min(len(x), len(row))] {
				if part == 0 {
					x[i] = float64(v)
				} else if v != 0 { // −0 stays
					x[i] += float64(v)
				}
			}
		}
		wide.WriteWide(t.buf, t.off, x)
	}
	return nil
}

func (s *Snapshot) slots() []slot {
	slots := s.model.parameters("", s.w)
	for _, t := range s.model.statistics() {
		t.buf = s.stats
		slots = append(slots, t)
	}
	return slots
}

// wideParts is how many float32 add up to a float64.
const wideParts = 3

// part is the name of a part of a row.
func (t *slot) part(i int) string {
	if i == 0 {
		return t.name
	}
	return fmt.Sprint(t.name, stateMark, i)
}

// split takes the nearest float32 from each number.
func split(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
		if x[i] -= float64(out[i]); x[i]-x[i] != 0 { // of what is not finite, nothing is left
			x[i] = 0
		}
	}
	return out
}
