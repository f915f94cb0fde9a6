// Package shaders holds the GLSL of the OpenGL backend: one template for each launch geometry (*.comp) and a library of
// functions (*.glsl), among them op_<name> for every row of the op table.
//
// An op that is not in the table brings its GLSL along (backend.Op.GLSL): the definition of
//
//	float op_<name>(El e, float v, ...)
//
// where v is the running value, e the element's place with the op's parameters in e.p, and the rest the operands in
// the order of their roles: r `float`, w `out float`, m `inout float`, c `float[n]`, k `uvec4`. It returns the new running
// value, and may call the functions of math.glsl and random.glsl. Blank lines stand only between functions.
package shaders

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.comp *.glsl
var files embed.FS

// File is the text of one file.
func File(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic("shaders: " + err.Error()) // a name in this module's own source
	}
	return string(b)
}

// A Part is what one launch gives to a kernel: a template with what fills it in. Its function run is the work of one group,
// GROUP, of the part's own; GROUP and Z, which says more about the group, are the kernel's to define.
type Part struct {
	Template     string   // name.comp
	Own          []string // ops that are not in the library
	Defines      []string // "NAME" or "NAME value", in order
	Code         string
	Floats, Ints int // words of shared memory, which the parts take one after another
}

// Source is the whole GLSL of a kernel of one part, each of whose groups is a work group.
func Source(head string, p Part) string {
	return Kernel(head+"#define GROUP (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x)\n#define Z gl_WorkGroupID.z\n",
		[]Part{p}, "void main() { run_0(); }\n", false)
}

// LoneGroup is the number of invocations of a work group whose invocations are groups of their own: two of the vectors that a
// software renderer carries out at once.
const LoneGroup = 16

// Kernel is the whole GLSL of a kernel: version, the functions of the library that the rest needs, the parts' own ops, the head,
// the parts, in which part k's top-level names end in _k for others, and at last what calls them. A part's defines come after what
// others wrote, who may use names such as ROWS and BETA as they like, and do not reach beyond it. A lone kernel's invocations share
// nothing.
func Kernel(head string, parts []Part, main string, lone bool) string {
	var own, body strings.Builder
	seen := map[string]bool{}
	floats, ints := 0, 0
	for k, p := range parts {
		for _, text := range p.Own {
			if !seen[text] {
				seen[text] = true
				own.WriteString(strings.TrimSpace(text) + "\n")
			}
		}
		body.WriteString(p.text(k))
		floats, ints = max(floats, p.Floats), max(ints, p.Ints)
	}
	size, shared := 256, "shared"
	if lone {
		size, shared = LoneGroup, ""
	}
	var s strings.Builder
	fmt.Fprintf(&s, "#version 430 core\nlayout(local_size_x = %d) in;\n#define SHARED %s\n", size, shared)
	for _, p := range needed(own.String() + head + body.String() + main) {
		s.WriteString(p.text + "\n\n")
	}
	s.WriteString(own.String() + head)
	if floats > 0 {
		fmt.Fprintf(&s, "SHARED float FLOATS[%d];\n", floats)
	}
	if ints > 0 {
		fmt.Fprintf(&s, "SHARED uint INTS[%d];\n", ints)
	}
	s.WriteString(body.String() + main)
	// Comments are for those who read the files; not every driver takes their letters.
	return comment.ReplaceAllString(s.String(), "")
}

// text is the part's own GLSL, between macros that rename what it defines.
func (p *Part) text(k int) string {
	body := p.Code + "\n" + File(p.Template+".comp")
	var before, after strings.Builder
	for _, m := range topLevel.FindAllStringSubmatch(body, -1) {
		fmt.Fprintf(&before, "#define %s %[1]s_%d\n", m[1], k)
		fmt.Fprintf(&after, "#undef %s\n", m[1])
	}
	for _, d := range p.Defines {
		before.WriteString("#define " + d + "\n")
		fmt.Fprintf(&after, "#undef %s\n", identifier.FindString(d))
	}
	for _, m := range macro.FindAllStringSubmatch(body, -1) {
		fmt.Fprintf(&after, "#undef %s\n", m[1])
	}
	return before.String() + body + after.String()
}

// piece is a top-level definition of the library.
type piece struct {
	name, text string
	uses       []string // every identifier in it
}

var (
	identifier = regexp.MustCompile(`[A-Za-z_]\w*`)
	definition = regexp.MustCompile(`^\w+ (\w+)`)
	topLevel   = regexp.MustCompile(`(?m)^(?:void|bool|u?int|float|u?vec[24]) (\w+)[(;[]`)
	macro      = regexp.MustCompile(`(?m)^#define (\w+)`)
	comment    = regexp.MustCompile(`[ \t]*//[^\n]*`)
)

// library is the pieces of all library files in an order in which each stands after what it uses.
var library = sync.OnceValue(func() (all []piece) {
	for _, f := range []string{"math.glsl", "random.glsl", "ops.glsl", "losses.glsl", "optimizers.glsl"} {
		all = append(all, split(File(f))...)
	}
	return all
})

// split cuts a file at its blank lines and passes over paragraphs that are only a comment.
func split(text string) (pieces []piece) {
	for para := range strings.SplitSeq(text, "\n\n") {
		para = strings.TrimSpace(para)
		bare := strings.TrimSpace(comment.ReplaceAllString(para, ""))
		if m := definition.FindStringSubmatch(bare); m != nil {
			pieces = append(pieces, piece{m[1], para, identifier.FindAllString(bare, -1)})
		}
	}
	return pieces
}

// needed are the pieces that text uses, directly or not, in the library's order.
func needed(text string) (out []piece) {
	lib := library()
	want := map[string]bool{}
	for _, id := range identifier.FindAllString(comment.ReplaceAllString(text, ""), -1) {
		want[id] = true
	}
	// A piece uses only pieces before it, so one pass from the end finds all.
	for _, p := range slices.Backward(lib) {
		if want[p.name] {
			out = append(out, p)
			for _, id := range p.uses {
				want[id] = true
			}
		}
	}
	slices.Reverse(out)
	return out
}

// Has reports whether the library defines op_<name>.
func Has(op string) bool {
	return slices.ContainsFunc(library(), func(p piece) bool { return p.name == "op_"+op })
}

// Params is the number of parameters that an op of the library reads, by its spelling there: e.p.x to e.p.w. An op with
// GLSL of its own gets all four: it may spell them as it likes.
func Params(op string, own bool) int {
	if own {
		return 4
	}
	n := 0
	for _, p := range library() {
		for i, c := range []string{"x", "y", "z", "w"} {
			if p.name == "op_"+op && strings.Contains(p.text, "e.p."+c) {
				n = i + 1
			}
		}
	}
	return n
}

// VecSlice is the code of how slices of a factor, A or B, come in by fours.
func VecSlice(factor string) string { return strings.ReplaceAll(File("vec_slice.glsl"), "%X", factor) }

// Fold is the code of result number r of a reduction.
func Fold(r int) string { return strings.ReplaceAll(File("fold.glsl"), "%R", strconv.Itoa(r)) }
