package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/nn"
)

// A file is opened for each row: nothing is held between them, and one that vanishes is noticed.
type file struct {
	path    string
	started bool   // what was there before is gone, or kept on purpose
	seen    *int64 // bytes that the checkpoint knows from which the training goes on; nil where it goes on from none
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

// seenBytes is the file's size in a checkpoint.
const seenBytes = "bytes"

// key is the log's among those of a training. A training that goes on finds it under the same path.
func (f *file) key() string { return "logs " + strings.ReplaceAll(f.path, "/", "|") }

// save is called between rows. What a checkpoint counts is on the disk before it.
func (f *file) save() (_ nn.Extra, err error) {
	h, err := os.OpenFile(f.path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) { // the next row says so, if anybody minds
		return nn.Extra{}, nil
	}
	if err != nil {
		return nn.Extra{}, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	size, err := h.Seek(0, io.SeekEnd)
	if !f.started {
		size = 0
	}
	return nn.Extra{Strings: map[string]string{seenBytes: strconv.FormatInt(size, 10)}}, errors.Join(err, h.Sync())
}

func (f *file) load(x nn.Extra) error {
	f.seen = nil
	text, ok := x.Strings[seenBytes]
	if !ok {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("a log of %q bytes", text)
	}
	f.seen = &n
	return nil
}

// longest is the most bytes of a line of a file that is gone on with.
const longest = 1 << 20

// resume prepares to go on with the file, whose first line fits judges if there is one: it drops what a checkpoint has not seen,
// and then a last line that was cut off.
func (f *file) resume(fits func(first string) error) (err error) {
	h, err := os.OpenFile(f.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	size, err := h.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	head := make([]byte, min(size, longest))
	if _, err := h.ReadAt(head, 0); err != nil {
		return err
	}
	if first, _, found := bytes.Cut(head, []byte("\n")); found {
		if err := fits(string(first)); err != nil {
			return err
		}
	}
	keep := size
	if f.seen != nil {
		keep = min(keep, *f.seen)
	}
	f.seen = nil
	tail := make([]byte, min(keep, longest))
	if _, err := h.ReadAt(tail, keep-int64(len(tail))); err != nil {
		return err
	}
	torn := len(tail) - 1 - bytes.LastIndexByte(tail, '\n')
	if torn == longest {
		return fmt.Errorf("%s: there is no log in it: its last line is longer than %d bytes", f.path, longest)
	}
	if keep -= int64(torn); keep < size {
		err = h.Truncate(keep)
	}
	f.started = keep > 0
	return err
}
