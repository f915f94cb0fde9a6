package backend

import (
	"fmt"
	"math"
	"reflect"
	"strings"
)

// Misuse is what the functions of this package panic with: a call that cannot mean anything, whatever the data.
type Misuse struct {
	Call     string // "MatMul", "Write", …
	Reason   string
	Operands string // every operand with its shape; empty where there are none
}

func (m *Misuse) Error() string {
	s := "backend: " + m.Call + ": " + m.Reason
	if m.Operands != "" {
		s += " (" + m.Operands + ")"
	}
	return s
}

func misuse(call, reason string) { panic(&Misuse{Call: call, Reason: reason}) }

// MaxBuffers is the number of distinct buffers that one call may touch: the least that OpenGL 4.3 promises.
const MaxBuffers = 8

// Do checks the calls and queues them in order, at step 0 of model 0. It panics with [Misuse] before anything is
// queued if any of them is wrong; device failures stick and are returned by Read, Sync and Close.
func Do(b Backend, calls ...Call) {
	own := b.common()
	if own.Closed() {
		misuse("Do", "the backend is closed")
	}
	for i, c := range calls {
		present("Do", i, c)
		checkCall(own, c, 1, 1)
	}
	if own.failed.Load() {
		return
	}
	for _, c := range calls {
		b.Do(c, At{})
	}
}

// Check returns the [Misuse] that Record would panic with, and nil for a step that makes sense.
func Check(b Backend, s Step) (err error) {
	defer func() {
		if r := recover(); r != nil {
			m, ok := r.(*Misuse)
			if !ok {
				panic(r)
			}
			err = m
		}
	}()
	for i, c := range s.Calls {
		present("Check", i, c)
		checkCall(b.common(), c, s.Steps, s.Models)
	}
	return nil
}

// present panics unless the call is there.
func present(what string, i int, c Call) {
	if c == nil || reflect.ValueOf(c).IsNil() {
		misuse(what, fmt.Sprintf("call %d is nil", i))
	}
}

// checkCall panics unless c makes sense on the device own at every step below steps of every model below models.
func checkCall(own *Common, c Call, steps, models int) {
	k := checker{call: c, own: own, steps: max(steps, 1), models: max(models, 1)}
	c.Walk(func(o Operand) { k.ops = append(k.ops, o) })
	for _, o := range k.ops {
		k.operand(o)
	}
	c.check(&k)
	k.buffers()
	k.overlap()
}

type checker struct {
	call          Call
	own           *Common
	steps, models int
	ops           []Operand
}

// fail panics with every operand's shape.
func (k *checker) fail(format string, args ...any) {
	var s []string
	for _, o := range k.ops {
		s = append(s, o.Role.String()+" "+o.Tensor.String())
	}
	panic(&Misuse{Call: k.call.Name(), Reason: fmt.Sprintf(format, args...), Operands: strings.Join(s, ", ")})
}

// operand checks what holds for every tensor: its owner, life, shape and reach.
func (k *checker) operand(o Operand) {
	t := o.Tensor
	switch {
	case t.Buf.owner != k.own:
		k.fail("%v belongs to another backend", o.Role)
	case !t.Buf.Live():
		k.fail("%v has been released", o.Role)
	case t.Rows < 0 || t.Cols < 0 || t.Stride < 0:
		k.fail("%v has a negative size", o.Role)
	case t.Rows > 1 && t.RowStride() < t.Cols:
		k.fail("%v has rows that overlap", o.Role)
	}
	k.domain(o.Role.String(), t.Rows, t.Cols)
	n := t.Buf.Len()
	if t.Rows == 0 || t.Cols == 0 {
		return
	}
	// In float64 first, where nothing wraps around.
	far := math.Abs(float64(t.Off)) + float64(t.Rows)*float64(t.RowStride()) +
		math.Abs(float64(t.Advance))*float64(k.steps) + math.Abs(float64(t.Model))*float64(k.models)
	if far > min(1<<53, math.MaxInt) {
		k.fail("%v reaches beyond any buffer in %d steps of %d models", o.Role, k.steps, k.models)
	}
	for _, s := range [2]int{0, k.steps - 1} { // both ends: Advance may be negative
		for _, m := range [2]int{0, k.models - 1} {
			lo, hi := t.Span(At{Step: s, Model: m})
			if lo < 0 || hi > n {
				k.fail("%v covers elements %d to %d at step %d of model %d, of a buffer of %d", o.Role, lo, hi, s, m, n)
			}
		}
	}
}

// MaxElements bounds the elements of an operand and of a domain: what 32-bit indices on a device reach.
const MaxElements = math.MaxInt32

