package shaders_test

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/shaders"
)

// TestOps: every row of the op table has its function, with a parameter for each role, and only those.
func TestOps(t *testing.T) {
	types := map[rune]string{'r': "float ", 'w': "out float ", 'm': "inout float ", 'c': "float ", 'k': "uvec4 "}
	for _, op := range backend.Ops() {
		if !shaders.Has(op.Name) {
			t.Errorf("op %s has no GLSL", op.Name)
			continue
		}
		src := shaders.Source("", shaders.Part{Template: "each", Code: "op_" + op.Name})
		_, sig, _ := strings.Cut(src, "float op_"+op.Name+"(El e, float v")
		sig, _, _ = strings.Cut(sig, ")")
		args := strings.Split(sig, ", ")[1:]
		if len(args) != len(op.Args) {
			t.Errorf("op_%s takes %d operands, the table says %q", op.Name, len(args), op.Args)
			continue
		}
		for i, role := range op.Args {
			if !strings.HasPrefix(args[i], types[role]) {
				t.Errorf("op_%s: operand %d is %q, the role is %c", op.Name, i, args[i], role)
			}
		}
	}
	for _, line := range strings.Split(ops(), "\n") {
		if name, ok := strings.CutPrefix(line, "float op_"); ok {
			if name, _, _ = strings.Cut(name, "("); backend.Find(name) == nil {
				t.Errorf("op_%s is no row of the op table", name)
			}
		}
	}
}

// TestSource: a kernel holds what it needs, in order, and nothing else.
func TestSource(t *testing.T) {
	src := shaders.Source("", shaders.Part{Template: "each", Own: []string{"float mine(float ROWS) { return ferf(ROWS); }\n"}, Defines: []string{"ROWS 1u"},
		Code: "float chain_do(float v, uint i, uint j) { return fexp(v); } // not op_tanh\n"})
	for _, want := range []string{"#version 430 core\n", "\n#define ROWS 1u\n", "float ferf(", "float fexp(", "bool is_nan(", "float pow2(", "float infinity("} {
		if !strings.Contains(src, want) {
			t.Errorf("no %q in\n%s", want, src)
		}
	}
	for _, not := range []string{"flog", "philox", "op_"} {
		if strings.Contains(strings.ReplaceAll(src, "// not op_tanh", ""), not) {
			t.Errorf("%q is in\n%s", not, src)
		}
	}
	if strings.Index(src, "pow2(int n)") > strings.Index(src, "float fexp(") {
		t.Error("a function stands before what it calls")
	}
}

// TestOrder: a function calls only functions that stand before it in the library: Source relies on it.
func TestOrder(t *testing.T) {
	for _, op := range backend.Ops() {
		src := shaders.Source("", shaders.Part{Template: "each", Code: "op_" + op.Name})
		for _, f := range []string{"fexp", "flog", "log_near", "flog1p", "fdiv", "fsqrt", "is_nan", "random_word", "philox", "unit", "pow2", "with_sign", "cos_turn"} {
			use := strings.Index(src, f+"(")
			if def := strings.Index(src, " "+f+"("); use >= 0 && (def < 0 || use < def) {
				t.Errorf("op %s: %s is used before it is defined", op.Name, f)
			}
		}
	}
}

func TestParams(t *testing.T) {
	for op, want := range map[string]int{"add": 0, "fill": 1, "affine": 2, "dropout": 2, "uniform": 3, "normal": 3} {
		if got := shaders.Params(op, false); got != want {
			t.Errorf("op %s reads %d parameters, want %d", op, got, want)
		}
	}
	for _, op := range backend.Ops() { // a spelling that Params does not know would leave a parameter 0
		_, text, _ := strings.Cut(ops(), "float op_"+op.Name+"(")
		text, _, _ = strings.Cut(text, "\n\n")
		if strings.Count(text, ".p") != strings.Count(text, "e.p.") || strings.Contains(text, "e.p.xy") {
			t.Errorf("op %s spells its parameters otherwise than e.p.x", op.Name)
		}
	}
	if got := shaders.Params("mine", true); got != 4 {
		t.Errorf("an op with GLSL of its own gets %d parameters", got)
	}
}

// ops are the files of the op table.
func ops() string {
	return shaders.File("ops.glsl") + shaders.File("losses.glsl") + shaders.File("optimizers.glsl")
}

// TestVecTiles: warps of 4×8 fragments fill a tile, and each invocation of 256 has some.
func TestVecTiles(t *testing.T) {
	for _, v := range shaders.VecTiles {
		down, across := v.BM/v.TM, v.BN/v.TN
		if v.TM%4 != 0 || v.TN%4 != 0 || v.BM%v.TM != 0 || v.BN%v.TN != 0 || down*across != 256 || down%4 != 0 || across%8 != 0 {
			t.Errorf("%+v: %d×%d fragments", v, down, across)
		}
	}
}
