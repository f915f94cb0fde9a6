// Package backendtest is the contract of package backend as tests. [Run] is for whoever implements a backend: every
// promise that backend's documentation makes to callers is a case here, and a new promise enters here first.
//
//	func TestRun(t *testing.T) {
//		backendtest.Run(t, func(t testing.TB) backend.Backend { return mine.Open() })
//	}
//
// What an element has to be is computed from the op table's float64 definitions and plain sums in this package, never
// by another backend. The bounds are the contract's: they are derived, not tuned. One part of it runs alone by its
// name, as in -run 'Run/Ops/gelu'; -short leaves out what is long.
package backendtest

import (
	"testing"

	"github.com/gloss-ml/gloss/backend"
)

// Run tests the backends that open returns. It opens several, some side by side, and closes them. open may skip or
// fail the test where the device is not there.
func Run(t *testing.T, open func(t testing.TB) backend.Backend) {
	s := &suite{t: t, open: open}
	s.device()
	t.Run("Ops", s.testOps)
	t.Run("MatMul", s.testMatMul)
	t.Run("Reduce", s.testReduce)
	t.Run("Xent", s.testXent)
	t.Run("Gather", s.testGather)
	t.Run("Scatter", s.testScatter)
	t.Run("Permute", s.testPermute)
	t.Run("Each", s.testEach)
	t.Run("Random", s.testRandom)
	t.Run("Memory", s.testMemory)
	t.Run("Programs", s.testPrograms)
	t.Run("Goroutines", s.testGoroutines)
	t.Run("Misuse", s.testMisuse)
	t.Run("Lifecycle", s.testLifecycle)
	t.Run("Failure", s.testFailure)
	t.Run("Stats", s.testStats)
	if s.b != nil {
		s.closeDown(s.b)
	}
}

// A suite shares one backend among the cases that leave it as they found it.
type suite struct {
	t    *testing.T
	open func(t testing.TB) backend.Backend
	b    backend.Backend
}

// device is the shared backend: a fresh one where the last one has failed, so that one bad kernel does not hide what
// the rest has to say.
func (s *suite) device() backend.Backend {
	if s.b != nil && s.b.Sync() != nil {
		s.b.Close()
		s.b = nil
	}
	if s.b == nil {
		s.b = s.open(s.t)
	}
	return s.b
}

// closeDown closes the shared backend, on which everything has been released.
func (s *suite) closeDown(b backend.Backend) {
	if st := b.Stats(); st.LiveBuffers != 0 || st.LiveBytes != 0 {
		s.t.Errorf("at the end %d buffers of %d bytes are live", st.LiveBuffers, st.LiveBytes)
	}
	if err := b.Close(); err != nil {
		s.t.Errorf("Close: %v", err)
	}
}
