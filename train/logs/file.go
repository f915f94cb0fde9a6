package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// A file is opened for each row: nothing is held between them, and one that vanishes is noticed.
type file struct {
	path    string
	started bool // what was there before is gone, or kept on purpose
}

// touch sees to it that the file can be written to. It changes nothing of one that is there.
func (f *file) touch() error {
	f.started = false
	h, err := os.OpenFile(f.path, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	return h.Close()
}

// add appends at once. The first time it empties the file, unless that was started.
func (f *file) add(text []byte) (err error) {
	flags := os.O_WRONLY | os.O_APPEND
	if !f.started {
		flags |= os.O_TRUNC
	}
	h, err := os.OpenFile(f.path, flags, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	_, err = h.Write(text)
	f.started = f.started || err == nil
	return err
}

// longest is the most bytes of a line of a file that is gone on with.
const longest = 1 << 20

// resume prepares to go on with the file: it drops a last line that was cut off, and returns the first one, "" if there is
// none.
func (f *file) resume() (first string, err error) {
	h, err := os.OpenFile(f.path, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	size, err := h.Seek(0, io.SeekEnd)
	if err != nil {
		return "", err
	}
	head, tail := make([]byte, min(size, longest)), make([]byte, min(size, longest))
	if _, err := h.ReadAt(head, 0); err != nil {
		return "", err
	}
	if _, err := h.ReadAt(tail, size-int64(len(tail))); err != nil {
		return "", err
	}
	torn := len(tail) - 1 - bytes.LastIndexByte(tail, '\n')
	if torn == longest {
		return "", fmt.Errorf("%s: there is no log in it: its last line is longer than %d bytes", f.path, longest)
	}
	if torn > 0 {
		if err := h.Truncate(size - int64(torn)); err != nil {
			return "", err
		}
	}
	line, _, found := bytes.Cut(head, []byte("\n"))
	if f.started = found; !found {
		return "", nil
	}
	return string(line), nil
}
