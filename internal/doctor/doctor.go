// Package doctor says what a machine has for training on its GPU, what it lacks, and the exact step that mends each
// lack. It looks at a [Machine], a description, so that tests have machines of every kind; [This] is the one it runs on.
package doctor

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
)

// A Machine answers what Examine asks.
type Machine struct {
	OS, Arch string // as runtime.GOOS and GOARCH
	Files    fs.FS  // the root of the file system; looked at on Linux alone
	Getenv   func(name string) string
	HasTool  func(name string) bool     // whether a command is in the path
	OpenRW   func(file string) error    // opens a device file for reading and writing, and closes it
	Root     bool                       // the user is root
	Tags     string                     // that the program was built with, separated by commas
	CGO      bool                       // the program was built with cgo
	CPU      []string                   // what the processor can do that kernels ask for: avx2, fma …
	GL       func() ([]gl.Found, error) // gl.Devices

	// Caches is the folder of what gloss can make again, "" for none, and why nothing can be kept there; may be nil.
	Caches func() (dir string, err error)

	// Choose opens and closes a device as auto.Choose does, and returns what it was and the line that says why.
	Choose func(name string) (backend.Info, string, error)
}

// A Mark says how much a finding matters.
type Mark int

const (
	OK   Mark = iota
	Note      // worth knowing
	Lack      // keeps a GPU from being used
)

func (m Mark) String() string { return [...]string{"ok", "note", "LACK"}[m] }

// A Finding is one line, and the step that mends what it says.
type Finding struct {
	Mark
	Topic, Text string
	Step        string
}

// A Report is what Examine found.
type Report struct {
	System   string
	Findings []Finding
	GPU      bool   // a GPU can be used
	Present  bool   // there is a GPU to be used, as far as the system shows
	Used     string // what a program that names no device uses
}

// exam is an examination: the machine, what is known so far, and the report that grows.
type exam struct {
	*Machine
	Report
	sys     system
	pkg     packages
	cards   []card // on the PCI bus
	nvidia  bool   // there is an NVIDIA GPU that NVIDIA's own driver is for
	mesa    bool   // there is a GPU that Mesa's drivers are for
	found   []gl.Found
	missing error // why OpenGL lists nothing
}

// Examine looks at everything and opens every way to a driver once.
func Examine(m *Machine) *Report {
	e := &exam{Machine: m}
	e.found, e.missing = m.GL()
	for _, f := range e.found {
		e.GPU = e.GPU || f.Err == nil && !f.Software
	}
	e.Present = e.GPU
	switch m.OS {
	case "linux":
		e.linux()
	case "darwin":
		e.System = "macOS"
		e.add(Lack, "OpenGL", "macOS' OpenGL ends at version 4.1, which has no compute shaders", "nothing on macOS: its CPU is what trains; for the GPU use a machine with Linux")
	case "windows":
		e.System = "Windows"
		e.windows()
	default:
		e.System = m.OS
		if e.missing != nil {
			e.add(Lack, "OpenGL", oneLine(e.missing), "nothing on this system: its CPU is what trains; for the GPU use a machine with Linux")
		}
	}
	e.System += ", " + m.OS + "/" + m.Arch
	e.ways()
	e.cpu()
	e.caches()
	if !e.Present && e.sys.files {
		// Without a GPU nothing keeps it from being used.
		for i := range e.Findings {
			e.Findings[i].Mark = min(e.Findings[i].Mark, Note)
		}
	}
	e.choices()
	return &e.Report
}

func (e *exam) add(m Mark, topic, text, step string) {
	e.Findings = append(e.Findings, Finding{m, topic, text, step})
}

func (e *exam) ok(topic, format string, args ...any) {
	e.add(OK, topic, fmt.Sprintf(format, args...), "")
}

// ways reports each way to a driver.
func (e *exam) ways() {
	for i, f := range e.found {
		topic := fmt.Sprintf("gl:%d", i)
		switch {
		case f.Err != nil:
			e.add(Note, topic, f.Name+" does not open: "+oneLine(f.Err), "")
		case f.Software:
			e.add(Note, topic, fmt.Sprintf("%s, OpenGL %s, by %s: a software renderer, good for tests", f.Renderer, f.Version, f.Name), "")
		default:
			e.ok(topic, "%s, OpenGL %s, by %s: a GPU", f.Renderer, f.Version, f.Name)
		}
	}
}

// caches reports where compiled programs go: without a place, each process compiles them.
func (e *exam) caches() {
	if e.Caches == nil {
		return
	}
	const off = "GLOSS_CACHE is off, or the user has no folder of caches: each process compiles its kernels"
	switch dir, err := e.Caches(); {
	case err != nil:
		e.add(Note, "caches", fmt.Sprintf("nothing can be kept in %s, so each process compiles its kernels: %v", dir, err), "let GLOSS_CACHE name a folder that can be written")
	case dir == "":
		e.add(Note, "caches", off, "")
	default:
		e.ok("caches", "%s: compiled kernels and measured rates; it may be removed at any time", dir)
	}
}

func (e *exam) cpu() {
	info, _, err := e.Choose("cpu")
	if err != nil {
		e.add(Note, "cpu", oneLine(err), "")
		return
	}
	has := "no vector instructions that kernels ask for"
	if len(e.CPU) > 0 {
		has = strings.Join(e.CPU, " ")
	}
	e.ok("cpu", "%s, %d workers; %s", info.Name, info.Workers, has)
}

// choices says what "auto" opens, and what a program opens that names no device.
func (e *exam) choices() {
	if _, line, err := e.Choose("auto"); err != nil {
		e.add(Lack, "auto", oneLine(err), "this is a mistake in gloss: please report it with these lines")
	} else {
		e.ok("auto", "opens %s", line)
	}
	info, line, err := e.Choose("")
	if err != nil {
		e.add(Lack, "device", oneLine(err), e.unset("GLOSS_DEVICE"))
		e.Used = "nothing, for GLOSS_DEVICE=" + e.Getenv("GLOSS_DEVICE") + " opens no device"
		return
	}
	if v := e.Getenv("GLOSS_DEVICE"); v != "" && v != "auto" {
		e.add(Note, "device", "programs that name no device open "+line, e.unset("GLOSS_DEVICE"))
	}
	e.Used = info.Device + ", " + info.Name
	if info.Software {
		e.Used += " (a software renderer)"
	}
}

// unset is the step for a variable that is in the way. The commands of Windows' shells differ.
func (e *exam) unset(variable string) string {
	if e.OS == "windows" {
		return "Remove-Item Env:" + variable + "   (in PowerShell)"
	}
	return "unset " + variable
}

// oneLine is an error in one line, without what every error of OpenGL begins with.
func oneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = strings.Join(strings.Fields(lines[i]), " ")
	}
	s := strings.ReplaceAll(strings.Join(lines, "; "), ":; ", ": ")
	for _, head := range []string{backend.ErrUnavailable.Error() + ": ", "egl: "} {
		s = strings.ReplaceAll(s, head, "")
	}
	return strings.TrimPrefix(s, "gl: ")
}
