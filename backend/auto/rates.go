package auto

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/internal/atomicfile"
)

// rates are what a device takes for the parts of a training step, in seconds: enough to tell the CPU's networks from a
// GPU's, which lie a factor of ten and more apart on either side of where they cross.
type rates struct {
	Call        float64 // one more small call in a recorded step
	MultiplyAdd float64 // of a product
	Byte        float64 // read or written by an elementwise call
}

// step is about what a training step with Adam takes.
func (r *rates) step(j Job) float64 {
	n := len(j.Widths) - 1
	batch := float64(j.Batch)
	var weights, units float64
	for l := range n {
		weights += float64(j.Widths[l]) * float64(j.Widths[l+1])
	}
	for _, w := range j.Widths {
		units += float64(w)
	}
	first := float64(j.Widths[0]) * float64(j.Widths[1])
	calls := float64(4*n + 2)                          // forward, dX, dW, db of each layer but the first's dX; data, loss, optimizer
	multiplyAdds := batch * (3*weights - first)        // the same
	bytes := 4 * (7*weights + 4*batch*units + weights) // Adam's vectors, activations and their gradients, the weights' gradient
	return calls*r.Call + multiplyAdds*r.MultiplyAdd + bytes*r.Byte
}

// measure times a device: small calls, a product, a copy. It takes some 20 milliseconds, and on a GPU the time to compile
// three kernels, once for each driver.
func measure(b backend.Backend) (rates, error) {
	const small, n, m = 256, 512, 1 << 22
	buf, err := backend.Alloc(b, backend.F32, 2*m)
	if err != nil {
		return rates{}, err
	}
	defer buf.Release()
	times := func(steps int, c backend.Call) (float64, error) {
		p, err := backend.Record(b, backend.Step{Calls: []backend.Call{c}, Steps: steps})
		if err != nil {
			return 0, err
		}
		defer p.Release()
		best := math.Inf(1)
		for range 4 {
			start := time.Now()
			p.Run(steps)
			if err := b.Sync(); err != nil {
				return 0, err
			}
			best = min(best, time.Since(start).Seconds())
		}
		return best / float64(steps), nil
	}
	var r rates
	if r.Call, err = times(small, &backend.MatMul{Dst: backend.Mat(buf, m, 8, 8), A: backend.Mat(buf, 0, 8, 8), B: backend.Mat(buf, 64, 8, 8), Beta: 1}); err != nil {
		return r, err
	}
	if r.MultiplyAdd, err = times(1, &backend.MatMul{Dst: backend.Mat(buf, m, n, n), A: backend.Mat(buf, 0, n, n), B: backend.Mat(buf, n*n, n, n)}); err != nil {
		return r, err
	}
	if r.Byte, err = times(1, &backend.Each{Dst: backend.Row(buf, m, m), Do: backend.Chain{backend.Load(backend.Row(buf, 0, m))}}); err != nil {
		return r, err
	}
	r.MultiplyAdd /= n * n * n
	r.Byte /= 2 * 4 * m
	return r, nil
}

// ratesVersion changes with what is measured and how.
const ratesVersion = 1

// kept is a file of rates. One is for one device, driver and version.
type kept struct {
	Version int
	Device  backend.Info
	Rates   rates
	Time    time.Time
}

// maxRates is the size of a file beyond which it is none of ours.
const maxRates = 1 << 16

// ratesOf are a device's, from the folder if they were measured before; "" is no folder. Where they cannot be read or kept
// they are measured each time.
func ratesOf(b backend.Backend, dir string) (rates, error) {
	info := b.Info()
	name := ""
	if dir != "" {
		sum := sha256.Sum256([]byte(fmt.Sprintf("%d %+v", ratesVersion, info)))
		name = filepath.Join(dir, fmt.Sprintf("%s-%x.json", strings.ToLower(info.Device), sum[:8]))
		if k, err := readRates(name); err == nil && k.Version == ratesVersion && k.Device == info && k.Rates.plausible() {
			return k.Rates, nil
		}
	}
	r, err := measure(b)
	if err != nil || name == "" || !r.plausible() {
		return r, err
	}
	if os.MkdirAll(dir, 0o777) == nil {
		_ = atomicfile.Write(name, func(f *os.File) error { // without it they are measured again
			return json.NewEncoder(f).Encode(kept{ratesVersion, info, r, time.Now().UTC()})
		})
	}
	return r, nil
}

func readRates(name string) (k kept, err error) {
	f, err := os.Open(name)
	if err != nil {
		return k, err
	}
	defer f.Close()
	err = json.NewDecoder(io.LimitReader(f, maxRates)).Decode(&k)
	return k, err
}

// plausible reports whether a measurement, or a file, is one.
func (r *rates) plausible() bool {
	ok := func(v, lo, hi float64) bool { return v > lo && v < hi }
	return ok(r.Call, 1e-10, 1) && ok(r.MultiplyAdd, 1e-16, 1e-5) && ok(r.Byte, 1e-14, 1e-5)
}
