package backend

import (
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
)

// A Stack trains many models of one shape on a device at once. It has a view of the device for each of them, a [Backend] like any
// other, on which the model is built; the views have to be asked for the same memory and the same programs, in the same order:
// Alloc and Record of one that is not return an error.
// What they allocate lies side by side in the device's buffers. So a program that [Stack.All] has every view run becomes one
// program of the device with as many models ([Step].Models), in dispatches that they share, or on as many cores as there are.
//
// A stack and its views are used by one goroutine at a time. Buffers of the device itself, such as a data set's, may be read by
// the calls of every view.
type Stack struct {
	dev      Backend
	views    []*view
	slabs    []*slab
	programs []*stacked
	sealed   bool
	within   bool   // All
	runs     []run  // that the first view asked for, within All
	at       int    // of them, those that the present view has asked for
	cached   *slab  // whose elements the host has
	copied   []byte // they
}

// slab is the buffers of one kind and length of all views.
type slab struct {
	buf    *Buffer
	n      int // elements of a view
	stride int
	users  int // views that have not given theirs back
}

// place is the memory of a view's buffer.
type place struct {
	slab *slab
	off  int
}

// stacked is a program of all views.
type stacked struct {
	step  Step // of the first
	joint *Program
}

type run struct {
	program, n int
}

// stackAlign keeps the models' tensors as far apart as a model keeps its own.
const stackAlign = 64

// NewStack makes n views of dev, n ≥ 1.
func NewStack(dev Backend, n int) *Stack {
	if n < 1 {
		misuse("NewStack", fmt.Sprintf("%d views", n))
	}
	s := &Stack{dev: dev}
	for i := range n {
		s.views = append(s.views, &view{Backend: dev, stack: s, model: i})
	}
	return s
}

// Len is the number of views.
func (s *Stack) Len() int { return len(s.views) }

// View is the view of model i.
func (s *Stack) View(i int) Backend { return s.views[i] }

// Seal ends the time in which views allocate alike: from then on each has what it allocates for itself alone.
func (s *Stack) Seal() { s.sealed = true }

// All calls f for every view, in order, and then runs what they ran, once for all: each has to have run the same programs, for as
// many steps. The error is the first of f, and then nothing is run, or that of recording a program.
func (s *Stack) All(f func(model int) error) error {
	s.within, s.runs = true, s.runs[:0]
	defer func() { s.within = false }()
	for i := range s.views {
		s.at = 0
		if err := f(i); err != nil {
			return err
		}
		if s.at != len(s.runs) {
			misuse("Stack.All", fmt.Sprintf("view %d ran %d programs, view 0 ran %d", i, s.at, len(s.runs)))
		}
	}
	for _, r := range s.runs {
		p := s.programs[r.program]
		if p.joint == nil {
			var err error
			if p.joint, err = Record(s.dev, p.step); err != nil {
				return err
			}
		}
		p.joint.Run(r.n)
	}
	s.cached = nil
	return nil
}

// ran notes a Run of a view within All.
func (s *Stack) ran(model, program, n int) {
	r := run{program, n}
	if model == 0 {
		s.runs = append(s.runs, r)
	}
	if s.at >= len(s.runs) || s.runs[s.at] != r {
		misuse("Stack.All", fmt.Sprintf("view %d runs %d steps of program %d, which view 0 does not at that place", model, n, program))
	}
	s.at++
}

// Release gives the memory of all views back.
func (s *Stack) Release() {
	for _, p := range s.programs {
		p.joint.Release()
	}
	for _, l := range s.slabs {
		l.buf.Release()
	}
	s.programs, s.slabs, s.cached, s.copied = nil, nil, nil, nil
}

// spread is a call of any view as one of all.
func spread(c Call) Call {
	return relocated(c, func(t *Tensor) {
		if p, ok := t.Buf.mem.(*place); ok {
			t.Buf, t.Model = p.slab.buf, p.slab.stride
		}
	})
}

// view is what one model sees of the device.
type view struct {
	Backend
	stack   *Stack
	model   int
	allocs  int // so far
	records int
}

func (v *view) Alloc(kind Kind, n int) (*Buffer, error) {
	s := v.stack
	if s.sealed {
		return v.Backend.Alloc(kind, n)
	}
	i := v.allocs
	v.allocs++
	if i == len(s.slabs) {
		stride := (n + stackAlign - 1) / stackAlign * stackAlign
		buf, err := v.Backend.Alloc(kind, stride*len(s.views))
		if err != nil {
			v.allocs--
			return nil, err
		}
		s.slabs = append(s.slabs, &slab{buf: buf, n: n, stride: stride, users: len(s.views)})
	}
	l := s.slabs[i]
	if l.n != n || l.buf.kind != kind {
		return nil, fmt.Errorf("model %d of a stack has %d elements of %v where model 0 has %d of %v: they have to be of one shape", v.model, n, kind, l.n, l.buf.kind)
	}
	buf := &Buffer{owner: v.common(), kind: kind, n: n, mem: &place{l, v.model * l.stride}, free: l.left}
	buf.refs.Store(1)
	return buf, nil
}

