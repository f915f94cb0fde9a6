package peer

import (
	"slices"
	"time"
)

// A slot is a job that is measured for a while, again and again. Peers in other languages measure in the same way.
type slot struct {
	job   Job
	units int // that are timed together, so that looking at the clock costs nothing
	times []float64
}

const (
	warmUp   = 50 * time.Millisecond  // of a workload, before its first slot
	together = 200 * time.Microsecond // the least that is timed
	most     = 1 << 24                // units that are timed together
)

// A batcher is a job whose units are cheapest so many at a time, and only counted so.
type batcher interface{ together() int }

// prepare warms up and finds how many units to time together.
func (s *slot) prepare() error {
	s.units = 1
	if b, ok := s.job.(batcher); ok {
		s.units = b.together()
	}
	for start := time.Now(); ; {
		took, err := s.time()
		if err != nil {
			return err
		}
		if took < together && s.units < most {
			s.units *= 2
		} else if time.Since(start) >= warmUp {
			return nil
		}
	}
}

func (s *slot) time() (time.Duration, error) {
	start := time.Now()
	err := s.job.Run(s.units)
	return time.Since(start), err
}

// measure returns the median and the least time of a unit in nanoseconds, and how many units there were.
func (s *slot) measure(lasts time.Duration) (median, least float64, n int, err error) {
	s.times = s.times[:0]
	for start := time.Now(); len(s.times) == 0 || time.Since(start) < lasts; {
		took, err := s.time()
		if err != nil {
			return 0, 0, 0, err
		}
		s.times = append(s.times, float64(took.Nanoseconds())/float64(s.units))
	}
	slices.Sort(s.times)
	return s.times[len(s.times)/2], s.times[0], len(s.times) * s.units, nil
}
