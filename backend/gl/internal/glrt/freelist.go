//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import "sync"

// freelist keeps used commands. A sync.Pool would not do: it keeps one object to itself on each processor, so that what
// the thread puts back on one is not found by the goroutine that queues on another.
type freelist[T any] struct {
	mu   sync.Mutex
	free []*T
}

func (f *freelist[T]) get() *T {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.free)
	if n == 0 {
		return new(T)
	}
	x := f.free[n-1]
	f.free = f.free[:n-1]
	return x
}

// put keeps x, unless more are there than a busy queue needs.
func (f *freelist[T]) put(x *T) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.free) < 1024 {
		f.free = append(f.free, x)
	}
}
