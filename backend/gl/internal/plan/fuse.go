package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// A dispatch costs a GPU microseconds, as long as a small product takes. So the launches of a step are put together, with no bit
// changed: launches that have nothing to do with each other share a dispatch, side by side (this file); calls that go row by row
// follow each other in one, block of rows by block of rows (chain.go); and a step that is small altogether becomes one work group
// that runs many of them (whole.go).

// fusable is the most multiply-adds of a launch that is put together with others: a longer one gains nothing.
const fusable = 1 << 28

// fewRuns is for software renderers, which take a second to compile a kernel that no other network has: less than that many runs of a
// step's calls do without.
const fewRuns = 8

// Step plans the calls of a step, as few dispatches as it can, one after another.
func Step(s backend.Step, env Env) ([]Launch, error) {
	if env.Serial && s.Steps*s.Models < fewRuns {
		env.Without |= Apart
	}
	if env.uses(Whole) {
		env.Lone = env.Serial && s.Models >= shaders.LoneGroup && env.uses(Lone)
		l := alone(s, env)
		if env.Lone && l == nil {
			env.Lone = false
			l = alone(s, env)
		}
		if l != nil {
			return []Launch{*l}, nil
		}
	}
	f := fusion{env: env}
	for _, c := range s.Calls {
		l, err := Build(c, env)
		if err != nil {
			return nil, err
		}
		f.add(&piece{call: c, launches: l})
	}
	var all []Launch
	for _, d := range f.dispatches {
		all = append(all, d.launches...)
	}
	return all, env.shareScratch(all)
}

// A piece is a call with the launches that carry it out alone.
type piece struct {
	call     backend.Call
	launches []Launch
	uses     []use // of the rows, where they are gone through one by one
}

// small reports whether the piece is worth putting together with others.
func (p *piece) small() bool {
	if len(p.launches) != 1 || p.launches[0].work.MultiplyAdds > fusable || p.launches[0].Vectors > 0 {
		return false
	}
	return whollyBound(&p.launches[0])
}

// whollyBound reports whether all of every buffer is bound.
func whollyBound(l *Launch) bool {
	return !slices.ContainsFunc(l.Ranges, func(r Range) bool { return r != (Range{}) })
}

// A stretch is a range of a dispatch's groups: one piece, or several that follow each other block by block.
type stretch []*piece

// A fusion is dispatches in the making, in order. What lies in one has nothing to do with what else lies in it, but for the
// pieces of a stretch.
type fusion struct {
	env        Env
	pieces     []*piece // in the order of their calls
	dispatches []dispatch
}

type dispatch struct {
	stretches []stretch
	launches  []Launch // a piece's own, or one for all
}

// add puts a piece as early as what it waits for allows.
func (f *fusion) add(p *piece) {
	if len(p.launches) == 0 {
		return
	}
	p.uses = rowUses(p.call)
	after := f.after(p)
	follows := after >= 0 && f.follow(&f.dispatches[after], p)
	if !follows && !f.join(p, after) {
		if q := f.through(p); q == nil || !f.join(q, f.after(q)) {
			f.append(p)
		}
	}
	f.pieces = append(f.pieces, p)
}

// after is the last dispatch that a piece waits for, −1 if there is none.
func (f *fusion) after(p *piece) int {
	for i, d := range slices.Backward(f.dispatches) {
		for _, s := range d.stretches {
			if slices.ContainsFunc(s, func(q *piece) bool { return f.meet(p, q) }) {
				return i
			}
		}
	}
	return -1
}

// join puts a piece beside others, as early as it can be behind the dispatch that it waits for.
func (f *fusion) join(p *piece, after int) bool {
	if !p.small() || !f.env.uses(Beside) {
		return false
	}
	for i := after + 1; i < len(f.dispatches); i++ {
		d := &f.dispatches[i]
		if f.becomes(d, append(slices.Clone(d.stretches), stretch{p})) {
			return true
		}
	}
	return false
}

// append gives a piece a dispatch of its own, or as many as it takes.
func (f *fusion) append(p *piece) {
	f.dispatches = append(f.dispatches, dispatch{[]stretch{{p}}, p.launches})
}

// meet reports whether one writes what the other reads or writes.
func (f *fusion) meet(p, q *piece) bool {
	for i := range p.launches {
		for j := range q.launches {
			if p.launches[i].meets(&q.launches[j]) {
				return true
			}
		}
	}
	return false
}

func (l *Launch) meets(o *Launch) bool {
	for _, a := range l.Touches {
		for _, b := range o.Touches {
			if !(a.Write || b.Write) || l.Buffers[a.Binding] != o.Buffers[b.Binding] {
				continue
			}
			if a.Scratch || a.Lo < b.Hi && b.Lo < a.Hi {
				return true
			}
		}
	}
	return false
}

// becomes makes a dispatch one of these stretches, if a device takes them.
func (f *fusion) becomes(d *dispatch, stretches []stretch) bool {
	c := newComposer(&f.env)
	total := 0
	for _, s := range stretches {
		n := c.stretch(s, total)
		if n < 0 {
			return false
		}
		total += n
	}
	l := c.done(total)
	if l != nil {
		*d = dispatch{stretches, []Launch{*l}}
	}
	return l != nil
}

