package host

import (
	"strings"
	"testing"
)

func TestField(t *testing.T) {
	const info = "processor\t: 0\nmodel name\t:   Some CPU: X  @ 2.00GHz \nmodel name\t: Another\n"
	if got := field(strings.NewReader(info), "model name"); got != "Some CPU: X @ 2.00GHz" {
		t.Errorf("%q", got)
	}
	if got := field(strings.NewReader("processor : 0\nHardware : x\n"), "model name"); got != "" {
		t.Errorf("%q where nothing says", got)
	}
}

func TestMachine(t *testing.T) {
	if CPU() == "" || Memory() < 0 {
		t.Errorf("%q, %d bytes", CPU(), Memory())
	}
}
