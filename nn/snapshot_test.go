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
// comes back the same, and costs neither a read nor a wait.
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
	for _, name := range []string{"0.weight", "1.running_mean"} {
		rows := noErr(s.Rows())
		rows[name] = rows[name][1:]
		if err := s.SetRows(rows); err == nil || !strings.Contains(err.Error(), "numbers of "+name) {
			t.Errorf("%v", err)
		}
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

// TestSnapshotRows: a copy that goes through the host as rows is the same to the last bit, on a wide device too.
func TestSnapshotRows(t *testing.T) {
	for name, open := range goldenDevices {
		t.Run(name, func(t *testing.T) {
			dev := open(t)
			defer dev.Close()
			m := noErr(New(dev, 3, Linear(5), BatchNorm(), PReLU(), Linear(2)))
			w := noErr(m.Weights())
			w[0], w[1], w[2], w[3] = float32(math.Copysign(0, -1)), math.MaxFloat32, 0x1p-126, float32(math.Inf(-1))
			if err := m.SetWeights(w); err != nil {
				t.Fatal(err)
			}
			wide, isWide := backend.Unwrap(dev).(backend.Wide)
			if isWide {
				wide.WriteWide(m.w, m.params[0].off+5, []float64{1.0 / 3, -math.Pi, math.Inf(1)})
			}
			whole := func() any {
				if isWide {
					x := make([]float64, m.size)
					if err := wide.ReadWide(x, m.w, 0); err != nil {
						t.Fatal(err)
					}
					var b []uint64
					for _, p := range m.params {
						for _, v := range x[p.off : p.off+p.Rows*p.Cols] {
							b = append(b, math.Float64bits(v))
						}
					}
					return b
				}
				return bits(noErr(m.Weights()))
			}
			want, stats := whole(), noErr(m.RunningStats())
			s := noErr(m.Snapshot())
			defer s.Release()
			rows := noErr(s.Rows())
			m.Init(1)
			s.Save()
			if err := s.SetRows(rows); err != nil {
				t.Fatal(err)
			}
			s.Restore()
			if got := whole(); !reflect.DeepEqual(got, want) || !reflect.DeepEqual(noErr(m.RunningStats()), stats) {
				t.Errorf("the model is %v, want %v", got, want)
			}
		})
	}
}
