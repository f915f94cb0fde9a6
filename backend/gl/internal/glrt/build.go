//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unsafe"

	"github.com/go-gl/gl/v4.3-core/gl"

	"github.com/gloss-ml/gloss/backend/gl/internal/binaries"
)

// A build is a kernel that the driver compiles and links.
type build struct {
	*Kernel
	shader, program uint32
}

// begin has the driver compile and link, and asks it nothing.
func (d *Device) begin(k *Kernel) (*build, error) {
	b := &build{Kernel: k, shader: gl.CreateShader(gl.COMPUTE_SHADER)}
	if b.shader == 0 {
		return nil, fmt.Errorf("gl: kernel %s: no shader object: %w", k.Name, orLost(glError()))
	}
	text, free := gl.Strs(k.Source + "\x00")
	gl.ShaderSource(b.shader, 1, text, nil)
	free()
	gl.CompileShader(b.shader)
	b.program = gl.CreateProgram()
	if d.programs != nil {
		gl.ProgramParameteri(b.program, gl.PROGRAM_BINARY_RETRIEVABLE_HINT, gl.TRUE)
	}
	gl.AttachShader(b.program, b.shader)
	gl.LinkProgram(b.program)
	return b, nil
}

// finish waits for the driver. The error holds its log and the lines of the source that it speaks of.
func (d *Device) finish(b *build) error {
	defer gl.DeleteShader(b.shader)
	var compiled, linked int32
	gl.GetShaderiv(b.shader, gl.COMPILE_STATUS, &compiled)
	gl.GetProgramiv(b.program, gl.LINK_STATUS, &linked)
	var said string
	switch {
	case compiled == gl.FALSE:
		said = fmt.Sprintf("gl: kernel %s does not compile:\n%s", b.Name, annotate(infoLog(b.shader, gl.GetShaderiv, gl.GetShaderInfoLog), b.Source))
	case linked == gl.FALSE:
		said = fmt.Sprintf("gl: kernel %s does not link:\n%s", b.Name, annotate(infoLog(b.program, gl.GetProgramiv, gl.GetProgramInfoLog), b.Source))
	}
	gl.DetachShader(b.program, b.shader)
	err := glError()
	switch {
	case said != "" && err != ErrContextLost: // which says FALSE to everything
		d.messages() // which say the same
		b.err, b.built = &CompileError{b.Name, said}, true
		err = b.err
	case err != nil:
		err = fmt.Errorf("%w while compiling kernel %s", err, b.Name)
	}
	if err != nil {
		gl.DeleteProgram(b.program)
		return err
	}
	b.took(b.program)
	d.keep(b)
	return nil
}

func infoLog(id uint32, get func(uint32, uint32, *int32), log func(uint32, int32, *int32, *uint8)) string {
	var n int32
	get(id, gl.INFO_LOG_LENGTH, &n)
	text := make([]byte, n+1)
	log(id, n+1, nil, &text[0])
	return gl.GoStr(&text[0])
}

// openPrograms finds the programs that were compiled for this driver before, and has it compile on as many threads as it
// likes. A driver that gives no programs away has no formats for them.
func (d *Device) openPrograms(dir string, c context) {
	if i := &d.info; dir != "" && integer(gl.NUM_PROGRAM_BINARY_FORMATS) > 0 {
		d.programs = binaries.Open(dir, i.Vendor, i.Renderer, i.Version, i.GLSL)
	}
	if extension("GL_KHR_parallel_shader_compile") && c.ProcAddress("glMaxShaderCompilerThreadsKHR") != nil {
		const asManyAsItLikes = 0xffffffff
		gl.MaxShaderCompilerThreadsKHR(asManyAsItLikes)
	}
}

// load takes the kernel from the disk, if it is there and the driver takes it back.
func (d *Device) load(k *Kernel) bool {
	format, binary, ok := d.programs.Get(k.Source)
	if !ok {
		return false
	}
	id := gl.CreateProgram()
	gl.ProgramBinary(id, format, unsafe.Pointer(&binary[0]), int32(len(binary)))
	var linked int32
	gl.GetProgramiv(id, gl.LINK_STATUS, &linked)
	if err := glError(); err != nil || linked == gl.FALSE {
		gl.DeleteProgram(id)
		d.messages()
		d.programs.Refused(k.Source)
		return false
	}
	k.took(id)
	return true
}

// keep gives the kernel to the disk. A driver that will not part with it is none of the program's trouble.
func (d *Device) keep(b *build) {
	if d.programs == nil {
		return
	}
	var n int32
	gl.GetProgramiv(b.program, gl.PROGRAM_BINARY_LENGTH, &n)
	if n > 0 {
		binary, format := make([]byte, n), uint32(0)
		gl.GetProgramBinary(b.program, n, &n, &format, unsafe.Pointer(&binary[0]))
		if glError() == nil {
			d.programs.Put(b.Source, format, binary[:n])
		}
	}
	glError()
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
