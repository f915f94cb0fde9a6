//go:build cgo && (gl || glfw) && (linux || windows)

package gl

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl/internal/plan"
	"github.com/gloss-ml/gloss/internal/atomicfile"
	"github.com/gloss-ml/gloss/shaders"
)

// A tuner finds out which cut of large products is the fastest on a device: on one GPU that may be the one that takes twice as
// long on another. Products of about one shape and one layout are one class, measured when a step of theirs is first recorded; what won
// is kept beside the device's programs. Every cut gives the same bits, or it cannot win: that is looked at first.
type tuner struct {
	d           *device
	path        string        // of the file; "" for none
	least, most float64       // multiply-adds of the products that are worth it
	patience    time.Duration // for one class, about
	cuts        func(vec bool) []plan.Cut

	mu      sync.Mutex
	known   map[string]plan.Cut
	refused []plan.Cut // those that gave other bits
}

// newTuner reads what was found before. A file that is damaged, or of another driver or other kernels, is as good as none.
func newTuner(d *device) *tuner {
	t := &tuner{d: d, known: map[string]plan.Cut{}, least: 1 << 27, most: 1 << 38, patience: time.Second, cuts: d.env.Cuts}
	if dir := d.rt.Programs().Dir; dir != "" {
		i := d.rt.Info()
		key := sha256.Sum256([]byte(strings.Join([]string{i.Vendor, i.Renderer, i.Version, shaders.File("matmul.comp"), shaders.File("matmul_vec.comp"), shaders.File("vec_slice.glsl")}, "\x00")))
		t.path = filepath.Join(dir, "cuts-"+hex.EncodeToString(key[:8])+".json")
		if data, err := os.ReadFile(t.path); err == nil && json.Unmarshal(data, &t.known) != nil {
			t.known = map[string]plan.Cut{}
		}
	}
	return t
}

// class names the products that are measured as one; "" is for those that are not worth it.
func (t *tuner) class(c *backend.MatMul, vec bool) string {
	m, n, k := plan.Shape(c)
	if work := float64(m) * float64(n) * float64(k); work < t.least || work > t.most {
		return ""
	}
	return fmt.Sprintf("%d×%d×%d %v %v %v", bits.Len(uint(m-1)), bits.Len(uint(n-1)), bits.Len(uint(k-1)), c.TransA, c.TransB, vec)
}

// find is what is known of a product.
func (t *tuner) find(c *backend.MatMul, vec bool) (cut plan.Cut, ok bool) {
	if name := t.class(c, vec); name != "" {
		t.mu.Lock()
		defer t.mu.Unlock()
		cut, ok = t.known[name]
	}
	return cut, ok
}

// learn is find that measures what is not known yet.
func (t *tuner) learn(c *backend.MatMul, vec bool) (cut plan.Cut, ok bool) {
	name := t.class(c, vec)
	if name == "" {
		return cut, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if cut, ok = t.known[name]; ok {
		return cut, ok
	}
	m, n, k := plan.Shape(c)
	if cut, ok = t.measure(m, n, k, c.TransA, c.TransB, vec); ok {
		t.known[name] = cut
		t.save()
	}
	return cut, ok
}

// measure runs the cuts and gives the fastest. A device that has no room, or fails, leaves the choice to others.
func (t *tuner) measure(m, n, k int, ta, tb, vec bool) (best plan.Cut, ok bool) {
	up := func(x int) int { return (x + 3) &^ 3 }
	if vec {
		m, n, k = up(m), up(n), up(k)
	}
	buf, err := backend.Alloc(t.d, backend.F32, m*k+k*n+m*n+8)
	if err != nil {
		return best, false
	}
	defer buf.Release()
	noise := make([]float32, min(buf.Len(), 1<<20))
	for i := range noise {
		noise[i] = float32(i*i%1021)/512 - 1
	}
	for off := 0; off < buf.Len(); off += len(noise) {
		backend.Write(t.d, buf, off, noise[:min(len(noise), buf.Len()-off)])
	}
	product := func(m, n, k int) *backend.MatMul {
		mat := func(off, r, c int, trans bool) backend.Tensor {
			if trans {
				r, c = c, r
			}
			return backend.Mat(buf, off, r, c)
		}
		return &backend.MatMul{A: mat(0, m, k, ta), B: mat(up(m*k), k, n, tb), Dst: backend.Mat(buf, up(m*k)+up(k*n), m, n), TransA: ta, TransB: tb}
	}
	deadline, fastest := time.Now().Add(t.patience), time.Duration(0)
	var want []float32
	small := product(min(m, 260), min(n, 260), min(k, 68)) // more than a tile of each, and not a whole number of them
	for i, cut := range t.cuts(vec) {
		if i > 0 && time.Now().After(deadline) {
			break
		}
		got := t.result(small, cut)
		if got == nil {
			return best, false
		}
		if want == nil {
			want = t.result(small, plan.Cut{None: true})
		}
		if !slices.EqualFunc(got, want, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
			t.refused = append(t.refused, cut)
			continue
		}
		took, err := t.time(product(m, n, k), cut)
		if err != nil {
			return best, false
		}
		if !ok || took < fastest {
			best, fastest, ok = cut, took, true
		}
	}
	return best, ok
}

// with runs a product in one way.
func (t *tuner) with(c *backend.MatMul, cut plan.Cut) error {
	env := t.d.env
	env.TooLong = nil
	env.Tuned = func(*backend.MatMul, bool) (plan.Cut, bool) { return cut, true }
	t.d.run(c, env)
	return t.d.Sync()
}

// result is what a cut makes of a product, nil from a device that fails.
func (t *tuner) result(c *backend.MatMul, cut plan.Cut) []float32 {
	out := make([]float32, c.Dst.Size())
	backend.Write(t.d, c.Dst.Buf, c.Dst.Off, out)
	if t.with(c, cut) != nil || backend.Read(t.d, out, c.Dst.Buf, c.Dst.Off) != nil {
		return nil
	}
	return out
}

// time is the best of a few runs.
func (t *tuner) time(c *backend.MatMul, cut plan.Cut) (best time.Duration, err error) {
	for i := range 4 {
		start := time.Now()
		if err := t.with(c, cut); err != nil {
			return 0, err
		}
		if took := time.Since(start); i == 1 || i > 1 && took < best { // the first brings the device up to speed
			best = took
		}
	}
	return best, nil
}

// save keeps what is known, with what other processes have found meanwhile. Who cannot write measures again next time.
func (t *tuner) save() {
	if t.path == "" {
		return
	}
	all := map[string]plan.Cut{}
	if data, err := os.ReadFile(t.path); err == nil {
		_ = json.Unmarshal(data, &all)
	}
	maps.Copy(all, t.known)
	_ = atomicfile.Write(t.path, func(f *os.File) error { return json.NewEncoder(f).Encode(all) })
}
