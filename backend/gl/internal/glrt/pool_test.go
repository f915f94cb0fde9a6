//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import "testing"

func TestClass(t *testing.T) {
	last := 0
	for n := range 1 << 18 {
		c := class(n, 0)
		if c < n || c < last || c%256 != 0 || n > 2048 && c > n+n/8+256 {
			t.Fatalf("class(%d) = %d after %d", n, c, last)
		}
		last = c
	}
	const most = 1<<24 + 4 // of a driver with an odd bound
	for _, n := range []int{100, 1<<24 - 1, 1 << 24, most} {
		if c := class(n, most); c < n || c > most {
			t.Errorf("class(%d) = %d; shaders see %d bytes", n, c, most)
		}
	}
}

// TestCacheIsBounded: a budget says what may be used, not what may be kept. Plain numbers, without a device.
func TestCacheIsBounded(t *testing.T) {
	for _, c := range []struct{ budget, lent, want int64 }{
		{0, 0, maxCached}, {100 << 30, 0, maxCached}, {2 << 30, 1536 << 20, 512 << 20}, {1 << 20, 2 << 20, 0},
	} {
		d := &Device{lost: true} // no GL calls
		p := &d.pool
		p.init(d)
		p.budget, p.lent = c.budget, c.lent
		for range 40 {
			b := &block{bytes: 100 << 20}
			p.all[b] = struct{}{}
			p.lent += int64(b.bytes)
			p.drop(b)
		}
		if p.reclaim(); p.cached > c.want || p.cached+100<<20 <= c.want {
			t.Errorf("budget %d, %d lent: %d bytes are kept, want %d", c.budget, c.lent, p.cached, c.want)
		}
	}
}

// TestCollectCount: buffers that come back after the collector was asked do not put off the next time.
func TestCollectCount(t *testing.T) {
	d := &Device{}
	p := &d.pool
	p.init(d)
	for range 5 { // 64 MiB each: the fourth asks
		p.collect(64<<20, 0)
	}
	if n := p.made.Load(); n != 64<<20 {
		t.Fatalf("%d bytes count since the collector was asked", n)
	}
	for range 5 {
		p.drop(&block{bytes: 64 << 20})
	}
	if n := p.made.Load(); n != 0 {
		t.Errorf("%d bytes count after all came back", n)
	}
}
