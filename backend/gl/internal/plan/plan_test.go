package plan

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

var env = Env{Blocks: 16, Words: 512}

// buffers are of a backend that is never asked to run anything.
func buffers(t *testing.T, kinds ...backend.Kind) []*backend.Buffer {
	t.Helper()
	b := ref.Open()
	t.Cleanup(func() { b.Close() })
	out := make([]*backend.Buffer, len(kinds))
	for i, k := range kinds {
		buf, err := backend.Alloc(b, k, 16)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = buf
	}
	return out
}

func one(t *testing.T, c backend.Call) *Launch {
	t.Helper()
	l, err := Build(c, env)
	if err != nil || len(l) != 1 {
		t.Fatalf("%s: %d launches, %v", c.Name(), len(l), err)
	}
	return &l[0]
}

// TestKernelsAreShared: another size, offset, stride or parameter is not another kernel.
func TestKernelsAreShared(t *testing.T) {
	b := buffers(t, backend.F32, backend.F32)
	call := func(m, n, off, stride int, p float32) backend.Call {
		x, y := backend.Mat(b[0], off, m, n), backend.Mat(b[1], 2*off, m, n)
		x.Stride = stride
		return &backend.Each{Dst: y, Do: backend.Chain{backend.Load(x), backend.Affine(p, 1), backend.Add(backend.Row(b[0], 0, n))}}
	}
	a := one(t, call(5, 7, 0, 0, 1))
	for _, c := range []backend.Call{call(6, 9, 3, 20, 2), call(100, 300, 1, 0, -1)} {
		if l := one(t, c); l.Source() != a.Source() || l.Key() != a.Key() {
			t.Errorf("two kernels:\n%s\n%s", a.Source(), l.Source())
		}
	}
	if one(t, call(1, 7, 0, 0, 1)).Source() == a.Source() {
		t.Error("a row that is not broadcast has the kernel of one that is")
	}
}

func TestWords(t *testing.T) {
	b := buffers(t, backend.F32)
	x := backend.Tensor{Buf: b[0], Off: 3, Rows: 1, Cols: 2, Advance: -1, Model: 100}
	l := one(t, &backend.Each{Dst: x})
	if len(l.Words)%4 != 0 {
		t.Errorf("%d words", len(l.Words))
	}
	for _, w := range l.Words {
		if w.Model != 0 {
			if got := w.At(backend.At{Step: 2, Model: 1}); got != 101 {
				t.Errorf("offset 3 − 2 + 100 is %d", got)
			}
			return
		}
	}
	t.Error("no word moves with the model")
}

func TestBindings(t *testing.T) {
	b := buffers(t, backend.F32, backend.F32, backend.U8, backend.U32)
	l := one(t, &backend.Gather{Dst: backend.Mat(b[0], 0, 2, 3), Table: backend.Mat(b[2], 0, 4, 3), Index: backend.Mat(b[3], 0, 2, 1),
		Then: backend.Chain{backend.Add(backend.Row(b[1], 0, 3)), backend.Keep(backend.Mat(b[1], 6, 2, 3))}})
	if len(l.Buffers) != 4 {
		t.Errorf("%d buffers bound, want 4", len(l.Buffers))
	}
	for i, buf := range l.Buffers {
		read := strings.Contains(l.Source(), "binding = "+string(rune('0'+i))+") restrict readonly")
		if want := buf == b[2] || buf == b[3]; read != want {
			t.Errorf("binding %d is read-only: %v, want %v", i, read, want)
		}
	}
}

func TestEmpty(t *testing.T) {
	b := buffers(t, backend.F32, backend.U32)
	none := backend.Mat(b[0], 0, 0, 3)
	for _, c := range []backend.Call{
		&backend.Each{Dst: none},
		&backend.MatMul{Dst: none, A: backend.Mat(b[0], 0, 0, 2), B: backend.Mat(b[0], 0, 2, 3)},
		&backend.Gather{Dst: none, Table: backend.Mat(b[0], 0, 2, 3), Index: backend.Mat(b[1], 0, 0, 1)},
		&backend.Reduce{Rows: 5, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: backend.Mat(b[0], 0, 1, 0)}}},
	} {
		if l, err := Build(c, env); len(l) != 0 || err != nil {
			t.Errorf("%s of nothing: %d launches, %v", c.Name(), len(l), err)
		}
	}
	// No inner dimension and an empty domain still write their results.
	one(t, &backend.MatMul{Dst: backend.Mat(b[0], 0, 2, 3), A: backend.Mat(b[0], 0, 2, 0), B: backend.Mat(b[0], 0, 0, 3)})
	one(t, &backend.Reduce{Rows: 0, Cols: 3, Out: [2]backend.Result{{Dst: backend.Mat(b[0], 0, 1, 1)}}})
}

func TestGeometry(t *testing.T) {
	for _, n := range []int{1, 65535, 65536, 1 << 23} {
		g := flat(n)
		if int(g[0])*int(g[1]) < n || g[0] > 65535 || g[1] > 65535 || g[2] != 1 {
			t.Errorf("%d groups as %v", n, g)
		}
	}
	buf := buffers(t, backend.F32)[0]
	for _, c := range []struct {
		m, n, k, want int
		vec, none     bool
	}{
		{1, 1, 1, 0, false, true}, {32, 128, 784, 16, false, false}, {4096, 10, 100, 16, false, false}, {784, 128, 32, 32, false, false},
		{4096, 4096, 4096, 128, true, false}, {4095, 4093, 4097, 128, false, false},
	} {
		got := env.cutOf(&backend.MatMul{Dst: backend.Mat(buf, 0, c.m, c.n), A: backend.Mat(buf, 0, c.m, c.k), B: backend.Mat(buf, 0, c.k, c.n)}, c.m, c.n, c.k)
		if got.BM != c.want || got.None != c.none || got.Vec != c.vec {
			t.Errorf("%d×%d×%d is cut as %+v, want tiles of %d (by fours %v, none %v)", c.m, c.n, c.k, got, c.want, c.vec, c.none)
		}
	}
	for _, c := range []struct{ n, per, lo, hi, want int }{{1, 4, 1, 256, 1}, {10, 4, 1, 256, 4}, {5000, 4, 1, 256, 256}} {
		if got := lanes(c.n, c.per, c.lo, c.hi); got != c.want {
			t.Errorf("lanes(%d) = %d, want %d", c.n, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	b := buffers(t, backend.F32)
	row := backend.Row(b[0], 0, 4)
	many := backend.Chain{}
	for range 300 {
		many = append(many, backend.Affine(1, 2))
	}
	for name, c := range map[string]backend.Call{
		"no GLSL":  &backend.Each{Dst: row, Do: backend.Chain{{Op: &backend.Op{Name: "unheard_of"}}}},
		"uniforms": &backend.Each{Dst: row, Do: many},
	} {
		if _, err := Build(c, env); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
