//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// TestOwnOpParams: an op's own GLSL may spell its parameters in any way.
func TestOwnOpParams(t *testing.T) {
	d := openDevice(t)
	y := mustAlloc(t, d, backend.F32, 1)
	for name, body := range map[string]string{
		"swizzle": "(El e, float v) { vec2 p = e.p.xw; return p.x + p.y; }",
		"renamed": "(El place, float v) { return place.p.x + place.p.w; }",
		"indexed": "(El e, float v) { return e.p.x + e.p[3]; }",
		"colours": "(El e, float v) { return e.p.r + e.p.a; }",
	} {
		op := &backend.Op{Name: name, F: func(e *backend.El) {}, GLSL: "float op_" + name + body}
		backend.Do(d, &backend.Each{Dst: backend.Row(y, 0, 1), Do: backend.Chain{{Op: op, P: [4]float32{1, 10, 100, 1000}}}})
		var got [1]float32
		if err := backend.Read(d, got[:], y, 0); err != nil || got[0] != 1001 {
			t.Errorf("%s: %g, want 1001 (%v)", name, got[0], err)
		}
	}
}

// TestOwnOpNames: the names that a kernel's template defines are free to use in an op's own GLSL.
func TestOwnOpNames(t *testing.T) {
	d := openDevice(t)
	x, y := mustAlloc(t, d, backend.F32, 8), mustAlloc(t, d, backend.F32, 4)
	backend.Write(d, x, 0, []float32{1, 2, 3, 4, 1, 0, 0, 1})
	backend.Write(d, y, 0, []float32{10, 10, 10, 10})
	op := &backend.Op{Name: "names", Args: "r", F: func(e *backend.El) {}, GLSL: `
const float BETA = 0.5;
float DST(float A, float B) { return A * B; }
float op_names(El e, float v, float ROWS) {
	float COLS = BETA, BM = 1.0, K_LO = ROWS * 100.0, MODEL = 0.0, PART = 1.0, T0_0_0 = 0.0;
	return DST(v, COLS) * BM + K_LO * PART + MODEL + T0_0_0;
}`}
	f := backend.Fn{Op: op}
	f.Arg[0] = backend.Row(x, 0, 2)
	backend.Do(d, &backend.MatMul{Dst: backend.Mat(y, 0, 2, 2), A: backend.Mat(x, 0, 2, 2), B: backend.Mat(x, 4, 2, 2), Beta: 1,
		Then: backend.Chain{f}})
	var got [4]float32
	if err := backend.Read(d, got[:], y, 0); err != nil || got != [4]float32{105.5, 206, 106.5, 207} {
		t.Errorf("%v (%v)", got, err)
	}
}
