package plan

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

func TestParseTechniques(t *testing.T) {
	for names, want := range map[string]Technique{"": 0, " chains ,, beside": Beside | Chains, strings.Join(techniques, ","): 2*ByFours - 1} {
		if got, err := ParseTechniques(names); got != want || err != nil {
			t.Errorf("%q: %v, %v", names, got, err)
		}
	}
	if _, err := ParseTechniques("chain"); err == nil || !strings.Contains(err.Error(), "there are beside, chains, kept, through, whole, near, lone, fours") {
		t.Error(err)
	}
}

// TestWithoutEach: each technique leaves its traces in a plan, and none without it.
func TestWithoutEach(t *testing.T) {
	b := buffers(t, backend.F32, backend.F32, backend.U8, backend.U32)
	mat := func(i, off, r, c int) backend.Tensor { return backend.Mat(b[i], off, r, c) }
	narrow, wide, small := layers(t, 1000, 64), layers(t, 1000, 300), layers(t, 8, 16)
	large := []backend.Call{&backend.MatMul{Dst: mat(1, 0, 1024, 1024), A: mat(0, 0, 1024, 1024), B: mat(0, 1<<20, 1024, 1024)}}
	near := []backend.Call{&backend.MatMul{Dst: mat(0, 1024, 8, 16), A: mat(0, 0, 8, 16), B: mat(0, 512, 16, 16)}}
	each := mat(0, 0, 8, 16)
	each.Model = 128
	models := []backend.Call{&backend.Each{Dst: each, Do: backend.Chain{backend.Load(each), backend.Tanh()}}}
	x := mat(1, 0, 64, 256)
	digits := []backend.Call{
		&backend.Gather{Dst: x, Table: mat(2, 0, 100, 256), Index: mat(3, 0, 64, 1)},
		&backend.MatMul{Dst: mat(1, 1<<16, 64, 128), A: x, B: mat(0, 0, 256, 128)},
	}
	for _, c := range []struct {
		technique Technique
		calls     []backend.Call
		models    int
		and       Technique // left out besides
		serial    bool
		trace     func(all []Launch) bool
	}{
		{Beside, wide, 1, Whole, false, func(all []Launch) bool { return len(all) == 3 }},
		{Chains, narrow, 1, Whole, false, func(all []Launch) bool { return strings.HasPrefix(all[0].Name, "MatMul[relu] MatMul") }},
		{Kept, narrow, 1, Whole, false, func(all []Launch) bool { return all[0].kept > 0 }},
		{Through, digits, 1, Whole, false, func(all []Launch) bool { return len(all) == 1 }},
		{Whole, small, 1, 0, false, func(all []Launch) bool { return all[0].Steps > 1 }},
		{Near, near, 1, 0, false, func(all []Launch) bool { return len(all[0].near) > 0 }},
		{Lone, models, 100, 0, true, func(all []Launch) bool { return all[0].Lone }},
		{ByFours, large, 1, Whole, false, func(all []Launch) bool { return all[0].Vectors > 0 }},
	} {
		e := env
		e.Serial, e.Models = c.serial, c.models
		for _, left := range []bool{false, true} {
			if e.Without = c.and; left {
				e.Without |= c.technique
			}
			all, err := Step(backend.Step{Calls: c.calls, Steps: 10, Models: c.models}, e)
			if err != nil || c.trace(all) == left {
				t.Errorf("%v, left out %v: %q, %v", c.technique, left, names(all), err)
			}
		}
	}
}
