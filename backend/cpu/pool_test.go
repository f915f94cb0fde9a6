package cpu_test

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
)

// large is a call that is worth sharing: each element goes through f.
func large(n *net, f func(e *backend.El)) backend.Call {
	x := backend.Row(n.floats(100_000, 1), 0, 100_000)
	return &backend.Each{Dst: x, Do: backend.Chain{{Op: &backend.Op{Name: "user", F: f}}}}
}

// A panic of a user's op comes out on the caller's goroutine as what it was, whoever met it, and leaves the backend as
// it was.
func TestPanicReachesTheCaller(t *testing.T) {
	b := cpu.Open(cpu.Workers(3))
	defer b.Close()
	n := &net{t: t, b: b, rng: rng()}
	var armed atomic.Bool
	call := large(n, func(e *backend.El) {
		if armed.Load() && e.Index%40_000 == 12_345 {
			panic("no such element")
		}
		e.V = 2
	})
	p, err := backend.Record(b, backend.Step{Calls: []backend.Call{call}})
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range map[string]func(){"Do": func() { backend.Do(b, call) }, "Run": func() { p.Run(1) }} {
		for range 20 {
			armed.Store(true)
			func() {
				defer func() {
					if r := recover(); r != "no such element" {
						t.Errorf("recovered %v", r)
					}
				}()
				run()
			}()
			armed.Store(false)
			run()
		}
	}
	for i, x := range n.read(call.(*backend.Each).Dst.Buf) {
		if x != 2 {
			t.Fatalf("element %d is %v after the panic", i, x)
		}
	}
}

// One program run from several goroutines at once runs as often as it was asked to.
func TestOneProgramManyGoroutines(t *testing.T) {
	b := cpu.Open(cpu.Workers(2))
	defer b.Close()
	n := &net{t: t, b: b, rng: rng()}
	x := backend.Row(n.floats(50_000, 0), 0, 50_000)
	p, err := backend.Record(b, backend.Step{Calls: []backend.Call{
		&backend.Each{Dst: x, Do: backend.Chain{backend.Load(x), backend.Affine(1, 1)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				p.Run(1)
			}
		})
	}
	wg.Wait()
	for i, v := range n.read(x.Buf) {
		if v != 100 {
			t.Fatalf("element %d is %v after 100 runs", i, v)
		}
	}
}

// working is the number of goroutines that belong to backends of this package.
func working() int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), "cpu.(*pool).work(")
}

// workers waits until that many are there: goroutines take a moment to begin and to end.
func workers(t *testing.T, want int) {
	t.Helper()
	for range 500 {
		if working() == want {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d workers, want %d", working(), want)
}

// settled is working once what other tests have dropped or closed has ended.
func settled() int {
	for range 20 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	return working()
}

func TestCloseEndsTheWorkers(t *testing.T) {
	before := settled()
	for range 5 {
		b := cpu.Open(cpu.Workers(4))
		newNet(t, b, 32, 100, 100, 10).program.Run(3)
		workers(t, before+3)
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		workers(t, before)
	}
}

// A backend that nobody closes loses its workers with its last reference.
func TestDroppedBackend(t *testing.T) {
	before := settled()
	func() {
		b := cpu.Open(cpu.Workers(3))
		newNet(t, b, 32, 100, 100, 10).program.Run(3)
	}()
	for range 100 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
		if working() == before {
			return
		}
	}
	t.Errorf("%d workers are left", working()-before)
}
