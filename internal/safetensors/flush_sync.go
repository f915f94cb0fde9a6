//go:build linux && (amd64 || arm64)

package safetensors

import (
	"os"
	"syscall"
)

// flush has the disk begin with a part of the file while the next is made, for the fsync at the end to find little left. It is
// a hint: where it fails the fsync does all.
func flush(f *os.File, off, n int64) {
	const syncFileRangeWrite = 2 // linux/fs.h; package syscall does not have it
	syscall.SyncFileRange(int(f.Fd()), off, n, syncFileRangeWrite)
}
