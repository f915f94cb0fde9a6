package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/bench"
)

// machine is where the run took place.
type machine struct {
	bench.Machine
	cores int
	isa   []string // as Linux calls them
}

func thisMachine() machine {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere nobody knows
	return machine{bench.ThisMachine(), runtime.NumCPU(), flagsOf(string(text))}
}

// flagsOf are the first processor's in /proc/cpuinfo.
func flagsOf(cpuinfo string) []string {
	for line := range strings.Lines(cpuinfo) {
		key, value, _ := strings.Cut(line, ":")
		if key = strings.TrimSpace(key); key == "flags" || key == "Features" {
			return strings.Fields(value)
		}
	}
	return nil
}

// vectors are the instructions that matter to float32.
func (m machine) vectors() string {
	var has []string
	for _, f := range []string{"avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "amx_tile", "asimd", "sve"} {
		if slices.Contains(m.isa, f) {
			has = append(has, f)
		}
	}
	return strings.Join(has, " ")
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %s; %s; gloss %s", m.CPU, count(m.cores, "core"), m.vectors(), m.Build)
}

// isMissing is of a program that is not there.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
