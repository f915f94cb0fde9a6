package plan

import "fmt"

// shareScratch makes the launches of a step ready for one scratch that they share.
func (e *Env) shareScratch(all []Launch) error {
	most := 0
	for i := range all {
		most = max(most, all[i].counters)
	}
	// What one launch has as its counters, another must not have as anything else: it would not leave zeros there.
	for i := range all {
		l := &all[i]
		if l.Scratch == 0 {
			continue
		}
		l.Scratch += most - l.counters
		l.counters = most
		for _, w := range l.countersAt {
			l.Words[w].Base = uint32(most)
		}
		if err := e.scratchError(l); err != nil {
			return err
		}
	}
	return nil
}

func (e *Env) scratchError(l *Launch) error {
	if e.Scratch > 0 && l.Scratch > e.Scratch {
		return fmt.Errorf("gl: %s needs %d words of scratch for %d models; shaders see %d", l.Name, l.Scratch, e.batch(), e.Scratch)
	}
	return nil
}