// inOrder is what comes before a kernel's main function. There in_order has all invocations of a group see what each has written.
const inOrder = "void in_order() {\n\tmemoryBarrierBuffer();\n\tbarrier();\n}\nvoid main() {\n"

// composer puts the launches of pieces into one.
type composer struct {
	env     *Env
	l       Launch
	main    strings.Builder
	names   []string
	numbers []Word
	stepsAt int // among them

	scratchUsed int // words of it, where each launch has its own
}

func newComposer(env *Env) *composer {
	c := &composer{env: env}
	c.l.At = env.At
	return c
}

// number gives the name of an integer that the kernel's main function needs.
func (c *composer) number(n int) string {
	c.numbers = append(c.numbers, Word{Base: uint32(n)})
	return fmt.Sprintf("N%d", len(c.numbers)-1)
}

// steps gives the name of the number of steps that the launch has to do.
func (c *composer) steps() string {
	c.stepsAt = len(c.numbers)
	return c.number(1)
}

// part takes a launch's text, words and buffers over and gives its number.
func (c *composer) part(l *Launch) int {
	p := l.Parts[0]
	p.Word, p.Words = len(c.l.Words), len(l.Words)
	c.l.Words = append(c.l.Words, l.Words...)
	p.Blocks = nil
	for i, buf := range l.Buffers {
		p.Blocks = append(p.Blocks, c.block(buf, l.Writes[i]))
	}
	for _, t := range l.Touches {
		t.Binding = p.Blocks[t.Binding]
		c.touch(t)
	}
	if l.Scratch > 0 {
		c.l.Scratch, c.l.counters, c.l.countersAt = max(c.l.Scratch, l.Scratch), max(c.l.counters, l.counters), append(c.l.countersAt, p.Word+l.countersAt[0])
	}
	c.l.work.MultiplyAdds += l.work.MultiplyAdds
	c.l.work.Bytes += l.work.Bytes
	c.l.Parts = append(c.l.Parts, p)
	c.names = append(c.names, l.Name)
	return len(c.l.Parts) - 1
}

func (c *composer) block(buf *backend.Buffer, write bool) int {
	for i, b := range c.l.Buffers {
		if b == buf {
			c.l.Writes[i] = c.l.Writes[i] || write
			return i
		}
	}
	c.l.Buffers, c.l.Writes, c.l.Ranges = append(c.l.Buffers, buf), append(c.l.Writes, write), append(c.l.Ranges, Range{})
	return len(c.l.Buffers) - 1
}

func (c *composer) touch(t Touch) {
	if !slices.Contains(c.l.Touches, t) {
		c.l.Touches = append(c.l.Touches, t)
	}
}

// stretch appends a range of groups, those from first on, and gives their number; −1 where it cannot be.
func (c *composer) stretch(s stretch, first int) int {
	if len(s) > 1 {
		return c.chain(s, first)
	}
	l := &s[0].launches[0]
	k, n := c.part(l), l.groups*l.parts
	c.opens(first, n)
	groups := c.number(l.groups)
	fmt.Fprintf(&c.main, "\t\tGROUP = group %% %s;\n\t\tZ = gl_WorkGroupID.z * %s + group / %s;\n\t\trun_%d();\n\t}", groups, c.number(l.parts), groups, k)
	return n
}

// opens begins what the groups from first on do.
func (c *composer) opens(first, n int) {
	if first == 0 {
		c.main.WriteString("\tuint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;\n")
	} else {
		c.main.WriteString(" else ")
	}
	fmt.Fprintf(&c.main, "if (group < %s) {\n\t\tgroup -= %s;\n", c.number(first+n), c.number(first))
}

// done is the kernel, nil where a device does not take it.
func (c *composer) done(groups int) *Launch {
	e := c.env
	var defines strings.Builder
	for i := range c.numbers {
		w := len(c.l.Words) + i
		fmt.Fprintf(&defines, "#define N%d U[%d].%c\n", i, w/4, "xyzw"[w%4])
	}
	c.l.StepsAt = len(c.l.Words) + c.stepsAt
	c.l.Words = append(c.l.Words, c.numbers...)
	for len(c.l.Words)%4 != 0 {
		c.l.Words = append(c.l.Words, Word{})
	}
	if e.Words > 0 && len(c.l.Words) > e.Words || e.Blocks > 0 && len(c.l.Buffers) > e.Blocks || len(c.l.Buffers) > maxBlocks || len(c.l.countersAt) > 1 {
		return nil
	}
	c.l.Name = strings.Join(c.names, " ")
	order := inOrder
	if e.Lone {
		order, c.l.Lone = loneOrder, true
	}
	c.l.Main = defines.String() + order + c.main.String() + "\n}\n"
	c.l.Groups = flat(groups)
	c.l.Groups[2] = uint32(e.batch())
	return &c.l
}
