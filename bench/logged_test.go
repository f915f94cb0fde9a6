package bench

import (
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
)

// TestLogged counts how often the host looks at a training: after each step where it is logged, and else after many.
func TestLogged(t *testing.T) {
	const steps = 6
	for name, want := range map[string]int64{"train/5-4-3/b7/adam": 1, "train/5-4-3/b7/adam/logged": steps} {
		dev := ref.Open()
		j := must(must(Parse(name)).(Train).open(dev))
		before := dev.Stats()
		if err := j.Run(steps); err != nil {
			t.Fatal(err)
		}
		if s := dev.Stats().Sub(before); s.Reads != want {
			t.Errorf("%s: %d reads in %d steps, want %d", name, s.Reads, steps, want)
		}
		j.Release()
	}
}
