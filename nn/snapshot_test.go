package nn

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

func bits(x []float32) []uint32 {
	out := make([]uint32, len(x))
	for i, v := range x {
		out[i] = math.Float32bits(v)
	}
	return out
}

// TestSnapshot: a copy on the device has the bits of the model, −0 and the largest and smallest normal numbers among them,
// comes back the same, goes through the host the same, and costs neither a read nor a wait.
func TestSnapshot(t *testing.T) {
	for name, open := range goldenDevices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			defer dev.Close()
			m := noErr(New(dev, 3, Linear(5), BatchNorm(), PReLU(), Linear(2)))
			w := noErr(m.Weights())
			w[0], w[1], w[2], w[3] = float32(math.Copysign(0, -1)), math.MaxFloat32, 0x1p-126, float32(math.Inf(-1))
			stats := noErr(m.RunningStats())
			stats[0].Values[1], stats[1].Values[4] = 0.1, 7
			if err := m.SetWeights(w); err != nil {
				t.Fatal(err)
			}
			if err := m.SetRunningStats(stats); err != nil {
				t.Fatal(err)
			}
			alive, before := dev.Stats().LiveBuffers, dev.Stats()
			s := noErr(m.Snapshot())
			m.Init(1)
			s.Restore()
			if d := dev.Stats().Sub(before); d.Reads != 0 || d.BytesWritten != 4*int64(m.size+m.stats.size) { // Init's
				t.Errorf("a copy there and back: %+v", d)
			}
			if !slices.Equal(bits(noErr(m.Weights())), bits(w)) || !reflect.DeepEqual(noErr(m.RunningStats()), stats) {
				t.Error("the model is not what it was")
			}
			m.Init(2)
			if gotW, gotStats, err := s.Read(); err != nil || !slices.Equal(bits(gotW), bits(w)) || !reflect.DeepEqual(gotStats, stats) {
				t.Errorf("the copy is not what was saved: %v", err)
			}
			w[7], stats[0].Values[0] = 3, 4
			if err := s.Write(w, stats); err != nil {
				t.Fatal(err)
			}
			s.Restore()
			if got := noErr(m.Weights()); got[7] != 3 || noErr(m.RunningStats())[0].Values[0] != 4 {
				t.Error("what was written to the copy is not restored")
			}
			s.Release()
			if n := dev.Stats().LiveBuffers; n != alive {
				t.Errorf("%d buffers alive, %d before", n, alive)
			}
		})
	}
}

func TestSnapshotErrors(t *testing.T) {
	dev := goldenDevices["ref"](t)
	defer dev.Close()
	m := noErr(New(dev, 3, Linear(5), BatchNorm()))
	s := noErr(m.Snapshot())
	defer s.Release()
	w, stats := noErr(m.Weights()), noErr(m.RunningStats())
	if err := s.Write(w[1:], stats); err == nil || !strings.Contains(err.Error(), "weights for a model of") {
		t.Errorf("%v", err)
	}
	if err := s.Write(w, stats[1:]); err == nil || !strings.Contains(err.Error(), "rows of running statistics") {
		t.Errorf("%v", err)
	}
	backend.Fail(dev, backend.ErrUnavailable)
	if _, err := m.Snapshot(); err == nil || !strings.Contains(err.Error(), "nn: snapshot: ") {
		t.Errorf("%v", err)
	}
}

func TestCommon(t *testing.T) {
	opt := Adam(0.1)
	Common(opt).LR = 0.2
	if opt.LR != 0.2 || Common(struct{ Optimizer }{opt}) != nil {
		t.Errorf("a rate of %v, want the 0.2 that was set; nil for an optimizer of which nothing is known", opt.LR)
	}
}

func noErr[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
