//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// What a driver and its device do, for docs/gpu-notes.md: `go test -tags gl -run - -bench Probe ./backend/gl/internal/glrt`. scripts/bench-gpu runs
// it where there is no Go. A software renderer gets little to do.

const addOneTo = `#version 430 core
layout(local_size_x = 64) in;
layout(location = 0) uniform uvec4 U[1];
layout(std430, binding = 0) buffer Block0 { uint b[]; };
void main() { b[gl_GlobalInvocationID.x] += U[0].x; }
`

// fmaChains keeps eight chains of multiply-adds in registers.
const fmaChains = `#version 430 core
layout(local_size_x = 256) in;
layout(location = 0) uniform uvec4 U[1];
layout(std430, binding = 0) buffer Block0 { float b[]; };
void main() {
	float m = b[0], a0 = b[1], a1 = a0 + 1.0, a2 = a0 + 2.0, a3 = a0 + 3.0, a4 = a0 + 4.0, a5 = a0 + 5.0, a6 = a0 + 6.0, a7 = a0 + 7.0;
	for (uint i = 0u; i < U[0].x; i++) {
		a0 = fma(a0, m, m); a1 = fma(a1, m, m); a2 = fma(a2, m, m); a3 = fma(a3, m, m);
		a4 = fma(a4, m, m); a5 = fma(a5, m, m); a6 = fma(a6, m, m); a7 = fma(a7, m, m);
	}
	if (a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 == 42.0) // never, but the compiler does not know
		b[gl_GlobalInvocationID.x] = a0;
}
`

const copyVectors = `#version 430 core
layout(local_size_x = 256) in;
layout(location = 0) uniform uvec4 U[1];
layout(std430, binding = 0) readonly buffer Block0 { vec4 a[]; };
layout(std430, binding = 1) writeonly buffer Block1 { vec4 b[]; };
void main() { uint i = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 256u + gl_LocalInvocationIndex; b[i] = a[i]; }
`

// probed are the extensions that a faster kernel, or a safer one, could want.
var probed = []string{
	"GL_KHR_shader_subgroup", "GL_NV_shader_thread_group", "GL_NV_shader_thread_shuffle", "GL_ARB_shader_ballot", "GL_NV_cooperative_matrix",
	"GL_KHR_cooperative_matrix", "GL_NV_gpu_shader5", "GL_AMD_gpu_shader_half_float", "GL_NV_shader_buffer_load", "GL_NV_shader_atomic_float",
	"GL_KHR_no_error", "GL_KHR_robustness", "GL_ARB_robust_buffer_access_behavior", "GL_KHR_parallel_shader_compile", "GL_ARB_gl_spirv",
	"GL_ARB_buffer_storage", "GL_NVX_gpu_memory_info", "GL_ARB_sparse_buffer", "GL_EXT_memory_object_fd", "GL_NV_command_list",
}

func launchOf(k *Kernel, groups, word uint32, buffers ...*Buffer) Launch {
	l := Launch{Kernel: k, Groups: [3]uint32{groups, 1, 1}, Buffers: buffers, Uniforms: []uint32{word, 0, 0, 0}}
	for i, b := range buffers {
		l.Access = append(l.Access, Access{Buffer: i, Hi: b.Size, Write: i == len(buffers)-1})
	}
	return l
}

