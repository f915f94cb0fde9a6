package cpu_test

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/backendtest"
	"github.com/gloss-ml/gloss/backend/cpu"
)

type variant struct {
	name string
	opts []cpu.Option
}

// variants are the ways to open the device.
var variants = []variant{
	{"workers=1", []cpu.Option{cpu.Workers(1)}},
	{"workers=2", []cpu.Option{cpu.Workers(2)}},
	{"workers=3", []cpu.Option{cpu.Workers(3)}},
	{"gonum", []cpu.Option{cpu.Gonum}},
}

func TestRun(t *testing.T) {
	for _, v := range variants {
		if testing.Short() != (v.name == "workers=2") { // the rows of CI that take the short tests have this one
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			backendtest.Run(t, func(testing.TB) backend.Backend { return cpu.Open(v.opts...) })
		})
	}
}

func BenchmarkBackend(b *testing.B) {
	for _, v := range []variant{{"cpu", nil}, {"gonum", []cpu.Option{cpu.Gonum}}} {
		b.Run(v.name, func(b *testing.B) {
			backendtest.RunBench(b, func(testing.TB) backend.Backend { return cpu.Open(v.opts...) })
		})
	}
}
