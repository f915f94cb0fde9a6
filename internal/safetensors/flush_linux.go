package safetensors

import (
	"os"

	"golang.org/x/sys/unix"
)

// flush has the disk begin with a part of the file while the next is made, for the fsync at the end to find little left. It is
// a hint: where it fails the fsync does all.
func flush(f *os.File, off, n int64) {
	unix.SyncFileRange(int(f.Fd()), off, n, unix.SYNC_FILE_RANGE_WRITE)
}
