package plan

import (
	"regexp"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// layers are two products and an elementwise call: x → h → y, of m rows, and the gradient of the first weights.
func layers(t *testing.T, m, width int) (calls []backend.Call) {
	b := buffers(t, backend.F32, backend.F32)
	mat := func(i, off, r, c int) backend.Tensor { return backend.Mat(b[i], off, r, c) }
	const far = 1 << 24
	x, h, y, w, v := mat(0, 0, m, width), mat(0, far, m, width), mat(0, 2*far, m, width), mat(1, 0, width, width), mat(1, far, width, width)
	return []backend.Call{
		&backend.MatMul{Dst: h, A: x, B: w, Then: backend.Chain{backend.ReLU()}},
		&backend.MatMul{Dst: y, A: h, B: v},
		&backend.Each{Dst: y, Do: backend.Chain{backend.Load(y), backend.Tanh()}},
		&backend.MatMul{Dst: mat(1, 2*far, width, width), A: x, B: h, TransA: true},
	}
}

func names(all []Launch) (s []string) {
	for _, l := range all {
		s = append(s, l.Name)
	}
	return s
}

// TestStepShape: what is narrow goes block by block, with what does not wait for it beside it; what is wide has dispatches of its own.
func TestStepShape(t *testing.T) {
	e := env
	e.Without = Whole
	for _, c := range []struct {
		width int
		want  []string
	}{
		{64, []string{"MatMul[relu] MatMul Each[load tanh]", "MatMul"}},
		{300, []string{"MatMul[relu]", "MatMul MatMul", "Each[load tanh]"}},
	} {
		all, err := Step(backend.Step{Calls: layers(t, 1000, c.width), Steps: 10, Models: 1}, e)
		if got := names(all); err != nil || strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%d wide: %q, %v, want %q", c.width, got, err, c.want)
		}
	}
	e.Without = Apart
	if all, err := Step(backend.Step{Calls: layers(t, 1000, 64), Steps: 10, Models: 1}, e); len(all) != 4 || err != nil {
		t.Errorf("apart: %q, %v", names(all), err)
	}
}

// TestWholeStep: a small step is one launch of many steps, with the weights near; of many models each call has scratch of its own.
func TestWholeStep(t *testing.T) {
	all, err := Step(backend.Step{Calls: layers(t, 8, 16), Steps: 100, Models: 1}, env)
	if err != nil || len(all) != 1 || all[0].Steps != 100 || all[0].Words[all[0].StepsAt].Base != 1 {
		t.Fatalf("%q, %v", names(all), err)
	}
	if src := all[0].Source(); strings.Contains(src, "NEAR") { // tensors so far from each other
		t.Error("two stretches of 2²⁵ numbers are near")
	}
	b := buffers(t, backend.F32, backend.U32)
	row, sum := backend.Row(b[0], 0, 9000), backend.Row(b[0], 1<<20, 1)
	logits, label, loss := backend.Mat(b[0], 1<<21, 2100, 4), backend.Mat(b[1], 0, 2100, 1), backend.Row(b[0], 1<<22, 1)
	sum.Model, loss.Model = 1, 1
	e := env
	e.Models = 50
	s := backend.Step{Steps: 8, Models: 50, Calls: []backend.Call{
		&backend.Reduce{Rows: 1, Cols: 9000, Out: [2]backend.Result{{Dst: sum, Map: backend.Chain{backend.Load(row)}}}},
		&backend.Xent{Logits: logits, Label: label, Loss: loss},
	}}
	if all, err = Step(s, e); err != nil || len(all) != 1 || all[0].Groups != [3]uint32{50, 1, 1} {
		t.Fatalf("%q, %v", names(all), err)
	}
	one, err := Build(s.Calls[0], e)
	if err != nil {
		t.Fatal(err)
	}
	bases := map[uint32]bool{}
	for k, c := range s.Calls {
		l, err := Build(c, Env{Blocks: 16, Words: 512, Models: 50, Loops: true})
		if err != nil {
			t.Fatal(err)
		}
		bases[all[0].Words[all[0].Parts[k].Word+l[0].scratchAt].Base] = true
	}
	if len(bases) != 2 || !bases[0] || !bases[uint32(one[0].Scratch)] {
		t.Errorf("scratch begins at %v, the first takes %d words", bases, one[0].Scratch)
	}
	sum.Model = 0 // all models write to one place
	s.Calls[0] = &backend.Reduce{Rows: 1, Cols: 9000, Out: [2]backend.Result{{Dst: sum, Map: backend.Chain{backend.Load(row)}}}}
	if all, _ := Step(s, e); len(all) == 1 {
		t.Error("models that write to one place are one launch")
	}
}

