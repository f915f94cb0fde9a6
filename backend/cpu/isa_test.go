package cpu_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
)

// TestWrongISA: the environment is read once, so a process of its own has another.
func TestWrongISA(t *testing.T) {
	const variable = "GLOSS_ISA"
	if os.Getenv("GLOSS_TEST_HELPER") != "" {
		defer func() {
			if r, _ := recover().(string); !strings.Contains(r, variable+`="sse"`) || cpu.Check() == nil {
				t.Errorf("Open panics with %q, Check returns %v", r, cpu.Check())
			}
		}()
		cpu.Open()
		t.Error("Open has opened")
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestWrongISA$")
	cmd.Env = append(os.Environ(), "GLOSS_TEST_HELPER=1", variable+"=sse")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestISA: what is chosen is said.
func TestISA(t *testing.T) {
	if err := cpu.Check(); err != nil {
		t.Fatal(err)
	}
	b := cpu.Open()
	defer b.Close()
	if d := b.Info().Driver; !strings.HasPrefix(d, "kernels for ") {
		t.Error(d)
	}
}
