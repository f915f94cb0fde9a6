package isa

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	all := Available()
	for _, s := range all {
		if got, err := choose(s.String()); got != s || err != nil {
			t.Errorf("%v: %v, %v", s, got, err)
		}
	}
	if got, err := choose(""); got != all[len(all)-1] || err != nil {
		t.Errorf("the fastest of %v: %v, %v", all, got, err)
	}
	for _, name := range []string{"mmx", "AVX2", " "} {
		if _, err := choose(name); err == nil || !strings.Contains(err.Error(), "have generic") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestForce(t *testing.T) {
	was := Use()
	restore := Force(Generic)
	if Use() != Generic {
		t.Error(Use())
	}
	if restore(); Use() != was {
		t.Error(Use())
	}
}