// TestNear: what stays in place from step to step is copied to shared memory and back.
func TestNear(t *testing.T) {
	b := buffers(t, backend.F32, backend.F32, backend.F32)
	w, x, y := backend.Row(b[0], 10, 100), backend.Row(b[1], 0, 100).Advanced(100), backend.Row(b[2], 5, 100)
	all, err := Step(backend.Step{Steps: 20, Models: 1, Calls: []backend.Call{
		&backend.Each{Dst: y, Do: backend.Chain{backend.Load(x), backend.Mul(w)}},
		&backend.Each{Dst: w, Do: backend.Chain{backend.Load(w), backend.Add(y)}},
	}}, env)
	if err != nil || len(all) != 1 {
		t.Fatalf("%q, %v", names(all), err)
	}
	src := all[0].Source()
	if strings.Count(src, "SHARED float NEAR") != 2 || strings.Count(src, "] = NEAR") != 2 {
		t.Errorf("w and y are not near, or not written back:\n%s", src)
	}
	if !strings.Contains(src, "#define B1(at) M") {
		t.Errorf("x, which moves, is near:\n%s", src)
	}
}

// TestLone: a software renderer gives each of many models an invocation, where all of the step's calls can be one invocation's.
func TestLone(t *testing.T) {
	b := buffers(t, backend.F32, backend.U32)
	w, x := backend.Row(b[0], 10, 100), backend.Mat(b[0], 200, 10, 10)
	sum, at := backend.Row(b[0], 300, 1), backend.Row(b[1], 0, 1)
	w.Model, x.Model, sum.Model, at.Model = 400, 400, 400, 1
	s := backend.Step{Steps: 20, Models: 40, Calls: []backend.Call{
		&backend.Each{Dst: w, Do: backend.Chain{backend.Load(w), backend.Tanh()}},
		&backend.Reduce{Rows: 10, Cols: 10, Out: [2]backend.Result{{Dst: sum, Map: backend.Chain{backend.Load(x)}}}},
	}}
	e := env
	e.Models, e.Serial, e.Loop = 40, true, LLVMPipeLoop
	plan := func(lone bool, groups uint32) *Launch {
		t.Helper()
		all, err := Step(s, e)
		if err != nil || len(all) != 1 || all[0].Lone != lone || all[0].Groups != [3]uint32{groups, 1, 1} {
			t.Fatalf("%q of %v groups, %v, want %d", names(all), all[0].Groups, err, groups)
		}
		return &all[0]
	}
	if src := plan(true, 3).Source(); strings.Contains(src, "barrier") || !strings.Contains(src, "(local_size_x = 16)") || !strings.Contains(src, "SHARED float NEAR0[291];") {
		t.Errorf("invocations wait for each other, or share something:\n%s", src)
	}
	s.Calls[1] = &backend.Reduce{Rows: 10, Cols: 10, Out: [2]backend.Result{{Dst: at, By: backend.ArgMax, Map: backend.Chain{backend.Load(x)}}}}
	plan(false, 40)
	s.Calls, e.Serial = s.Calls[:1], false
	plan(false, 40)
	e.Serial, e.Loop = true, 40 // iterations: 26 for each step, as many for each copy of w
	plan(false, 40)
}

