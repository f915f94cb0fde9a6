package backend

import (
	"fmt"
	"strings"
	"time"
)

// String is what a device has done, for people: that it was at work, and what was moved. What is 0 is left out.
//
//	192 calls, 768 dispatches, 448 barriers, 3 waits, 1 read of 64 B, 6 writes of 4.1 kB, 14 allocs; 14 buffers of 1.2 MB live; 12.4ms of work
func (s Stats) String() string {
	var parts []string
	count := func(n int64, what string) {
		if n != 0 {
			parts = append(parts, fmt.Sprintf("%d %s%s", n, what, plural(n)))
		}
	}
	moved := func(n, bytes int64, what string) {
		if n != 0 {
			parts = append(parts, fmt.Sprintf("%d %s%s of %s", n, what, plural(n), formatBytes(bytes)))
		}
	}
	count(s.Calls, "call")
	if s.Dispatches > 0 {
		parts = append(parts, fmt.Sprintf("%d dispatch%s", s.Dispatches, map[bool]string{true: "", false: "es"}[s.Dispatches == 1]))
	}
	count(s.Barriers, "barrier")
	count(s.Submits, "submit")
	count(s.Waits, "wait")
	moved(s.Reads, s.BytesRead, "read")
	moved(s.Writes, s.BytesWritten, "write")
	count(s.Allocs, "alloc")
	all := []string{strings.Join(parts, ", ")}
	if s.LiveBuffers > 0 {
		all = append(all, fmt.Sprintf("%d buffer%s of %s live", s.LiveBuffers, plural(s.LiveBuffers), formatBytes(s.LiveBytes)))
	}
	if s.Busy > 0 {
		all = append(all, fmt.Sprintf("%v of work", s.Busy.Round(time.Microsecond)))
	}
	if text := strings.Trim(strings.Join(all, "; "), "; "); text != "" {
		return text
	}
	return "nothing done"
}

func plural(n int64) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// formatBytes writes a size in powers of 1000.
func formatBytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	x, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if x /= 1000; x < 999.95 {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", x, unit)
}
