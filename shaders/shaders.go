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

// Source is the whole GLSL of a kernel: version, the functions of the library that the rest needs, own, the ops that are
// not in it, defines ("NAME" or "NAME value", in order), the code, and the template name.comp. The defines come after
// what others wrote, who may use names such as ROWS and BETA as they like.
func Source(name, own string, defines []string, code string) string {
	body := File(name + ".comp")
	var s strings.Builder
	s.WriteString("#version 430 core\n")
	for _, p := range needed(own + code + body) {
		s.WriteString(p.text + "\n\n")
	}
	s.WriteString(own)
	for _, d := range defines {
		s.WriteString("#define " + d + "\n")
	}
	s.WriteString(code + "\n" + body)
	// Comments are for those who read the files; not every driver takes their letters.
	return comment.ReplaceAllString(s.String(), "")
}

// piece is a top-level definition of the library.
type piece struct {
	name, text string
	uses       []string // every identifier in it
}

var (
	identifier = regexp.MustCompile(`[A-Za-z_]\w*`)
	definition = regexp.MustCompile(`^\w+ (\w+)`)
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

// Fold is the code of result number r of a reduction.
func Fold(r int) string { return strings.ReplaceAll(File("fold.glsl"), "%R", strconv.Itoa(r)) }