// driver tells its limits and extensions, the resolution of its clock, and how the first runs of a kernel go.
func driver(b *testing.B, d *Device) {
	i := d.Info()
	b.Logf("%s, %s, %s, GLSL %s, by %s; %d bytes free", i.Renderer, i.Vendor, i.Version, i.GLSL, i.Path, i.MemoryBytes)
	b.Logf("limits: %+v", d.Limits())
	var has, lacks []string
	if err := d.do(func(*Device) error {
		for _, e := range probed {
			if extension(e) {
				has = append(has, e)
			} else {
				lacks = append(lacks, e)
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	b.Logf("has %s", strings.Join(has, " "))
	b.Logf("lacks %s", strings.Join(lacks, " "))
	b.Logf("timestamps: %s", clockOf(b, d))

	buf, err := d.Alloc(1 << 20)
	if err != nil {
		b.Fatal(err)
	}
	defer buf.Release()
	l := launchOf(d.Kernel("first", strings.Replace(fmaChains, "42.0", "43.0", 1)), 64, 512, buf)
	var first []string
	for range 12 {
		start := time.Now()
		d.Launch(&l)
		if err := d.Sync(); err != nil {
			b.Fatal(err)
		}
		first = append(first, time.Since(start).Round(time.Microsecond).String())
	}
	b.Logf("the first runs of a kernel, its compilation among them: %s", strings.Join(first, " "))
}

// clockOf is the smallest steps between timestamps that follow each other.
func clockOf(t testing.TB, d *Device) (s string) {
	err := d.do(func(*Device) error {
		var bits int32
		if gl.GetQueryiv(gl.TIMESTAMP, gl.QUERY_COUNTER_BITS, &bits); bits == 0 {
			s = "none"
			return nil
		}
		q := make([]uint32, 64)
		gl.GenQueries(int32(len(q)), &q[0])
		for _, id := range q {
			gl.QueryCounter(id, gl.TIMESTAMP)
		}
		var last uint64
		steps := map[uint64]int{}
		for n, id := range q {
			var at uint64
			gl.GetQueryObjectui64v(id, gl.QUERY_RESULT, &at)
			if n > 0 {
				steps[at-last]++
			}
			last = at
		}
		gl.DeleteQueries(int32(len(q)), &q[0])
		var all []uint64
		for ns := range steps {
			all = append(all, ns)
		}
		sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
		s = fmt.Sprintf("%d bits, in steps of %v ns", bits, all[:min(6, len(all))])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// BenchmarkProbe times what a step is made of.
func BenchmarkProbe(b *testing.B) {
	d := open(b, Options{})
	b.Run("driver", func(b *testing.B) { driver(b, d) })
	software := d.Info().Software
	size := func(hardware, renderer int) int {
		if software {
			return renderer
		}
		return hardware
	}
	alloc := func(b *testing.B, n int) *Buffer {
		buf, err := d.Alloc(n)
		if err != nil {
			b.Skip(err)
		}
		b.Cleanup(buf.Release)
		return buf
	}
	// run times b.N replays of some launches, and says what one costs.
	run := func(b *testing.B, launches ...Launch) {
		s, err := d.NewSequence(launches)
		if err != nil {
			b.Fatal(err)
		}
		d.Run(s, 0, 1)
		if err := d.Sync(); err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		d.Run(s, 0, b.N)
		if err := d.Sync(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(launches)), "ns/dispatch")
	}
	add := d.Kernel("add", addOneTo)
	many := func(b *testing.B, n int, same bool) (all []Launch) {
		for i := range n {
			if buf := alloc(b, 4096); !same || i == 0 {
				all = append(all, launchOf(add, 1, 1, buf))
			} else {
				all = append(all, all[0])
			}
		}
		return all
	}
	// The least: what the library and the driver add to whatever a kernel does.
	b.Run("dispatch/empty", func(b *testing.B) {
		l := launchOf(d.Kernel("empty", "#version 430 core\nlayout(local_size_x = 1) in;\nvoid main() {}\n"), 1, 0, alloc(b, 4096))
		run(b, slices.Repeat([]Launch{l}, 32)...)
	})
	b.Run("dispatch/dependent", func(b *testing.B) { run(b, many(b, 32, true)...) })
	b.Run("dispatch/independent", func(b *testing.B) { run(b, many(b, 32, false)...) })
	b.Run("dispatch/sync", func(b *testing.B) {
		l := many(b, 1, true)[0]
		for range b.N {
			d.Launch(&l)
			if err := d.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read/4B", func(b *testing.B) {
		buf, to := alloc(b, 4096), make([]byte, 4)
		for range b.N {
			if err := d.Read(buf, 0, to); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, mib := range []int{1, size(64, 4), size(1024, 8)} {
		b.Run(fmt.Sprintf("copy/%dMiB", mib), func(b *testing.B) {
			n := mib << 20
			b.SetBytes(int64(2 * n))
			l := launchOf(d.Kernel("copy", copyVectors), uint32(min(n/4096, 32768)), 0, alloc(b, n), alloc(b, n))
			l.Groups[1] = uint32(n/4096) / l.Groups[0]
			run(b, l)
		})
	}
	b.Run("write/4MiB", func(b *testing.B) {
		buf, from := alloc(b, 4<<20), make([]byte, 4<<20)
		b.SetBytes(int64(len(from)))
		for range b.N {
			d.Write(buf, 0, from)
		}
		if err := d.Sync(); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("fma", func(b *testing.B) {
		groups, loops := size(132*64, 8), size(4096, 512)
		run(b, launchOf(d.Kernel("fma", fmaChains), uint32(groups), uint32(loops), alloc(b, 1<<20)))
		b.ReportMetric(2*8*256*float64(groups)*float64(loops)*float64(b.N)/b.Elapsed().Seconds()/1e12, "TFLOP/s")
	})
	// As many single groups, one after another and side by side: how far independent dispatches overlap.
	for _, same := range []bool{true, false} {
		b.Run(map[bool]string{true: "overlap/dependent", false: "overlap/independent"}[same], func(b *testing.B) {
			var all []Launch
			first := alloc(b, 4096)
			for range 8 {
				buf := first
				if !same {
					buf = alloc(b, 4096)
				}
				all = append(all, launchOf(d.Kernel("fma", fmaChains), 1, uint32(size(20000, 512)), buf))
			}
			run(b, all...)
		})
	}
	b.Run("long", func(b *testing.B) { // one dispatch of a second: does the system let it live?
		if software {
			b.Skip("there is no watchdog")
		}
		b.StopTimer()
		l := launchOf(d.Kernel("fma", fmaChains), 1, 20000, alloc(b, 4096))
		start := time.Now()
		d.Launch(&l)
		if err := d.Sync(); err != nil {
			b.Fatal(err)
		}
		l.Uniforms[0] = uint32(min(4e9, 20000*float64(time.Second)/float64(max(time.Since(start), time.Microsecond))))
		b.StartTimer()
		start = time.Now()
		d.Launch(&l)
		if err := d.Sync(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "s/dispatch")
	})
}
