package backend_test

import (
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

func TestStatsString(t *testing.T) {
	for _, c := range []struct {
		s    backend.Stats
		want string
	}{
		{backend.Stats{}, "nothing done"},
		{backend.Stats{Calls: 1, Dispatches: 1, Reads: 1, BytesRead: 999}, "1 call, 1 dispatch, 1 read of 999 B"},
		{backend.Stats{LiveBuffers: 2, LiveBytes: 1500}, "2 buffers of 1.5 kB live"},
		{backend.Stats{
			Calls: 192, Dispatches: 768, Barriers: 448, Submits: 12, Waits: 3, Reads: 2, BytesRead: 64, Writes: 6, BytesWritten: 999_949, Allocs: 14,
			LiveBuffers: 1, LiveBytes: 999_950, Busy: 12_345_678 * time.Nanosecond,
		}, "192 calls, 768 dispatches, 448 barriers, 12 submits, 3 waits, 2 reads of 64 B, 6 writes of 999.9 kB, 14 allocs; 1 buffer of 1.0 MB live; 12.346ms of work"},
	} {
		if got := c.s.String(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// What a device has done in a part of a program: proof that it was at work, and that nothing was copied that need not be.
func ExampleStats() {
	dev := ref.Open()
	defer dev.Close()
	x, err := backend.Alloc(dev, backend.F32, 1000)
	if err != nil {
		log.Fatal(err)
	}
	before := dev.Stats()
	row := backend.Row(x, 0, 1000)
	for range 3 {
		backend.Do(dev, &backend.Each{Dst: row, Do: backend.Chain{backend.Load(row), backend.Affine(1, 1)}})
	}
	done := dev.Stats().Sub(before)
	fmt.Println("at work:", done.Busy > 0)
	done.Busy = 0
	fmt.Println(done)
	// Output:
	// at work: true
	// 3 calls; 1 buffer of 4.0 kB live
}
