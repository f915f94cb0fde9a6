//go:build cgo && (gl || glfw) && linux

package glrt

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/go-gl/gl/v4.3-core/gl"

	"github.com/gloss-ml/gloss/backend/gl/internal/egl"
)

// context is what a windowing library gives: made on the thread that will use it.
type context interface {
	MakeCurrent() error
	Release() error
	Destroy()
	ProcAddress(name string) unsafe.Pointer
}

// go-gl keeps its function pointers in package variables, so they are loaded once per process. Later contexts, also
// those of other drivers, are reached through the same pointers: libglvnd dispatches by the current context.
var (
	procsMu sync.Mutex
	procs   bool
)

func loadProcs(c context) error {
	procsMu.Lock()
	defer procsMu.Unlock()
	if procs {
		return nil
	}
	if err := gl.InitWithProcAddrFunc(c.ProcAddress); err != nil {
		return fmt.Errorf("gl: the driver lacks a function of OpenGL 4.3: %w", err)
	}
	procs = true
	return nil
}

// opened is a context that fits, with what it said about itself.
type opened struct {
	context
	info Info
	lim  Limits
}

// openContext tries the candidates in order and leaves the context of the one that is taken current on this thread.
func openContext(o Options, d *Device) (context, error) {
	candidates, err := egl.Devices()
	if err != nil {
		return nil, err
	}
	index, err := strconv.Atoi(o.Device)
	byIndex := err == nil
	if byIndex {
		if index < 0 || index >= len(candidates) {
			return nil, fmt.Errorf("gl: there is no device %d: %d were found", index, len(candidates))
		}
		candidates = candidates[index : index+1]
	}
	name := o.Device
	if byIndex {
		name = ""
	}
	c, err := pick(candidates, name, openOne)
	if err != nil {
		what := "no OpenGL 4.3 device can be opened"
		if o.Device != "" {
			what = fmt.Sprintf("no OpenGL 4.3 device is called %q", o.Device)
		}
		return nil, fmt.Errorf("gl: %s:\n%w", what, err)
	}
	d.info, d.limits = c.info, c.lim
	d.reset = resetStatus(c, &c.info)
	d.pool.setBounds(o.Budget, &c.info, &c.lim)
	return c, nil
}

// pick gives the first candidate that opens and whose renderer's name contains name, current on this thread. Without a
// name a software renderer is only taken when no hardware opens after it: EGL does not always say which is which, and a
// driver may draw on the CPU behind a device that looks like a GPU.
func pick(candidates []egl.Device, name string, open func(egl.Device) (*opened, error)) (*opened, error) {
	var failures []error
	var spare *opened
	for _, cand := range candidates {
		c, err := open(cand)
		switch {
		case err != nil:
			failures = append(failures, err)
		case !strings.Contains(strings.ToLower(c.info.Renderer), strings.ToLower(name)):
			failures = append(failures, fmt.Errorf("%s is %q", cand.Name, c.info.Renderer))
			c.Destroy()
		case name != "" || !c.info.Software:
			if spare != nil {
				spare.Destroy()
				if err := c.MakeCurrent(); err != nil { // destroying leaves the thread without a context
					c.Destroy()
					return nil, err
				}
			}
			return c, nil
		case spare == nil:
			spare = c
		default:
			c.Destroy()
		}
	}
	if spare == nil {
		return nil, errors.Join(failures...)
	}
	if err := spare.MakeCurrent(); err != nil {
		spare.Destroy()
		return nil, err
	}
	return spare, nil
}

func openOne(cand egl.Device) (*opened, error) {
	c, err := egl.Open(cand, 4, 3)
	if err != nil {
		return nil, err
	}
	o := &opened{context: c}
	if err = c.MakeCurrent(); err == nil {
		if err = loadProcs(c); err == nil {
			err = query(&o.info, &o.lim)
		}
	}
	if err != nil {
		c.Destroy()
		return nil, err
	}
	o.info.Path = cand.Name
	o.info.Software = o.info.Software || cand.Software
	return o, nil
}

// Found is a device that was looked at: what it is, or why it cannot be used.
type Found struct {
	Name string
	Info Info
	Err  error
}

// Devices opens and closes every way to a driver, in the order in which Open tries them. Its error says why there is
// none.
func Devices() ([]Found, error) {
	candidates, err := egl.Devices()
	if err != nil {
		return nil, err
	}
	found := make([]Found, len(candidates))
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with what drivers left on it
		for i, cand := range candidates {
			f := &found[i]
			f.Name = cand.Name
			var c *opened
			if c, f.Err = openOne(cand); f.Err == nil {
				f.Info = c.info
				c.Destroy()
			}
		}
	}()
	<-done
	return found, nil
}
