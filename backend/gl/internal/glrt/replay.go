//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

// #include "replay.h"
import "C"

import (
	"fmt"
	"unsafe"
)

// replayed are the driver's functions that replay.c calls, in its order.
var replayed = [...]string{
	"glUseProgram", "glBindBufferBase", "glBindBufferRange", "glUniform4uiv", "glMemoryBarrier", "glDispatchCompute", "glFlush",
}

// loadReplay gives replay.c its functions, once per process as go-gl's are.
func loadReplay(find func(name string) unsafe.Pointer) error {
	var f [len(replayed)]unsafe.Pointer
	for i, name := range replayed {
		if f[i] = find(name); f[i] == nil {
			return fmt.Errorf("gl: the driver lacks a function of OpenGL 4.3: %s", name)
		}
	}
	C.gloss_replay_load(&f[0])
	return nil
}

// flushEvery is how many launches a driver may collect before the device is given them: it is not to stand idle while a
// long run is being issued.
const flushEvery = 256

// tape is launches in the form in which the driver is given them, many in one call of C.
type tape struct {
	launches []C.gloss_launch
	ranges   []C.gloss_range
	words    []uint32
	advance  []uint32 // of the words, from step to step
	widest   int      // words of one launch
}

func (t *tape) clear() {
	t.launches, t.ranges, t.words, t.advance, t.widest = t.launches[:0], t.ranges[:0], t.words[:0], t.advance[:0], 0
}

// add appends a launch whose kernel is compiled.
func (t *tape) add(l *Launch, barrier bool) error {
	if len(l.Buffers) > MaxBindings {
		return fmt.Errorf("gl: kernel %s binds %d buffers", l.Kernel.Name, len(l.Buffers))
	}
	c := C.gloss_launch{
		program: C.uint32_t(l.Kernel.id), location: C.int32_t(l.Kernel.uniforms),
		groups: [3]C.uint32_t{C.uint32_t(l.Groups[0]), C.uint32_t(l.Groups[1]), C.uint32_t(l.Groups[2])},
		ranges: C.uint32_t(len(t.ranges)), nranges: C.uint32_t(len(l.Buffers)), words: C.uint32_t(len(t.words)), nwords: C.uint32_t(len(l.Uniforms)),
	}
	if barrier {
		c.barrier = 1
	}
	c.steps, c.steps_at = C.uint32_t(l.Steps), C.uint32_t(l.StepsAt)
	for i, b := range l.Buffers {
		r := C.gloss_range{id: C.uint32_t(b.block.id)}
		if l.Ranges != nil {
			r.lo, r.size = C.int64_t(l.Ranges[i].Lo), C.int64_t(l.Ranges[i].Hi-l.Ranges[i].Lo)
		}
		t.ranges = append(t.ranges, r)
	}
	t.words = append(t.words, l.Uniforms...)
	if l.Advance != nil {
		c.moves = 1
		t.advance = append(t.advance, l.Advance...)
	} else {
		t.advance = append(t.advance, make([]uint32, len(l.Uniforms))...)
	}
	t.launches = append(t.launches, c)
	t.widest = max(t.widest, len(l.Uniforms))
	return nil
}

// replay gives the driver n launches of the tape from one on, for each of so many steps, in one call of C. begin says whether the
// first has its barrier.
func (d *Device) replay(t *tape, from, n, first, steps int, begin bool) {
	d.timer.begin()
	if len(d.room) < t.widest {
		d.room = make([]uint32, t.widest)
	}
	var room, words, advance *uint32
	var ranges *C.gloss_range
	if t.widest > 0 {
		room, words, advance = &d.room[0], &t.words[0], &t.advance[0]
	}
	if len(t.ranges) > 0 {
		ranges = &t.ranges[0]
	}
	begins := C.int(0)
	if begin {
		begins = 1
	}
	before := d.state.driver.barriers
	C.gloss_replay(&d.state.driver, &t.launches[from], C.int(n), ranges, (*C.uint32_t)(words), (*C.uint32_t)(advance), (*C.uint32_t)(room),
		C.int(first), C.int(steps), begins, flushEvery)
	d.counters.barriers.Add(int64(d.state.driver.barriers - before))
	d.counters.submits.Add(1)
	d.state.dirty = true
}
