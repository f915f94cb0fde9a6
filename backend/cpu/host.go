package cpu

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// hostName is the processor as the system names it, or its architecture.
var hostName = sync.OnceValue(func() string {
	if s := field("/proc/cpuinfo", "model name"); s != "" {
		return s
	}
	return runtime.GOARCH
})

// hostBytes is the size of the host's memory, or 0 where nobody says. Go ends a process that asks for more than there
// is; Alloc returns an error instead where it can tell.
var hostBytes = sync.OnceValue(func() int64 {
	kib, _ := strconv.ParseInt(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	return kib << 10
})

// field is the value of the first line "name: value" of a file, or empty.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