// TestThrough: the first layer shares a dispatch with the Gather of its rows, unless somebody else writes them, or changes what they
// are gathered from.
func TestThrough(t *testing.T) {
	b := buffers(t, backend.F32, backend.F32, backend.U8, backend.U32, backend.F32)
	const m, n, k = 32, 128, 784
	x, h, w, table := backend.Mat(b[0], 0, m, k), backend.Mat(b[0], 1<<20, m, n), backend.Mat(b[1], 0, k, n), backend.Mat(b[2], 0, 1000, k)
	scale, index := backend.Row(b[4], 0, k), backend.Mat(b[3], 0, m, 1).Advanced(m)
	gather := &backend.Gather{Dst: x, Table: table, Index: index, Then: backend.Chain{backend.Mul(scale)}}
	product := &backend.MatMul{Dst: h, A: x, B: w, Then: backend.Chain{backend.ReLU()}}
	rescale := &backend.Each{Dst: scale, Do: backend.Chain{backend.Load(scale)}}
	keep := *gather
	keep.Then = backend.Chain{backend.Keep(scale.RowSpan(0, 1))}
	half := *gather
	half.Dst = x.RowSpan(0, m/2)
	half.Index = index.RowSpan(0, m/2)
	for name, c := range map[string]struct {
		calls []backend.Call
		first string
	}{
		"first layer":            {[]backend.Call{gather, product}, "Gather[mul] MatMul[mul relu]"},
		"rows written again":     {[]backend.Call{gather, &backend.Each{Dst: x, Do: backend.Chain{backend.Load(x)}}, product}, "Gather[mul] Each[load]"},
		"its chain's row since":  {[]backend.Call{gather, rescale, product}, "Gather[mul]"},
		"its chain's row before": {[]backend.Call{rescale, gather, product}, "Each[load]"},
		"a chain that writes":    {[]backend.Call{&keep, product}, "Gather[keep]"},
		"half of the rows":       {[]backend.Call{&half, product}, "Gather[mul]"},
	} {
		e := env
		e.Without = Whole
		all, err := Step(backend.Step{Calls: c.calls, Steps: 10, Models: 1}, e)
		if err != nil || len(all) == 0 || all[0].Name != c.first {
			t.Errorf("%s: %q, %v, want %q first", name, names(all), err, c.first)
		}
		e.Serial = true
		if all, err = Step(backend.Step{Calls: c.calls, Steps: 10, Models: 1}, e); err != nil || strings.Contains(all[0].Name, "Gather") && strings.Contains(all[0].Name, "MatMul") {
			t.Errorf("%s: %q, %v in software", name, names(all), err)
		}
	}
}

// TestKept: what a layer of a narrow network writes is in shared memory for the next, as long as there is room, and what nobody reads
// again makes room.
func TestKept(t *testing.T) {
	for _, tile := range shaders.Tiles {
		if n := tile.Floats() + 2*perGroup + 1; n > ownWords {
			t.Errorf("%+v takes %d words, of %d", tile, n, ownWords)
		}
	}
	const m, width, deep = 1000, 128, 8
	b := buffers(t, backend.F32, backend.F32)
	var calls []backend.Call
	layer := func(i int) backend.Tensor { return backend.Mat(b[0], i*m*width, m, width) }
	for i := range deep {
		calls = append(calls, &backend.MatMul{Dst: layer(i + 1), A: layer(i), B: backend.Mat(b[1], i*width*width, width, width), Then: backend.Chain{backend.ReLU()}})
	}
	calls = append(calls, &backend.Each{Dst: layer(1), Do: backend.Chain{backend.Load(layer(1)), backend.Mul(layer(deep))}})
	e := env
	e.Without = Whole
	for _, c := range []struct{ shared, words, reads int }{{32 << 10, 2 * 16 * width, 8}, {48 << 10, 3 * 16 * width, 9}} {
		e.Shared = c.shared
		all, err := Step(backend.Step{Calls: calls, Steps: 10, Models: 1}, e)
		if err != nil || len(all) != 1 {
			t.Fatalf("%q, %v", names(all), err)
		}
		reads := regexp.MustCompile(`#define \w+\(i, j\) KEPT`).FindAllString(all[0].Source(), -1)
		if all[0].kept != c.words || len(reads) != c.reads {
			t.Errorf("of %d bytes: %d words and %d operands, want %d and %d", c.shared, all[0].kept, len(reads), c.words, c.reads)
		}
		e.Serial = true
		if all, _ = Step(backend.Step{Calls: calls, Steps: 10, Models: 1}, e); all[0].kept != 0 {
			t.Errorf("%d words in software", all[0].kept)
		}
		e.Serial = false
	}
}
