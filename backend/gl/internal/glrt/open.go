//go:build cgo && (gl || glfw) && (linux || windows)

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
)

// go-gl keeps its function pointers in package variables, so they are loaded once per process. Later contexts, also
// those of other drivers, are reached through the same pointers: libglvnd dispatches by the current context.
var (
	procsMu sync.Mutex
	procs   bool
)

// WrapProc may put another function in the place of one of the driver's, before the first context of the process is opened:
// tests have those fail in ways that no driver does when it is asked to.
var WrapProc = func(_ string, p unsafe.Pointer) unsafe.Pointer { return p }

func loadProcs(c context) error {
	procsMu.Lock()
	defer procsMu.Unlock()
	if procs {
		return nil
	}
	find := func(name string) unsafe.Pointer { return WrapProc(name, c.ProcAddress(name)) }
	if err := gl.InitWithProcAddrFunc(find); err != nil {
		return fmt.Errorf("gl: the driver lacks a function of OpenGL 4.3: %w", err)
	}
	if err := loadReplay(find); err != nil {
		return err
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

// openContext tries the ways in order and leaves the context of the one that is taken current on this thread.
func openContext(o Options, d *Device) (context, error) {
	var c *opened
	var err error
	if o.Lend != nil {
		c, err = openOne(borrowed(o.Lend))
	} else {
		c, err = choose(o.Device)
	}
	if err != nil {
		return nil, err
	}
	d.info, d.limits = c.info, c.lim
	d.reset = resetStatus(c, &c.info)
	d.listen()
	d.openPrograms(o.Programs, c)
	d.timer.init(&c.info)
	d.pool.setBounds(o.Budget, &c.info, &c.lim)
	return c, nil
}

// choose opens the device that Options.Device names.
func choose(device string) (*opened, error) {
	candidates, err := ways()
	if err != nil {
		return nil, err
	}
	name := device
	if index, err := strconv.Atoi(device); err == nil {
		if index < 0 || index >= len(candidates) {
			return nil, fmt.Errorf("gl: there is no device %d: %d were found", index, len(candidates))
		}
		candidates, name = candidates[index:index+1], ""
	}
	c, err := pick(candidates, name, openOne)
	if err != nil {
		what := "no OpenGL 4.3 device can be opened"
		if device != "" {
			what = fmt.Sprintf("no OpenGL 4.3 device is called %q", device)
		}
		return nil, fmt.Errorf("gl: %s:\n%w", what, err)
	}
	return c, nil
}

// pick gives the first candidate that opens and whose renderer or way is called by a name that contains name, current on
// this thread. Without a name a software renderer is only taken when no hardware opens after it: EGL does not always say which is which, and a
// driver may draw on the CPU behind a device that looks like a GPU.
func pick(candidates []way, name string, open func(way) (*opened, error)) (*opened, error) {
	var failures []error
	var spare *opened
	for _, cand := range candidates {
		c, err := open(cand)
		switch {
		case err != nil:
			failures = append(failures, err)
		case !contains(c.info.Renderer, name) && !contains(cand.name, name):
			failures = append(failures, fmt.Errorf("%s is %q", cand.name, c.info.Renderer))
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

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

func openOne(cand way) (*opened, error) {
	c, err := cand.open(4, 3)
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
	o.info.Path = cand.name
	o.info.Software = o.info.Software || cand.software
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
	candidates, err := ways()
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
			f.Name = cand.name
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
