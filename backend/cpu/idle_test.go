//go:build unix

package cpu_test

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend/cpu"
)

// Workers that have nothing to do cost nothing.
func TestIdleWorkersSleep(t *testing.T) {
	b := cpu.Open(cpu.Workers(4))
	defer b.Close()
	newNet(t, b, 32, 100, 100, 10).program.Run(3)
	runtime.GC() // not while we look
	time.Sleep(20 * time.Millisecond)
	before := used(t)
	time.Sleep(200 * time.Millisecond)
	if d := used(t) - before; d > 20*time.Millisecond {
		t.Errorf("in 200 ms with nothing to do the workers have used %v", d)
	}
}

// used is the processor time of this process.
func used(t *testing.T) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
