//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/internal/need"
)

// TestPrograms: a second device finds what the first has compiled, unless it is told not to look.
func TestPrograms(t *testing.T) {
	dir := t.TempDir()
	run := func(opts ...Option) ProgramState {
		t.Helper()
		d, err := Open(opts...)
		if err != nil {
			need.Lacking(t, "gl", err)
		}
		x := mustAlloc(t, d, backend.F32, 4)
		backend.Write(d, x, 0, []float32{1, -2, 3, -4})
		row := backend.Row(x, 0, 4)
		backend.Do(d, &backend.Each{Dst: row, Do: backend.Chain{backend.Load(row), backend.ReLU(), backend.Affine(2, 1)}})
		var got [4]float32
		if err := backend.Read(d, got[:], x, 0); err != nil || got != [4]float32{3, 1, 7, 1} {
			t.Errorf("%v, %v", got, err)
		}
		s := ProgramsOf(d)
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		return s
	}
	first := run(Programs(dir))
	if first.Dir == "" {
		t.Skip("this driver gives no programs away")
	}
	if first.Dir != dir || first.Loaded != 0 || first.Compiled == 0 || first.Err != nil {
		t.Errorf("the first: %+v", first)
	}
	if second := run(Programs(dir)); second.Loaded != first.Compiled || second.Compiled != 0 || second.Err != nil {
		t.Errorf("the second: %+v, the first %+v", second, first)
	}
	if none := run(Programs("")); none != (ProgramState{}) {
		t.Errorf("with none: %+v", none)
	}
	t.Setenv("GLOSS_CACHE", "off")
	if none := run(); none != (ProgramState{}) {
		t.Errorf("switched off: %+v", none)
	}
	if s := ProgramsOf(ref.Open()); s != (ProgramState{}) {
		t.Errorf("ref: %+v", s)
	}
}
