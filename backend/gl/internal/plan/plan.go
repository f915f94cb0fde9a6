// Package plan turns the calls of the contract into launches of GLSL kernels: source, uniforms, bindings, work groups.
// It is plain Go and knows no GL, so that it builds and is tested everywhere.
//
// A kernel's text depends on the kind of call, its ops, which operands share a buffer and which are broadcast. Shapes,
// offsets, strides and parameters are uniforms, so that networks of other sizes use the same kernels.
package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// Launch is one dispatch.
type Launch struct {
	Name    string // the calls and their ops, for messages
	Parts   []Part // of its kernel
	Main    string // GLSL that calls them; "" where there is one, each of whose groups is a work group
	Ordered bool   // what one part writes another may read
	Lone    bool   // each invocation is a group of its own
	Groups  [3]uint32
	Buffers []*backend.Buffer // storage block i; nil is the scratch
	Writes  []bool            // whether the kernel writes to block i
	Vectors int               // the last blocks, that are read by fours
	Ranges  []Range           // what of it is bound
	Words   []Word
	Touches []Touch
	At      backend.At // the step and model that it is first run for
	Steps   int        // that it carries out itself, at most; 0 is one
	StepsAt int        // the word that says how many
	Scratch int        // words of scratch, zero before the first launch that uses them; 0 for none

	near   []near // blocks that the kernel has a copy of
	kept   int    // words of shared memory for rows
	work   Work
	groups int // without the third axis
	parts  int // of the third axis, for each model
	loops  int // iterations of one invocation's loops, at most
	share  int // of its groups, for each block of rows where it is planned by those

	counters   int   // words at the start of the scratch that are 0 before and after every launch
	countersAt []int // the words that say how many they are
	scratchAt  int   // the word that says where the scratch begins
}

// A Part is the text of one call's launch.
type Part struct {
	shaders.Part
	Word   int   // the kernel's word that is its first, a multiple of four
	Words  int   // that are its own
	Blocks []int // the kernel's blocks that are its own
}

// Key is as different as Source is, and cheaper.
func (l *Launch) Key() string {
	var s strings.Builder
	s.WriteString(l.Main)
	l.head(&s)
	for i := range l.Parts {
		p := &l.Parts[i]
		for _, t := range p.Own {
			s.WriteString(t)
		}
		for _, d := range p.Defines {
			s.WriteString(d)
			s.WriteByte('\n')
		}
		s.WriteString(p.Template)
		s.WriteByte('\n')
		s.WriteString(p.Code)
		if l.Main != "" { // or else the words and blocks are the part's own, in order
			l.macros(p, func(d string) { s.WriteString(d) })
		}
	}
	return s.String()
}

// Source is the kernel's whole GLSL.
func (l *Launch) Source() string {
	parts := make([]shaders.Part, len(l.Parts))
	for i := range l.Parts {
		p := &l.Parts[i]
		parts[i] = p.Part
		parts[i].Defines = nil
		l.macros(p, func(d string) { parts[i].Defines = append(parts[i].Defines, d) })
		parts[i].Defines = append(parts[i].Defines, p.Defines...)
	}
	var head strings.Builder
	l.head(&head)
	if l.Main == "" {
		return shaders.Source(head.String(), parts[0])
	}
	return shaders.Kernel(head.String()+"uint GROUP, Z, STEP, BLOCK0;\n", parts, l.Main, l.Lone)
}

// macros give the part's words and blocks the places that they have in the kernel.
func (l *Launch) macros(p *Part, define func(string)) {
	uniforms := "U"
	if l.Lone {
		uniforms = "V"
		define("COPY_UNIFORMS " + copyUniforms(p.Word/4, p.Words/4))
	}
	define(fmt.Sprintf("W(i) %s[%d + (i) / 4][(i) %% 4]", uniforms, p.Word/4))
	for i, b := range p.Blocks {
		if slices.ContainsFunc(l.near, func(n near) bool { return n.block == b }) {
			define(fmt.Sprintf("B%d(at) NEAR%d[(at) - S%[2]d]", i, b))
		} else {
			define(fmt.Sprintf("B%d(at) M%d[at]", i, b))
		}
	}
}

// head declares the uniforms and the storage blocks.
func (l *Launch) head(s *strings.Builder) {
	if l.kept > 0 {
		fmt.Fprintf(s, "shared float KEPT[%d];\n", l.kept)
	}
	for _, n := range l.near {
		fmt.Fprintf(s, "SHARED float NEAR%d[%d];\nuint S%[1]d;\n", n.block, n.n)
	}
	if n := len(l.Words); n > 0 {
		fmt.Fprintf(s, "layout(location = 0) uniform uvec4 U[%d];\n", n/4)
		if l.Lone {
			fmt.Fprintf(s, "uvec4 V[%d];\n", n/4)
		}
	}
	for i, buf := range l.Buffers {
		qualifier, elem := "readonly ", "uint"
		if l.Writes[i] {
			qualifier = ""
		}
		if buf == nil || l.Ordered && l.Writes[i] {
			qualifier = "coherent "
		}
		if buf == nil {
			elem = "uint"
		} else if buf.Kind() == backend.F32 {
			elem = "float"
		}
		restrict := "restrict "
		if i >= len(l.Buffers)-l.Vectors { // another view of what may be bound already
			elem, restrict = "vec4", ""
		}
		fmt.Fprintf(s, "layout(std430, binding = %d) %s%sbuffer Block%d { %s M%d[]; };\n", i, restrict, qualifier, i, elem, i)
	}
}

