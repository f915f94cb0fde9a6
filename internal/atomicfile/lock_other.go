//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// locks is false: there is nothing to ask whether a file's writer is alive.
const locks = false

func hold(*os.File) error { return nil }

// Lock makes the file path, which must not be there. A process that is killed leaves it.
func Lock(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s: %w: remove the file if that process is no more", path, ErrLocked)
	}
	if err != nil {
		return nil, err
	}
	return func() {
		f.Close()
		os.Remove(path)
	}, nil
}
