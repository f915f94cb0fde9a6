// Package host says what the machine is.
package host

import (
	"bufio"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// CPU is the processor as the system names it, or its architecture.
var CPU = sync.OnceValue(func() string {
	if s := read("/proc/cpuinfo", "model name"); s != "" {
		return s
	}
	return runtime.GOARCH
})

// Memory is the size of the machine's memory in bytes, or 0 where nobody says. Go ends a process that asks for more than
// there is; who can tell before returns an error instead.
var Memory = sync.OnceValue(func() int64 {
	kib, _ := strconv.ParseInt(strings.TrimSuffix(read("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	return kib << 10
})

func read(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	return field(f, name)
}

// field is the value of the first line "name: value", or empty.
func field(r io.Reader, name string) string {
	for s := bufio.NewScanner(r); s.Scan(); {
		if key, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return ""
}