// left gives a slab back with its last view.
func (l *slab) left() {
	if l.users--; l.users == 0 {
		l.buf.Release()
	}
}

func (v *view) Write(dst *Buffer, off int, src []byte) {
	v.stack.cached = nil
	if p, ok := dst.mem.(*place); ok {
		dst, off = p.slab.buf, off+p.off
	}
	v.Backend.Write(dst, off, src)
}

// readAll is the largest slab, in bytes, that is read as a whole, for the views that come next.
const readAll = 16 << 20

func (v *view) Read(dst []byte, src *Buffer, off int) error {
	p, ok := src.mem.(*place)
	if !ok {
		return v.Backend.Read(dst, src, off)
	}
	s, all, size := v.stack, p.slab.buf, src.kind.Size()
	if bytes := all.n * size; bytes > readAll {
		return v.Backend.Read(dst, all, p.off+off)
	} else if s.cached != p.slab {
		s.copied = slices.Grow(s.copied[:0], bytes)[:bytes]
		s.cached = nil
		if err := v.Backend.Read(s.copied, all, 0); err != nil {
			return err
		}
		s.cached = p.slab
	}
	copy(dst, s.copied[(p.off+off)*size:])
	return nil
}

func (v *view) Do(c Call, at At) {
	v.stack.cached = nil
	v.Backend.Do(v.own(c), at)
}

// own is a call of the view as one of the device.
func (v *view) own(c Call) Call {
	return relocated(c, func(t *Tensor) {
		if p, ok := t.Buf.mem.(*place); ok {
			t.Buf, t.Off = p.slab.buf, t.Off+p.off
		}
	})
}

// Record implements [Recorder]. What All runs is recorded there, once for all views.
func (v *view) Record(step Step) (Runner, error) {
	s := v.stack
	r := &viewRunner{v: v, program: -1, step: step}
	if s.sealed {
		return r, nil
	}
	r.program = v.records
	v.records++
	if r.program == len(s.programs) {
		joint := Step{Steps: step.Steps, Models: len(s.views)}
		for _, c := range step.Calls {
			joint.Calls = append(joint.Calls, spread(c))
		}
		s.programs = append(s.programs, &stacked{step: joint})
	}
	joint := s.programs[r.program].step
	if len(joint.Calls) != len(step.Calls) || joint.Steps != step.Steps {
		return nil, fmt.Errorf("model %d of a stack records %d calls for %d steps where model 0 records %d for %d: they have to be of one shape",
			v.model, len(step.Calls), step.Steps, len(joint.Calls), joint.Steps)
	}
	for i, c := range step.Calls {
		if got := spread(c); v.model > 0 && !reflect.DeepEqual(got, joint.Calls[i]) {
			return nil, fmt.Errorf("model %d of a stack differs from model 0 in more than numbers of its tables: call %d is %s, and %s", v.model, i, Describe(got), Describe(joint.Calls[i]))
		}
	}
	return r, nil
}

// viewRunner is a program of one view.
type viewRunner struct {
	v       *view
	program int // of the stack, −1 for none
	step    Step
	alone   *Program
}

func (r *viewRunner) Run(n int, stop *atomic.Bool) int {
	s := r.v.stack
	s.cached = nil
	if s.within && r.program >= 0 {
		s.ran(r.v.model, r.program, n)
		return n
	}
	if r.alone == nil {
		own := Step{Steps: r.step.Steps, Models: r.step.Models}
		for _, c := range r.step.Calls {
			own.Calls = append(own.Calls, r.v.own(c))
		}
		var err error
		if r.alone, err = Record(r.v.Backend, own); err != nil {
			r.v.common().Fail(err)
			return n
		}
	}
	return r.alone.RunUntil(stop, n)
}

func (r *viewRunner) Release() { r.alone.Release() }

// relocated is a copy of a call whose operands f has changed.
func relocated(c Call, f func(*Tensor)) Call {
	chain := func(ch *Chain) { *ch = slices.Clone(*ch) }
	var out Call
	switch c := c.(type) {
	case *MatMul:
		d := *c
		chain(&d.Then)
		out = &d
	case *Each:
		d := *c
		chain(&d.Do)
		out = &d
	case *Reduce:
		d := *c
		for i := range d.Out {
			chain(&d.Out[i].Map)
			chain(&d.Out[i].Then)
		}
		out = &d
	case *Xent:
		d := *c
		chain(&d.Then)
		out = &d
	case *Gather:
		d := *c
		chain(&d.Then)
		out = &d
	case *Scatter:
		d := *c
		out = &d
	case *Permute:
		d := *c
		out = &d
	default:
		panic(fmt.Sprintf("backend: unknown call %T", c))
	}
	out.Walk(func(o Operand) { f(o.Tensor) })
	return out
}
