package auto

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// TestOpen opens every name. What opens is what was asked for, and what does not says that it is not there.
func TestOpen(t *testing.T) {
	for _, name := range Names() {
		dev, err := Open(name)
		if err != nil {
			if dev != nil || !errors.Is(err, backend.ErrUnavailable) {
				t.Errorf("%s: %v, %v; want nothing and ErrUnavailable", name, dev, err)
			}
			if name != "gl" || slices.Contains(strings.Split(os.Getenv("GLOSS_REQUIRE"), ","), "gl") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if got := dev.Info().Device; got != name {
			t.Errorf("%s opened %q", name, got)
		}
		if err := dev.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnknownName(t *testing.T) {
	for _, name := range []string{"", "CPU", "cuda", "gl "} {
		dev, err := Open(name)
		if dev != nil || err == nil || !strings.HasSuffix(err.Error(), "there are gonum, cpu, gl, ref") || errors.Is(err, backend.ErrUnavailable) {
			t.Errorf("%q: %v, %v", name, dev, err)
		}
	}
}
