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

// openContext tries the candidates in order and leaves the context of the first that fits current on this thread.
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
	var failures []error
	for _, cand := range candidates {
		var info Info
		var lim Limits
		c, err := openOne(cand, &info, &lim)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if o.Device != "" && !byIndex && !strings.Contains(strings.ToLower(info.Renderer), strings.ToLower(o.Device)) {
			failures = append(failures, fmt.Errorf("%s is %q", cand.Name, info.Renderer))
			c.Destroy()
			continue
		}
		d.info, d.limits = info, lim
		d.pool.setBudget(o.Budget, info)
		return c, nil
	}
	what := "no OpenGL 4.3 device can be opened"
	if o.Device != "" {
		what = fmt.Sprintf("no OpenGL 4.3 device is called %q", o.Device)
	}
	return nil, fmt.Errorf("gl: %s:\n%w", what, errors.Join(failures...))
}

func openOne(cand egl.Device, info *Info, lim *Limits) (context, error) {
	c, err := egl.Open(cand, 4, 3)
	if err != nil {
		return nil, err
	}
	if err = c.MakeCurrent(); err == nil {
		if err = loadProcs(c); err == nil {
			err = query(info, lim)
		}
	}
	if err != nil {
		c.Destroy()
		return nil, err
	}
	info.Path = cand.Name
	info.Software = info.Software || cand.Software
	return c, nil
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
			var lim Limits
			var c context
			if c, f.Err = openOne(cand, &f.Info, &lim); f.Err == nil {
				c.Destroy()
			}
		}
	}()
	<-done
	return found, nil
}
