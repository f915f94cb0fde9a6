// Package auto opens devices by name. It is the only package that imports every backend: commands, benchmarks and
// examples use it; networks are handed a backend and never know which.
//
//	dev, err := auto.Open("")          // what GLOSS_DEVICE says; a GPU if there is one, else the CPU, where it says nothing
//	dev, choice, err := auto.Choose("auto")
//	fmt.Println(choice)                // cpu: AMD EPYC 9654, 16 workers (auto: no OpenGL GPU: …)
//	dev, choice, err := auto.ChooseFor("auto", auto.Job{Widths: []int{784, 128, 10}, Batch: 32}) // whichever is faster at that
//
// A device that is asked for by name and is not there is an error: another one is never opened in its place. Only
// "auto" chooses, and says why. It never takes a software renderer, which is slower than the CPU at everything.
package auto

import (
	"fmt"
	"os"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/backend/ref"
)

// Variable is the environment variable that names the device where a program does not.
const Variable = "GLOSS_DEVICE"

// Names are the devices that Open knows, slowest of the common ones first: "gonum" (every product by gonum), "cpu",
// "gl" (OpenGL) and "ref" (float64, slow, what the others are checked against). Open takes "auto" besides, and "gl:1"
// or "gl:NVIDIA" where there are several GPUs.
func Names() []string { return []string{"gonum", "cpu", "gl", "ref"} }

// A Choice says what was opened and why.
type Choice struct {
	Asked       string       // the name: the caller's, or the value of GLOSS_DEVICE; "auto" where neither says anything
	Environment bool         // the name is the value of GLOSS_DEVICE
	Info        backend.Info // what was opened
	Why         string       // the reason where "auto" chose; "" where a device was asked for by name
}

// String is one line, as in "cpu: AMD EPYC 9654, 16 workers (auto: no OpenGL GPU: only a software renderer was found)".
func (c Choice) String() string {
	s := c.Info.Device + ": " + c.Info.Name
	switch {
	case c.Info.Software:
		s += ", a software renderer"
	case c.Info.Workers == 1:
		s += ", 1 worker"
	case c.Info.Workers > 1:
		s += fmt.Sprintf(", %d workers", c.Info.Workers)
	}
	why := "asked for as " + c.Asked
	if c.Environment {
		why = Variable + "=" + c.Asked
	}
	if c.Why != "" {
		if !c.Environment {
			why = c.Asked
		}
		why += ": " + c.Why
	}
	return s + " (" + why + ")"
}

// Open opens the device of that name: one of [Names], "gl:1" (the second of [gl.Devices]), "gl:NVIDIA" (a part of a
// renderer's name, in any case), or "auto": a GPU through OpenGL if there is one, else the CPU. "" stands for the value
// of GLOSS_DEVICE, and for "auto" where that is empty or not set.
//
// A device that is not there is an error that wraps [backend.ErrUnavailable] and says what is missing, or what there is
// instead.
func Open(name string) (backend.Backend, error) {
	b, _, err := Choose(name)
	return b, err
}

// Choose is Open that also says what was opened and why.
func Choose(name string) (backend.Backend, Choice, error) { return here.choose(name, nil) }

// Check reports whether Open knows a device of that name, without looking whether there is one.
func Check(name string) error {
	switch device, which, ok := strings.Cut(name, ":"); {
	case device == "gl" && ok && strings.TrimSpace(which) == "":
		return fmt.Errorf("device %q: a number or a part of a renderer's name has to follow the colon, as in gl:1 or gl:NVIDIA", name)
	case name == "", name == "auto", device == "gl":
		return nil
	}
	for _, n := range Names() {
		if n == name {
			return nil
		}
	}
	return fmt.Errorf("no device is called %q: there are %s, auto, and gl:1 or gl:NVIDIA to choose among GPUs", name, strings.Join(Names(), ", "))
}

// machine is what choose looks at; tests have machines that are not there.
type machine struct {
	getenv  func(string) string
	cpu     func(opts ...cpu.Option) backend.Backend
	gl      func(opts ...gl.Option) (backend.Backend, error)
	devices func() ([]gl.Found, error)
	rates   func(b backend.Backend, dir string) (rates, error)
}

var here = machine{os.Getenv, cpu.Open, gl.Open, gl.Devices, ratesOf}

func (m *machine) choose(name string, job *Job) (backend.Backend, Choice, error) {
	c := Choice{Asked: name}
	if name == "" {
		c.Asked = m.getenv(Variable)
		c.Environment = c.Asked != ""
	}
	if c.Asked == "" {
		c.Asked = "auto"
	}
	b, why, err := m.open(c.Asked, job)
	if err != nil {
		if c.Environment {
			err = fmt.Errorf("%s=%s: %w", Variable, c.Asked, err)
		}
		return nil, c, err
	}
	c.Info, c.Why = b.Info(), why
	return b, c, nil
}

func (m *machine) open(name string, job *Job) (b backend.Backend, why string, err error) {
	if err = Check(name); err != nil {
		return nil, "", err
	}
	device, which, _ := strings.Cut(name, ":")
	if device != "gl" && device != "ref" {
		if err = cpu.Check(); err != nil {
			return nil, "", err
		}
	}
	switch device {
	case "auto":
		if b, why = m.auto(); job != nil && b.Info().Workers == 0 {
			b, why = m.suits(b, why, job)
		}
	case "cpu":
		b = m.cpu()
	case "gonum":
		b = m.cpu(cpu.Gonum)
	case "gl":
		b, err = m.openGL(which)
	case "ref":
		b = ref.Open()
	default:
		panic("auto: Check knows " + name + " and open does not")
	}
	return b, why, err
}
