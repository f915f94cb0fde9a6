package doctor

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/cpu"

	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/internal/cache"
)

// This is the machine that the program runs on. Choose is the caller's to set.
func This() *Machine {
	m := &Machine{
		OS: runtime.GOOS, Arch: runtime.GOARCH,
		Files: os.DirFS("/"), Getenv: os.Getenv, Root: os.Geteuid() == 0,
		HasTool: func(name string) bool {
			_, err := exec.LookPath(name)
			return err == nil
		},
		OpenRW: func(file string) error {
			f, err := os.OpenFile(file, os.O_RDWR, 0)
			if err == nil {
				err = f.Close()
			}
			return err
		},
		CPU: features(), GL: gl.Devices, Caches: func() (string, error) { return cache.Root(), cache.Check() },
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "-tags":
				m.Tags = s.Value
			case "CGO_ENABLED":
				m.CGO = s.Value == "1"
			}
		}
	}
	return m
}

// features are the instructions that the CPU's kernels are chosen by.
func features() (names []string) {
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"avx2", cpu.X86.HasAVX2}, {"fma", cpu.X86.HasFMA}, {"avx512", cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL},
		{"neon", cpu.ARM64.HasASIMD}, {"sve", cpu.ARM64.HasSVE},
	} {
		if f.has {
			names = append(names, f.name)
		}
	}
	return names
}
