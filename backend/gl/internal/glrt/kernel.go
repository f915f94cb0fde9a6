//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
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

// refused is what a compiler or linker says against a kernel: the same every time, so it is kept.
type refused struct{ text string }

func (e *refused) Error() string { return e.text }

// ready compiles k if that was not done yet. On the thread only. An error that is not the compiler's own is not kept:
// the kernel may be fine.
func (d *Device) ready(k *Kernel) error {
	if k.built {
		return k.err
	}
	if err := d.earlier(); err != nil {
		return err
	}
	id, err := build(k.Name, k.Source)
	if err != nil {
		_, k.built = err.(*refused)
		if k.built {
			k.err = err
		}
		return err
	}
	k.id, k.built = id, true
	k.uniforms = gl.GetUniformLocation(k.id, gl.Str("U\x00"))
	return nil
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
	for _, k := range c.kernels {
		if c.err = d.ready(k); c.err != nil {
			return d.private(c.err)
		}
	}
	return nil
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

// build compiles and links. The error holds the driver's log and the lines of the source that it speaks of.
func build(name, source string) (uint32, error) {
	shader := gl.CreateShader(gl.COMPUTE_SHADER)
	if shader == 0 {
		return 0, fmt.Errorf("gl: kernel %s: no shader object: %w", name, orLost(glError()))
	}
	defer gl.DeleteShader(shader)
	text, free := gl.Strs(source + "\x00")
	gl.ShaderSource(shader, 1, text, nil)
	free()
	gl.CompileShader(shader)
	var ok int32
	if gl.GetShaderiv(shader, gl.COMPILE_STATUS, &ok); ok == gl.FALSE {
		var n int32
		gl.GetShaderiv(shader, gl.INFO_LOG_LENGTH, &n)
		log := make([]byte, n+1)
		gl.GetShaderInfoLog(shader, n+1, nil, &log[0])
		return 0, &refused{fmt.Sprintf("gl: kernel %s does not compile:\n%s", name, annotate(gl.GoStr(&log[0]), source))}
	}
	program := gl.CreateProgram()
	gl.AttachShader(program, shader)
	gl.LinkProgram(program)
	gl.DetachShader(program, shader)
	if gl.GetProgramiv(program, gl.LINK_STATUS, &ok); ok == gl.FALSE {
		var n int32
		gl.GetProgramiv(program, gl.INFO_LOG_LENGTH, &n)
		log := make([]byte, n+1)
		gl.GetProgramInfoLog(program, n+1, nil, &log[0])
		gl.DeleteProgram(program)
		return 0, &refused{fmt.Sprintf("gl: kernel %s does not link:\n%s", name, annotate(gl.GoStr(&log[0]), source))}
	}
	if err := glError(); err != nil {
		gl.DeleteProgram(program)
		return 0, fmt.Errorf("%w while compiling kernel %s", err, name)
	}
	return program, nil
}

// logLine finds the line number in a message: Mesa writes 0:12(3), NVIDIA 0(12), others 0:12.
var logLine = regexp.MustCompile(`\b0[:(](\d+)`)

// annotate puts the line of the source under each message about it.
func annotate(log, source string) string {
	lines := strings.Split(source, "\n")
	var out strings.Builder
	for msg := range strings.SplitSeq(strings.TrimSpace(log), "\n") {
		fmt.Fprintf(&out, "%s\n", msg)
		m := logLine.FindStringSubmatch(msg)
		if m == nil {
			continue
		}
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(lines) {
			fmt.Fprintf(&out, "%6d | %s\n", n, lines[n-1])
		}
	}
	return strings.TrimRight(out.String(), "\n")
}
