//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
)

// rate is what a device does in a second, about.
type rate struct{ multiplyAdds, bytes float64 }

// longest is the time that a launch shall stay under. Desktops freeze while a GPU is at one, and systems reset it after
// some seconds; half of the 50 ms that nobody minds leaves room for a rate that was measured on a good day.
const longest = 25 * time.Millisecond

// seconds is how long a launch takes, about.
func (r rate) seconds(w plan.Work) float64 { return w.MultiplyAdds/r.multiplyAdds + w.Bytes/r.bytes }

// slowest is below every device that has OpenGL 4.3: what it does in time needs no measurement.
var slowest = rate{multiplyAdds: 5e9, bytes: 1e9}

// tooLong reports whether a launch would take too long. The device's rate is measured when it first matters.
func (d *device) tooLong(w plan.Work) bool {
	r := d.known.Load()
	if r == nil {
		if slowest.seconds(w) < longest.Seconds() {
			return false
		}
		r = d.rate()
	}
	return r.seconds(w) > longest.Seconds()
}

// rate measures, once. A device that fails meanwhile says so to whoever comes next.
func (d *device) rate() *rate {
	d.measure.Do(func() {
		r := d.measureRate()
		d.known.Store(&r)
	})
	return d.known.Load()
}

// measureRate times a product and a copy, small enough for the slowest device, the better of three each.
func (d *device) measureRate() rate {
	const n, m = 512, 1 << 22
	env := d.env
	env.TooLong = nil
	buf, err := backend.Alloc(d, backend.F32, 2*m)
	if err != nil {
		return rate{1e12, 1e11}
	}
	defer buf.Release()
	x, y := backend.Row(buf, 0, m), backend.Row(buf, m, m)
	best := func(c backend.Call) float64 {
		t := time.Hour
		for range 4 { // the first compiles
			if d.Sync() != nil {
				break
			}
			start := time.Now()
			d.run(c, env)
			if d.Sync() != nil {
				break
			}
			t = min(t, time.Since(start))
		}
		return t.Seconds()
	}
	product := best(&backend.MatMul{Dst: backend.Mat(buf, m, n, n), A: backend.Mat(buf, 0, n, n), B: backend.Mat(buf, n*n, n, n)})
	stream := best(&backend.Each{Dst: y, Do: backend.Chain{backend.Load(x)}})
	return rate{n * n * n / product, 2 * 4 * m / stream}
}

// pace is what a device knows of its rate.
type pace struct {
	measure sync.Once
	known   atomic.Pointer[rate]
}
