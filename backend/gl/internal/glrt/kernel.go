//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"slices"
	"sync"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// Kernel is a compute program. It belongs to one device and is compiled by its thread, once, when it is first needed.
type Kernel struct {
	Name   string // for messages
	Source string // whole GLSL

	// Below: the thread's own.
	id       uint32
	uniforms int32 // location of U, -1 where the compiler dropped it
	built    bool
	err      error
}

type kernelCache struct {
	mu  sync.Mutex
	all map[string]*Kernel
}

func (c *kernelCache) init() { c.all = map[string]*Kernel{} }

// Kernel gives the program with that source. The name of the first that asked stays.
func (d *Device) Kernel(name, source string) *Kernel {
	c := &d.kernels
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.all[source]
	if k == nil {
		k = &Kernel{Name: name, Source: source}
		c.all[source] = k
	}
	return k
}

// CompileError is what a compiler or linker says against a kernel: the same every time, so it is kept.
type CompileError struct{ Kernel, text string }

func (e *CompileError) Error() string { return e.text }

// ready compiles k if that was not done yet. On the thread only.
func (d *Device) ready(k *Kernel) error {
	if k.built {
		return k.err
	}
	return d.readyAll([]*Kernel{k})
}

// readyAll compiles those that were not compiled yet, and returns the first error. The driver is given all of them before it
// is asked how any went: some compile on threads of their own. An error that is not the compiler's own is not kept: the kernel
// may be fine.
func (d *Device) readyAll(kernels []*Kernel) (first error) {
	if err := d.earlier(); err != nil {
		return err
	}
	var begun []*build
	for _, k := range kernels {
		if k.built || slices.ContainsFunc(begun, func(b *build) bool { return b.Kernel == k }) || d.load(k) {
			continue
		}
		var b *build
		if b, first = d.begin(k); first != nil {
			break
		}
		begun = append(begun, b)
	}
	for _, b := range begun {
		if err := d.finish(b); first == nil {
			first = err
		}
	}
	for _, k := range kernels {
		if first == nil {
			first = k.err
		}
	}
	return first
}

// took makes a linked program the kernel's.
func (k *Kernel) took(id uint32) {
	k.id, k.built = id, true
	k.uniforms = gl.GetUniformLocation(id, gl.Str("U\x00"))
}

func (c *kernelCache) destroy() {
	for _, k := range c.all {
		if k.id != 0 {
			gl.DeleteProgram(k.id)
		}
	}
}

type compileCmd struct {
	waiter
	kernels []*Kernel
	err     error
}

// run keeps what the compiler says out of the device's failure: who asked for the kernel gets it, and the device goes on.
func (c *compileCmd) run(d *Device) error {
	if err := d.earlier(); err != nil {
		return err
	}
	c.err = d.readyAll(c.kernels)
	return d.private(c.err)
}

func (c *compileCmd) finish(err error) {
	if err == nil {
		err = c.err
	}
	c.done <- err
}

// Compile waits until the kernels are compiled and returns the first error.
func (d *Device) Compile(kernels ...*Kernel) error {
	c := &compileCmd{waiter: newWaiter(), kernels: kernels}
	return d.wait(c, &c.waiter)
}
