//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// locks is whether hold tells files that are in use from others. The system drops a lock when its process ends, however.
const locks = true

// hold locks an open file, or returns an error where another has locked it.
func hold(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EINTR {
			return err
		}
	}
}

// Lock makes the file path, if it is not there, and locks it until release is called or the process ends. Where another
// process has it the error is ErrLocked with that process's number.
func Lock(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if hold(f) != nil {
		owner, _ := os.ReadFile(path)
		f.Close()
		return nil, fmt.Errorf("%s: %w %s", path, ErrLocked, strings.TrimSpace(string(owner)))
	}
	if err := f.Truncate(0); err == nil { // the number is for people: a disk that is full lacks it
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return func() { f.Close() }, nil
}