// domain checks that what is visited element by element can be counted.
func (k *checker) domain(what string, rows, cols int) {
	if rows < 0 || cols < 0 || rows > MaxElements || cols > MaxElements || cols > 0 && rows > MaxElements/cols {
		k.fail("%s has %d×%d elements: at most 2³¹−1 can be indexed", what, rows, cols)
	}
}

func (k *checker) buffers() {
	var seen [MaxBuffers]*Buffer
	n := 0
next:
	for _, o := range k.ops {
		for _, b := range seen[:n] {
			if b == o.Tensor.Buf {
				continue next
			}
		}
		if n == MaxBuffers {
			k.fail("more than %d distinct buffers", MaxBuffers)
		}
		seen[n] = o.Tensor.Buf
		n++
	}
}

func (k *checker) overlap() {
	for i, a := range k.ops {
		for _, b := range k.ops[:i] {
			if (a.Access|b.Access)&Writes == 0 || a.Tensor.Buf != b.Tensor.Buf {
				continue
			}
			if a.Tensor.same(b.Tensor) && a.Domain == b.Domain && a.Domain != 0 && a.Access&b.Access&Writes == 0 {
				continue
			}
			k.disjoint(a, b)
		}
	}
}

// disjoint tries every step where the two move apart or together; models are as far apart as the layout makes them.
func (k *checker) disjoint(a, b Operand) {
	steps, models := k.steps, k.models
	if a.Tensor.Advance == b.Tensor.Advance {
		steps = 1
	}
	if a.Tensor.Model == b.Tensor.Model {
		models = 1
	}
	for s := range steps {
		for m := range models {
			if a.Tensor.Overlaps(b.Tensor, At{Step: s, Model: m}) {
				k.fail("%v and %v overlap", b.Role, a.Role)
			}
		}
	}
}

// need checks that an operand is there with the kind and shape that the call gives it.
func (k *checker) need(field string, t *Tensor, kind Kind, rows, cols int) {
	if !t.Present() {
		k.fail("%s is missing", field)
	}
	k.shape(field, t, kind, rows, cols)
}

func (k *checker) shape(field string, t *Tensor, kind Kind, rows, cols int) {
	if t.Buf.Kind() != kind {
		k.fail("%s is %v, want %v", field, t.Buf.Kind(), kind)
	}
	if t.Rows != rows || t.Cols != cols {
		k.fail("%s is %d×%d, want %d×%d", field, t.Rows, t.Cols, rows, cols)
	}
}

func (k *checker) optional(field string, t *Tensor, kind Kind, rows, cols int) {
	if t.Present() {
		k.shape(field, t, kind, rows, cols)
	}
}

// chain checks a chain over a rows×cols domain.
func (k *checker) chain(field string, ch Chain, rows, cols int) {
	for i := range ch {
		f := &ch[i]
		if f.Op == nil || f.Op.F == nil || len(f.Op.Args) > MaxArgs {
			k.fail("%s[%d] is no op", field, i)
		}
		if c := strings.Count(f.Op.Args, "c"); c > 1 || strings.Count(f.Op.Args, "k") > 1 || c == 1 != (f.Op.Consts > 0) {
			k.fail("%s[%d]: op %s has the roles %q and %d constants: one c with constants and one k at most", field, i, f.Op.Name, f.Op.Args, f.Op.Consts)
		}
		for j := range f.Op.Args {
			k.arg(Role{Field: field, Op: f.Op, Fn: i, Arg: j}, f.Op.Args[j], &f.Arg[j], rows, cols)
		}
		for j := len(f.Op.Args); j < MaxArgs; j++ {
			if f.Arg[j].Present() {
				k.fail("%s[%d].%s takes %d operands", field, i, f.Op.Name, len(f.Op.Args))
			}
		}
	}
}

func (k *checker) arg(role Role, letter byte, t *Tensor, rows, cols int) {
	if !t.Present() {
		k.fail("%v is missing", role)
	}
	kind := F32
	ok := false
	switch letter {
	case 'r':
		ok = (t.Rows == rows || t.Rows == 1) && (t.Cols == cols || t.Cols == 1)
	case 'w', 'm':
		ok = t.Rows == rows && t.Cols == cols
	case 'c':
		ok = t.Rows == 1 && t.Cols == role.Op.Consts && t.Cols <= MaxConsts
	case 'k':
		kind = U32
		ok = t.Rows == 1 && t.Cols == 4
	default:
		k.fail("%v has the unknown role %q", role, letter)
	}
	if t.Buf.Kind() != kind {
		k.fail("%v is %v, want %v", role, t.Buf.Kind(), kind)
	}
	if !ok {
		k.fail("%v is %d×%d, which does not fit the domain of %d×%d", role, t.Rows, t.Cols, rows, cols)
	}
}
