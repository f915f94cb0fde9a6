package plan

import (
	"fmt"
	"math"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// builder collects a launch.
type builder struct {
	l        Launch
	part     *Part
	env      *Env
	w        window
	moved    []place // words that count from the start of what is bound, not of the buffer
	code     strings.Builder
	consts   strings.Builder // that read what is the same for all elements
	ops      map[string]bool // user's ops whose text is there
	chains   int
	usesName []string
}

// maxBlocks is the most storage blocks of a kernel.
const maxBlocks = 16

// place is a word that is an operand's offset.
type place struct{ word, binding, size int }

// side is what an operand's rows or columns go along: an axis of the window, and its extent.
type side struct {
	axis
	extent
}

func (b *builder) side(a axis) side { return side{a, b.w[a]} }

// uncut is a side that every launch visits whole.
func uncut(n int) side { return side{fixed, whole(n)} }

func newBuilder(name, template string, env *Env, w window) *builder {
	b := &builder{l: Launch{Name: name, Parts: make([]Part, 1), At: env.At}, env: env, w: w}
	b.part = &b.l.Parts[0]
	b.part.Template = template
	return b
}

// begins defines where the launch begins along an axis: at 0, but for the later parts of a window.
func (b *builder) begins(name string, e extent) {
	if e.all() {
		b.define("%s 0u", name)
	} else {
		b.number(name, e.lo)
	}
}

// visits defines where it begins and where it ends.
func (b *builder) visits(begin, end string, e extent) {
	b.begins(begin, e)
	b.number(end, e.hi)
}

// visitsEach is visits for rows and columns. It gives the number of elements.
func (b *builder) visitsEach() int {
	r, c := b.w[rows], b.w[cols]
	if c.len() != 0 && r.len() > maxDomain/c.len() {
		panic(wide{[]axis{rows, cols}, nil})
	}
	b.visits("ROW0", "ROWS", r)
	b.visits("COL0", "COLS", c)
	return r.len() * c.len()
}

func (b *builder) define(format string, args ...any) {
	b.part.Defines = append(b.part.Defines, fmt.Sprintf(format, args...))
}

// uniform appends a word and gives the GLSL that reads it.
func (b *builder) uniform(w Word) string {
	i := len(b.l.Words)
	b.l.Words = append(b.l.Words, w)
	return fmt.Sprintf("W(%d)", i)
}

// number defines a name for an integer.
func (b *builder) number(name string, v int) {
	b.define("%s %s", name, b.uniform(Word{Base: uint32(v)}))
}

// float gives the GLSL that reads a constant.
func (b *builder) float(v float32) string {
	return "uintBitsToFloat(" + b.uniform(Word{Base: math.Float32bits(v)}) + ")"
}

// binding is the storage block of a buffer, or of a part of one; nil is the scratch. Operands that are near each other in
// a buffer share a block.
func (b *builder) binding(buf *backend.Buffer, r Range) int {
	for i, x := range b.l.Buffers {
		if x != buf {
			continue
		}
		if r == (Range{}) {
			return i
		}
		both := Range{min(r.Lo, b.l.Ranges[i].Lo), max(r.Hi, b.l.Ranges[i].Hi)}
		if int64(both.Hi-both.Lo) <= b.env.Block {
			b.l.Ranges[i] = both
			return i
		}
	}
	if len(b.l.Buffers) == maxBlocks {
		fail("more than %d buffers, or parts of buffers", maxBlocks)
	}
	b.l.Buffers = append(b.l.Buffers, buf)
	b.l.Writes = append(b.l.Writes, false)
	b.l.Ranges = append(b.l.Ranges, r)
	return len(b.l.Buffers) - 1
}

// operand defines name(i, j) as the element of t at row i and column j of a domain over which it is broadcast. An absent
// operand defines nothing.
func (b *builder) operand(name string, t *backend.Tensor, r, c side, write bool) {
	b.strided(name, t, r, c, false, write)
}

// transposed is operand for a matrix that is read with rows and columns exchanged.
func (b *builder) transposed(name string, t *backend.Tensor, r, c side, trans bool) {
	if trans {
		r, c = c, r
	}
	b.strided(name, t, r, c, trans, false)
}

// strided is for a tensor whose rows go along r and whose columns go along c.
func (b *builder) strided(name string, t *backend.Tensor, r, c side, trans, write bool) {
	if !t.Present() {
		return
	}
	also := ""
	if r.axis == rows && len(b.env.Kept) > 0 {
		also = b.keptElement(t, write, "(i)", "(j)")
	}
	if also != "" && !write {
		b.define("%s(i, j) %s", name, also)
		return
	}
	if write {
		if also != "" {
			also += " = "
		}
		b.define("SET_%s(i, j, v) %s(i, j) = %sv", name, name, also)
	}
	sameRow, sameCol := t.Rows == 1 && r.n != 1, t.Cols == 1 && c.n != 1
	var along []axis
	if !sameRow {
		along = append(along, r.axis)
	}
	if !sameCol {
		along = append(along, c.axis)
	}
	seen := t
	if !sameRow && !r.all() || !sameCol && !c.all() {
		v := *t
		if !sameRow {
			v = v.RowSpan(r.lo, r.hi)
		}
		if !sameCol {
			v = v.Columns(c.lo, c.hi)
		}
		seen = &v
	}
	lo, hi := b.env.reach(seen)
	size := t.Buf.Kind().Size()
	n := b.bind(name, seen, Range{lo * size, hi * size}, along)
	b.l.Touches = append(b.l.Touches, Touch{Binding: n, Lo: lo * size, Hi: hi * size, Write: write})
	b.l.Writes[n] = b.l.Writes[n] || write
	b.moved = append(b.moved, place{len(b.l.Words), n, size})
	// A launch for several models is told the first of them in the same way.
	at := b.uniform(Word{uint32(t.Off), uint32(t.Advance), uint32(t.Model)})
	if b.env.Loops && t.Advance != 0 {
		at += " + STEP * " + b.uniform(Word{Base: uint32(t.Advance)})
	}
	if b.env.batch() > 1 && t.Model != 0 {
		at += " + MODEL * " + b.uniform(Word{Base: uint32(t.Model)})
	}
	i, j := "(i)", "(j)"
	if trans {
		i, j = j, i
	}
	if !sameRow {
		at += " + " + i + " * " + b.uniform(Word{Base: uint32(t.RowStride())})
	}
	if !sameCol {
		at += " + " + j
	}
	if t.Buf.Kind() == backend.U8 { // four to a word
		b.define("%s(i, j) float((B%d((%s) >> 2) >> (((%s) & 3u) * 8u)) & 255u)", name, n, at, at)
		return
	}
	b.define("%s(i, j) B%d(%s)", name, n, at)
}

// counters is the least number of words at the start of the scratch that are 0 before and after every launch: as many
// as a launch for one model needs, so that calls run one by one agree about where they end.
const counters = 4096

// scratch defines SCRATCH(i) as word i of memory that is the device's own: counters, then so many words.
func (b *builder) scratch(count, words int) {
	n := b.binding(nil, Range{})
	b.l.Writes[n] = true
	b.l.Touches = append(b.l.Touches, Touch{Binding: n, Write: true, Scratch: true})
	b.l.counters, b.l.countersAt = max(counters, count), []int{len(b.l.Words)}
	b.l.Scratch = b.l.counters + words
	b.number("COUNTERS", b.l.counters)
	b.l.scratchAt = len(b.l.Words)
	b.define("SCRATCH(i) B%d(%s + (i))", n, b.uniform(Word{}))
}

// chain defines the function name(v, i, j) that sends a value through a chain over a domain.
func (b *builder) chain(name string, ch backend.Chain, r, c side) {
	var s strings.Builder
	fmt.Fprintf(&s, "float %s(float v, uint i, uint j) {\n", name)
	if len(ch) > 0 {
		s.WriteString("\tEl e = El(i, j, uvec2(0u), vec4(0.0));\n")
	}
	for i := range ch {
		if f := &ch[i]; strings.Contains(f.Op.Args, "k") || f.Op.GLSL != "" {
			// The element's number has 64 bits.
			fmt.Fprintf(&s, "\tuint high, low;\n\tumulExtended(i, %s, high, low);\n", b.uniform(Word{Base: uint32(c.n)}))
			s.WriteString("\te.index = uvec2(low + j, low + j < low ? high + 1u : high);\n")
			break
		}
	}
	for i := range ch {
		b.fn(&s, fmt.Sprintf("T%d_%d", b.chains, i), &ch[i], r, c)
	}
	s.WriteString("\treturn v;\n}\n")
	b.chains++
	b.code.WriteString(s.String())
}

// fn writes the block of one op: operands, the call, results.
func (b *builder) fn(s *strings.Builder, name string, f *backend.Fn, r, c side) {
	op := f.Op
	b.need(op)
	b.usesName = append(b.usesName, op.Name)
	s.WriteString("\t{\n")
	if n := shaders.Params(op.Name, op.GLSL != ""); n > 0 {
		p := [4]string{"0.0", "0.0", "0.0", "0.0"}
		for i := range n {
			p[i] = b.float(f.P[i])
		}
		fmt.Fprintf(s, "\t\te.p = vec4(%s);\n", strings.Join(p[:], ", "))
	}
	args, after := "", ""
	for i := range op.Args {
		t, role := &f.Arg[i], op.Args[i]
		arg := fmt.Sprintf("%s_%d", name, i)
		args += fmt.Sprintf(", a%d", i)
		switch role {
		case 'c':
			b.operand(arg, t, uncut(0), uncut(0), false)
			fmt.Fprintf(s, "\t\tfloat a%d[%d] = %s;\n", i, op.Consts, b.constant(arg, "float", fmt.Sprintf("[%d]", op.Consts), op.Consts))
		case 'k':
			b.operand(arg, t, uncut(0), uncut(0), false)
			fmt.Fprintf(s, "\t\tuvec4 a%d = %s;\n", i, b.constant(arg, "uvec4", "", 4))
		default:
			b.operand(arg, t, r, c, role != 'r')
			if role == 'w' {
				fmt.Fprintf(s, "\t\tfloat a%d;\n", i)
			} else {
				fmt.Fprintf(s, "\t\tfloat a%d = %s(i, j);\n", i, arg)
			}
			if role != 'r' {
				after += fmt.Sprintf("\t\t%s(i, j) = a%d;\n", arg, i)
			}
		}
	}
	fmt.Fprintf(s, "\t\tv = op_%s(e, v%s);\n%s\t}\n", op.Name, args, after)
}

// constant gives the GLSL of n numbers that are the same for all elements. Where one invocation has many of those it reads the numbers
// before all of them.
func (b *builder) constant(name, kind, dims string, n int) string {
	value := fmt.Sprintf("%s%s(%s)", kind, dims, list(name, n))
	if !b.env.Loops {
		return value
	}
	fmt.Fprintf(&b.code, "%s K%s%s;\n", kind, name, dims)
	fmt.Fprintf(&b.consts, "\tK%s = %s;\n", name, value)
	return "K" + name
}

// list reads the first n elements of a row.
func list(name string, n int) string {
	var s []string
	for j := range n {
		s = append(s, fmt.Sprintf("%s(0u, %du)", name, j))
	}
	return strings.Join(s, ", ")
}

// need adds the text of an op that is not in the library.
func (b *builder) need(op *backend.Op) {
	switch {
	case op.GLSL != "" && b.env.Lone:
		fail("op %s may have loops, of which an invocation has only so many", op.Name)
	case op.GLSL != "":
		if b.ops == nil {
			b.ops = map[string]bool{}
		}
		if !b.ops[op.Name] {
			b.ops[op.Name] = true
			b.part.Own = append(b.part.Own, op.GLSL)
		}
	case !shaders.Has(op.Name):
		fail("op %s has no GLSL: backend.Op.GLSL has to define op_%[1]s for it to run on OpenGL", op.Name)
	}
}

// groups says how many groups a part of the third axis takes.
func (b *builder) groups(n int) { b.l.Groups, b.l.groups = flat(n), n }

// elements is for kernels that go element by element: a group takes all of a block's rows, or one for each invocation.
func (b *builder) elements(elements int) {
	b.code.WriteString(shaders.File("elements.glsl"))
	if b.env.Lone {
		b.lone(2 + b.w[rows].len()*(2+b.w[cols].len()))
		return
	}
	if b.env.Rows == 0 {
		b.groups(ceil(elements, perGroup))
		b.l.loops = 1
		return
	}
	n := b.env.Rows * b.w[cols].len()
	b.number("SHARE", n)
	b.groups(ceil(elements, n))
	b.l.share, b.l.loops = 1, ceil(n, perGroup)
}

// depth says how many groups along the third axis one model takes, and defines PART as the group's place among them. Where
// those are too many, the window is cut along the given axes.
func (b *builder) depth(parts int, along ...axis) {
	models := b.env.batch()
	if parts*models > 65535 {
		panic(wide{along, fmt.Errorf("%d models of %d parts are too many for one launch", models, parts)})
	}
	b.l.Groups[2], b.l.parts = uint32(parts*models), parts
	if models == 1 {
		b.define("MODEL 0u")
		b.define("PART Z")
		return
	}
	if b.env.Loops && parts == 1 {
		b.define("MODEL Z")
		b.define("PART 0u")
		return
	}
	u := b.uniform(Word{Base: uint32(parts)})
	b.define("MODEL (Z / %s)", u)
	b.define("PART (Z %% %s)", u)
}

// done is the finished launch.
func (b *builder) done() Launch {
	for _, m := range b.moved { // in 32 bits, as the shader counts
		b.l.Words[m.word].Base -= uint32(b.l.Ranges[m.binding].Lo / m.size)
	}
	for len(b.l.Words)%4 != 0 {
		b.l.Words = append(b.l.Words, Word{})
	}
	if b.env.Words > 0 && len(b.l.Words) > b.env.Words {
		fail("the chains need %d uniforms; the device has %d", len(b.l.Words), b.env.Words)
	}
	if b.env.Blocks > 0 && len(b.l.Buffers) > b.env.Blocks {
		fail("%d buffers; the device binds %d at once", len(b.l.Buffers), b.env.Blocks)
	}
	if err := b.env.scratchError(&b.l); err != nil {
		fail("%w", err)
	}
	if b.env.Loops {
		fmt.Fprintf(&b.code, "void constants() {\n#ifdef COPY_UNIFORMS\n\tCOPY_UNIFORMS\n#endif\n%s}\n", b.consts.String())
	}
	b.part.Code = b.code.String()
	for i := range b.l.Buffers {
		b.part.Blocks = append(b.part.Blocks, i)
	}
	if len(b.usesName) > 0 {
		b.l.Name += "[" + strings.Join(b.usesName, " ") + "]"
	}
	return b.l
}