// Word is a uniform: Base + Step·Advance + Model·Model.
type Word struct{ Base, Advance, Model uint32 }

// At is the word at a step and model.
func (w Word) At(at backend.At) uint32 {
	return w.Base + uint32(at.Step)*w.Advance + uint32(at.Model)*w.Model
}

// Touch says that a launch reads or writes some bytes of a buffer, at any of its steps and models, or the scratch.
type Touch struct {
	Binding int
	Lo, Hi  int // Hi excluded
	Write   bool
	Scratch bool
}

// Env is what a plan has to know of the device.
type Env struct {
	Blocks int // storage blocks that a kernel may use
	Words  int // uniforms that a kernel may have
	// Scratch is how many words of scratch a kernel sees, Loop how many loop iterations of one invocation the device
	// carries out, all loops counted together. 0 is no bound.
	Scratch, Loop int
	// Block is the most bytes of a buffer that a kernel sees at once: larger ones are bound in parts. 0 is no bound.
	Block int64
	// Serial says that work groups run one after another, as a software renderer's do.
	Serial bool
	// Shared is the bytes of shared memory of a work group; 0 is the 32 KiB that OpenGL promises.
	Shared int
	// Tuned says how a product is best carried out, if it knows; vec is whether both factors can be read by fours. May be nil.
	Tuned func(c *backend.MatMul, vec bool) (Cut, bool)
	// Without is what is left out.
	Without Technique
	// TooLong says of what work a launch should not be: such calls are cut, as far as that changes no bit. May be nil.
	TooLong func(Work) bool
	// Rows, where it is not 0, has launches planned in blocks of so many rows, each for groups of its own.
	Rows int
	// Loops has a launch compute where it is at a step itself: STEP counts from At.
	Loops bool
	// Kept is what lies in shared memory of the rows from BLOCK0 on while the call is carried out, which is piece number Piece of a
	// stretch.
	Kept  []kept
	Piece int
	// From is the Gather through which a product reads its left factor; nil for where it lies.
	From *backend.Gather
	// Lone has a launch be one invocation's, of a group that is its own. Not all launches can.
	Lone bool
	// At is where the launches are first run, Steps for how many steps from there on; 0 for one.
	At    backend.At
	Steps int
	// Models is how many models each launch computes side by side, along the third axis of its groups; 0 or 1 for a
	// launch for each. Independent says whether it may.
	Models int
}

// LLVMPipeLoop is where llvmpipe cuts every invocation off, without an error.
const LLVMPipeLoop = 65535

// cut is the most iterations of a piece of a longer sum: no kernel comes near the bound.
func (e *Env) cut() int {
	if e.Loop == 0 {
		return 1 << 27
	}
	return e.Loop / 2
}

// endless reports whether a kernel that cannot be cut further has so many iterations that it is to be refused rather than
// cut off.
func (e *Env) endless(iterations int) bool { return e.Loop > 0 && iterations > e.Loop/12*11 }

// maxDomain is the largest number of elements of a call: elements are counted in 32 bits.
const maxDomain = 1 << 31

// Build plans a call that has passed the door's checks. The launches run in order; none is needed for an empty result.
func Build(call backend.Call, env Env) (launches []Launch, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case planError: // an op that cannot run, met deep inside
			launches, err = nil, fmt.Errorf("gl: %s: %w", call.Name(), p.err)
		default:
			panic(p)
		}
	}()
	switch c := call.(type) {
	case *backend.MatMul:
		return matMul(c, &env), nil
	case *backend.Each:
		return each(c, &env), nil
	case *backend.Reduce:
		return reduce(c, &env), nil
	case *backend.Xent:
		return xent(c, &env), nil
	case *backend.Gather:
		return gather(c, &env), nil
	case *backend.Scatter:
		return scatter(c, &env), nil
	case *backend.Permute:
		return permute(c, &env), nil
	}
	return nil, fmt.Errorf("gl: unknown call %T", call)
}

type planError struct{ err error }

func fail(format string, args ...any) { panic(planError{fmt.Errorf(format, args...)}) }

var errChunkedAlias = errors.New("the sum is too long for one kernel, and the chain after it reads or writes its destination's buffer;" +
	" keep the result in a buffer of its own")

// batch is the number of models of a launch.
func (e *Env) batch() int { return max(1, e.Models) }

func ceil(a, b int) int { return (a + b - 1) / b }

// flat lays n groups out in two dimensions, 65,535 at most in each.
func flat(n int) [3]uint32 {
	const most = 65535
	if n <= most {
		return [3]uint32{uint32(n), 1, 1}
	}
	return [3]uint32{most, uint32(ceil(n, most)), 1}
}

// lanes is the power of two between lo and hi that gives each of that many invocations about per elements of n.
func lanes(n, per, lo, hi int) int {
	l := lo
	for l < hi && l*per < n {
		l *= 2
	}
	return l
}
