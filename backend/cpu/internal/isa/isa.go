// Package isa says which vector instructions the kernels of package cpu may use.
package isa

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// A Set is a set of vector instructions that there are kernels for.
type Set uint8

const (
	Generic Set = iota // what the Go compiler makes of the loops
	NEON               // arm64
	AVX2               // with FMA
	AVX512             // F, VL, DQ and BW
)

var names = [...]string{"generic", "neon", "avx2", "avx512"}

func (s Set) String() string { return names[s] }

// Variable names the set that kernels are to use, for tests and measurements: one of Available.
const Variable = "GLOSS_ISA"

// Available are the sets of this machine and build, the fastest last.
func Available() []Set { return append([]Set{Generic}, native()...) }

var inUse, wrong = choose(os.Getenv(Variable))

// Use is the set that kernels use.
func Use() Set { return inUse }

// Err says what is wrong with the environment variable, if anything is.
func Err() error { return wrong }

func choose(name string) (Set, error) {
	all := Available()
	if name == "" {
		return all[len(all)-1], nil
	}
	i := slices.IndexFunc(all, func(s Set) bool { return s.String() == name })
	if i < 0 {
		return Generic, fmt.Errorf("%s=%q: this machine and build have %s", Variable, name, strings.Trim(fmt.Sprint(all), "[]"))
	}
	return all[i], nil
}

// Force has kernels that are chosen from now on use s, until restore is called. For tests, where nothing else runs.
func Force(s Set) (restore func()) {
	was := inUse
	inUse = s
	return func() { inUse = was }
}
