//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"sync/atomic"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// timer adds up the device's own time: from the first dispatch of a batch until the device is through with the batch, by
// the device's clock. Where the driver has no clock, or draws on the CPU before the call returns, the thread's clock
// does. All but total are the thread's own.
type timer struct {
	total atomic.Int64 // nanoseconds

	wall    bool // by the thread's clock
	running bool
	since   time.Time
	start   uint32      // the query of the running interval
	asked   [][2]uint32 // intervals that the device has not told yet, oldest first
	spare   []uint32
}

// init asks whether the device has a clock.
func (t *timer) init(info *Info) {
	var bits int32
	gl.GetQueryiv(gl.TIMESTAMP, gl.QUERY_COUNTER_BITS, &bits)
	t.wall = bits == 0 || info.Software
}

// begin is called before each dispatch.
func (t *timer) begin() {
	if t.running {
		return
	}
	t.running = true
	if t.wall {
		t.since = time.Now()
	} else {
		t.start = t.stamp()
	}
}

// end closes the interval and asks for those that the device has told by now.
func (t *timer) end() {
	if t.running {
		t.running = false
		if t.wall {
			t.total.Add(int64(time.Since(t.since)))
		} else {
			t.asked = append(t.asked, [2]uint32{t.start, t.stamp()})
		}
	}
	t.collect()
}

// stamp asks for the device's time when it has done all that came before.
func (t *timer) stamp() uint32 {
	if len(t.spare) == 0 {
		t.spare = make([]uint32, 16)
		gl.GenQueries(int32(len(t.spare)), &t.spare[0])
	}
	q := t.spare[len(t.spare)-1]
	t.spare = t.spare[:len(t.spare)-1]
	gl.QueryCounter(q, gl.TIMESTAMP)
	return q
}

// collect takes what has been told and waits for nothing.
func (t *timer) collect() {
	n := 0
	for _, pair := range t.asked {
		var told int32
		if gl.GetQueryObjectiv(pair[1], gl.QUERY_RESULT_AVAILABLE, &told); told == gl.FALSE {
			break
		}
		var from, to uint64
		gl.GetQueryObjectui64v(pair[0], gl.QUERY_RESULT, &from)
		gl.GetQueryObjectui64v(pair[1], gl.QUERY_RESULT, &to)
		t.total.Add(int64(to - from))
		t.spare = append(t.spare, pair[:]...)
		n++
	}
	t.asked = append(t.asked[:0], t.asked[n:]...)
}

func (t *timer) destroy() {
	for _, pair := range t.asked {
		t.spare = append(t.spare, pair[:]...)
	}
	if len(t.spare) > 0 {
		gl.DeleteQueries(int32(len(t.spare)), &t.spare[0])
	}
}
