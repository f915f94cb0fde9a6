package backend

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// Trace returns b with a log: every call, program, allocation and transfer is written to w as a line, for people. It
// changes nothing that b does; programs run as b records them and are logged as a whole, once their calls were listed.
func Trace(b Backend, w io.Writer) Backend {
	return &trace{Backend: b, w: w, ids: map[uint64]int{}}
}

type trace struct {
	Backend
	mu  sync.Mutex
	w   io.Writer
	ids map[uint64]int // by Program.id, the number it is logged under
}

func (t *trace) Unwrap() Backend { return t.Backend }

func (t *trace) printf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.w, format+"\n", args...)
}

func (t *trace) Alloc(kind Kind, n int) (*Buffer, error) {
	buf, err := t.Backend.Alloc(kind, n)
	if err != nil {
		t.printf("alloc %d %v: %v", n, kind, err)
	} else {
		t.printf("alloc %d %v", n, kind)
	}
	return buf, err
}

func (t *trace) Write(dst *Buffer, off int, src []byte) {
	t.printf("write %d bytes", len(src))
	t.Backend.Write(dst, off, src)
}

func (t *trace) Read(dst []byte, src *Buffer, off int) error {
	t.printf("read %d bytes", len(dst))
	return t.Backend.Read(dst, src, off)
}

func (t *trace) Do(c Call, at At) {
	t.printf("%s", Describe(c))
	t.Backend.Do(c, at)
}

func (t *trace) Sync() error {
	t.printf("sync")
	return t.Backend.Sync()
}

func (t *trace) ran(p *Program, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id, known := t.ids[p.id]
	if !known {
		id = len(t.ids) + 1
		t.ids[p.id] = id
		fmt.Fprintf(t.w, "program %d:\n", id)
		for _, c := range p.Calls() {
			fmt.Fprintf(t.w, "  %s\n", Describe(c))
		}
	}
	fmt.Fprintf(t.w, "run program %d, %d steps\n", id, n)
}

// watchers are the decorators of b that want to know of programs that ran.
func watchers(b Backend) (all []watcher) {
	for {
		if w, ok := b.(watcher); ok {
			all = append(all, w)
		}
		w, ok := b.(Wrapper)
		if !ok {
			return all
		}
		b = w.Unwrap()
	}
}

// Describe is a call with its operands and their shapes on one line.
func Describe(c Call) string {
	var parts []string
	c.Walk(func(o Operand) { parts = append(parts, o.Role.String()+" "+o.Tensor.String()) })
	return c.Name() + " " + strings.Join(parts, ", ")
}
