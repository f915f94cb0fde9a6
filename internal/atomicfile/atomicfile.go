// Package atomicfile replaces files whole or not at all, and locks folders against a second process.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// ErrLocked is what Lock returns where another has the lock.
var ErrLocked = errors.New("in use by another process")

// temporary stands between a file's name and a random number while it is being written.
const temporary = ".tmp-"

// Write has fill write a file beside path, and then puts that in the place of path: another process sees the old file or
// the new one, whole, and so does one that starts after the power failed. Where anything fails the old file stays and the
// new one is removed; what a process left behind that was killed here is removed by the next that writes the same path.
func Write(path string, fill func(*os.File) error) (err error) {
	Clean(filepath.Split(path))
	f, err := create(path)
	if err != nil {
		return err
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err = fill(f); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err = f.Sync(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if runtime.GOOS == "windows" { // where a file that is open cannot be renamed
		f.Close()
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// create makes a temporary file and locks it, so that Clean can tell it from one that was left behind. Clean may take the
// file between the two; then another is made.
func create(path string) (*os.File, error) {
	for range 100 {
		name := fmt.Sprintf("%s%s%016x", path, temporary, rand.Uint64())
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if hold(f) == nil && still(f) {
			return f, nil
		}
		f.Close()
		os.Remove(name)
	}
	return nil, fmt.Errorf("%s: no name is free for a temporary file", path)
}

// still reports whether the file is the one that its name stands for.
func still(f *os.File) bool {
	a, err := f.Stat()
	b, err2 := os.Stat(f.Name())
	return err == nil && err2 == nil && os.SameFile(a, b)
}

// Clean removes what processes that were killed while they wrote left in a folder of files whose names begin with prefix.
func Clean(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil || !locks {
		return // there is nothing to clean, or no telling whose it is
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, prefix) && strings.Contains(name[len(prefix):], temporary) {
			removeDead(filepath.Join(dir, name))
		}
	}
}

func removeDead(name string) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if hold(f) == nil {
		os.Remove(name)
	}
}

// syncFolder has the folder's new entry on the disk. Some file systems have no such thing and say so.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("folder %s: %w", dir, err)
	}
	return nil
}
