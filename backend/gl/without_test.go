//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
	"github.com/gloss-ml/gloss/nn"
)

func TestWithout(t *testing.T) {
	t.Setenv("GLOSS_WITHOUT", "kept, chains")
	d := openDevice(t)
	if d.env.Without != plan.Chains|plan.Kept || !strings.HasSuffix(d.Info().Name, " without chains,kept") {
		t.Errorf("without %v: %s", d.env.Without, d.Info().Name)
	}
	t.Setenv("GLOSS_WITHOUT", "chains,magic")
	b, err := Open()
	if b != nil || err == nil || errors.Is(err, backend.ErrUnavailable) || !strings.Contains(err.Error(), `GLOSS_WITHOUT: there is no technique "magic": there are beside, chains, `) {
		t.Errorf("%v, %v", b, err)
	}
}

// TestWithoutSameBits: no technique that is left out changes a bit, and some cost dispatches.
func TestWithoutSameBits(t *testing.T) {
	some := []plan.Technique{plan.Chains}
	if os.Getenv("GLOSS_LONG") != "" {
		some = []plan.Technique{plan.Beside, plan.Chains, plan.Kept, plan.Through, plan.Whole, plan.Near, plan.ByFours, plan.Apart}
	}
	c := fusedCase{name: "toy", in: 6, out: 3, layers: []nn.Layer{nn.Linear(9), nn.ReLU(), nn.Linear(3)}, loss: nn.CrossEntropy(), labels: true, opt: nn.Adam(1e-3)}
	const rows, steps = 17, 4
	for _, whole := range []plan.Technique{0, plan.Whole} {
		d := openDevice(t)
		d.env.Serial, d.env.Without = false, whole
		want, all := trainFused(t, d, c, rows, steps)
		for _, left := range some {
			d.env.Without = whole | left
			got, n := trainFused(t, d, c, rows, steps)
			if n < all || n == all && whole != 0 && left&(plan.Beside|plan.Chains) != 0 || n == all && whole == 0 && left&plan.Whole != 0 {
				t.Errorf("without %v: %d dispatches, %d with it", d.env.Without, n, all)
			}
			if i := other(got, want); i >= 0 {
				t.Errorf("without %v: number %d is %g, with it %g", d.env.Without, i, got[i], want[i])
			}
		}
	}
}
