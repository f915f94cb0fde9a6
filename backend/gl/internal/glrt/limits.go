//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/go-gl/gl/v4.3-core/gl"

	"github.com/gloss-ml/gloss/internal/host"
)

// Info says what was opened.
type Info struct {
	Vendor, Renderer, Version, GLSL string
	Path                            string // the way to the driver: an EGL device, or surfaceless
	Major, Minor                    int
	Software                        bool  // runs on the CPU
	MemoryBytes                     int64 // what the driver says was free when it was opened, or a software renderer's machine has; 0 where nobody says
}

// Limits are the driver's, for compute shaders.
type Limits struct {
	StorageBlockBytes int64 // the largest range of a buffer that a shader may see
	BoundBytes        int64 // the largest that is bound: the same, but for tests
	StorageBlocks     int   // that a compute shader can use
	SharedBytes       int
	Invocations       int // per work group
	GroupSize         [3]int
	Groups            [3]int
	UniformComponents int
}

// maxBlock bounds what is bound at once: drivers promise 4 GiB and count bytes in 32 bits with a sign.
const maxBlock = 1<<31 - 256

// minima are what OpenGL 4.3 promises; the kernels rely on them and nothing more.
var minima = Limits{
	StorageBlockBytes: 1 << 24, StorageBlocks: 8, SharedBytes: 32 << 10, Invocations: 1024,
	GroupSize: [3]int{1024, 1024, 64}, Groups: [3]int{65535, 65535, 65535}, UniformComponents: 512,
}

func glString(name uint32) string {
	p := gl.GetString(name)
	if p == nil {
		return ""
	}
	return gl.GoStr(p)
}

// query fills info and limits and refuses a driver that does not keep the standard's promises.
func query(info *Info, lim *Limits) error {
	info.Version = glString(gl.VERSION)
	if info.Version == "" {
		// GL calls without a context fail silently: this is the only place where it can be seen.
		return fmt.Errorf("gl: the driver gives no version: %w", errLost)
	}
	info.Vendor, info.Renderer, info.GLSL = glString(gl.VENDOR), glString(gl.RENDERER), glString(gl.SHADING_LANGUAGE_VERSION)
	info.Major, info.Minor = integer(gl.MAJOR_VERSION), integer(gl.MINOR_VERSION)
	if info.Major < 4 || info.Major == 4 && info.Minor < 3 {
		return fmt.Errorf("gl: %s has OpenGL %d.%d; compute shaders need 4.3 (a newer driver or GPU is needed)",
			info.Renderer, info.Major, info.Minor)
	}
	r := strings.ToLower(info.Renderer)
	for _, name := range []string{"llvmpipe", "softpipe", "swrast", "swiftshader", "software rasterizer"} {
		info.Software = info.Software || strings.Contains(r, name)
	}
	var block int64
	gl.GetInteger64v(gl.MAX_SHADER_STORAGE_BLOCK_SIZE, &block)
	*lim = Limits{
		StorageBlockBytes: min(block, maxBlock),
		// A shader's blocks are one bound and the points to bind them to another.
		StorageBlocks:     min(integer(gl.MAX_COMPUTE_SHADER_STORAGE_BLOCKS), integer(gl.MAX_SHADER_STORAGE_BUFFER_BINDINGS)),
		SharedBytes:       integer(gl.MAX_COMPUTE_SHARED_MEMORY_SIZE),
		Invocations:       integer(gl.MAX_COMPUTE_WORK_GROUP_INVOCATIONS),
		UniformComponents: integer(gl.MAX_COMPUTE_UNIFORM_COMPONENTS),
	}
	for i := range 3 {
		lim.GroupSize[i] = indexed(gl.MAX_COMPUTE_WORK_GROUP_SIZE, i)
		lim.Groups[i] = indexed(gl.MAX_COMPUTE_WORK_GROUP_COUNT, i)
	}
	if extension("GL_NVX_gpu_memory_info") {
		const currentAvailableKiB = 0x9049 // not the total: other programs hold some of it
		info.MemoryBytes = int64(integer(currentAvailableKiB)) << 10
	}
	if info.Software {
		info.MemoryBytes = host.Memory()
	}
	if err := glError(); err != nil {
		return fmt.Errorf("%w while asking for the limits of %s", err, info.Renderer)
	}
	if err := lim.check(info.Renderer); err != nil {
		return err
	}
	// A better device shows what happens on one that has what OpenGL 4.3 promises and no more.
	if on, err := strconv.ParseBool(os.Getenv("GLOSS_GLMINIMA")); err == nil && on {
		*lim = minima
	}
	lim.BoundBytes = lim.StorageBlockBytes
	// And what becomes of buffers that are larger than a shader may see.
	if n, err := strconv.ParseInt(os.Getenv("GLOSS_GLBLOCK"), 10, 64); err == nil && n > 0 {
		lim.BoundBytes = min(lim.StorageBlockBytes, max(n, 4096))
	}
	return nil
}

func (l *Limits) check(renderer string) error {
	m := &minima
	if l.StorageBlockBytes < m.StorageBlockBytes || l.StorageBlocks < m.StorageBlocks || l.SharedBytes < m.SharedBytes ||
		l.Invocations < m.Invocations || l.GroupSize[0] < m.GroupSize[0] || l.Groups[0] < m.Groups[0] ||
		l.Groups[1] < m.Groups[1] || l.UniformComponents < m.UniformComponents {
		return fmt.Errorf("gl: %s offers less than OpenGL 4.3 promises: %+v", renderer, *l)
	}
	return nil
}

func integer(name uint32) int {
	var v int32
	gl.GetIntegerv(name, &v)
	return int(v)
}

func indexed(name uint32, i int) int {
	var v int32
	gl.GetIntegeri_v(name, uint32(i), &v)
	return int(v)
}

func extension(name string) bool {
	for i := range integer(gl.NUM_EXTENSIONS) {
		if gl.GoStr(gl.GetStringi(gl.EXTENSIONS, uint32(i))) == name {
			return true
		}
	}
	return false
}
