// Package binaries keeps compiled programs on the disk, for drivers that give them away and take them back.
//
// Each program is a file of its own, named after a hash of the driver's identity and the program's source. A file is written
// beside its name and then renamed, so that several processes may fill one folder. What is not whole, of another driver or of
// another source is not there: nothing that is read is trusted without its checksum.
package binaries

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gloss-ml/gloss/internal/cache"
)

// A Store is a folder of programs of one driver. A nil one is empty and keeps nothing. Its methods may be called from any
// goroutine.
type Store struct {
	dir    string
	driver [sha256.Size]byte
	most   int64 // bytes that all files may have

	writes sync.WaitGroup
	mu     sync.Mutex
	wrote  bool
	state  State
}

// State is what became of a Store.
type State struct {
	Dir            string // "" where there is no store
	Loaded, Missed int    // programs that were there, and those that were not
	Err            error  // the first that kept programs from being read or written; nobody fails for it
}

// MaxBytes is how much a folder holds: the programs that were not used for longest go first.
const MaxBytes = 64 << 20

// Open is the store in a folder, which is made when there is something to write. The identity is all that a program depends
// on but its source: the driver, its version, the hardware.
func Open(dir string, identity ...string) *Store {
	s := &Store{dir: dir, most: MaxBytes, state: State{Dir: dir}}
	s.driver = sha256.Sum256([]byte(strings.Join(identity, "\x00")))
	return s
}

// Dir is the folder that programs are kept in where nobody names one; "" for none.
func Dir() string { return cache.Dir("programs") }

// key is the hash that a program's file has in it and, in part, in its name.
func (s *Store) key(source string) (k [sha256.Size]byte) {
	h := sha256.New()
	h.Write(s.driver[:])
	h.Write([]byte(source))
	h.Sum(k[:0])
	return k
}

const ending = ".bin"

func (s *Store) path(key [sha256.Size]byte) string {
	return filepath.Join(s.dir, hex.EncodeToString(key[:16])+ending)
}

// Get is the program of a source, in the driver's format.
func (s *Store) Get(source string) (format uint32, binary []byte, ok bool) {
	if s == nil {
		return 0, nil, false
	}
	key := s.key(source)
	path := s.path(key)
	text, err := read(path)
	if err == nil {
		format, binary, ok = parse(text, key)
	}
	if !ok {
		s.count(func(st *State) { st.Missed++ })
		if !errors.Is(err, fs.ErrNotExist) {
			s.failed(err)
		}
		return 0, nil, false
	}
	s.count(func(st *State) { st.Loaded++ })
	if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
		now := time.Now()
		os.Chtimes(path, now, now) // it is used; a folder that is read-only is not cleared either
	}
	return format, binary, true
}

// read reads a file that is not too large to be one.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxBytes || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no program: %d bytes, %v", path, info.Size(), info.Mode())
	}
	return os.ReadFile(path)
}

// Refused says that the driver did not take what Get gave.
func (s *Store) Refused(source string) {
	if s == nil {
		return
	}
	s.count(func(st *State) { st.Loaded, st.Missed = st.Loaded-1, st.Missed+1 })
	os.Remove(s.path(s.key(source)))
}

// Put keeps a program, on a goroutine of its own. Close waits for it.
func (s *Store) Put(source string, format uint32, binary []byte) {
	if s == nil || len(binary) == 0 || int64(len(binary)) > s.most/4 {
		return
	}
	s.writes.Go(func() {
		key := s.key(source)
		if err := write(s.path(key), encode(key, format, binary)); err != nil {
			s.failed(err)
			return
		}
		s.mu.Lock()
		s.wrote = true
		s.mu.Unlock()
	})
}

// write puts a file into its place, whole. It need not be on the disk when a power failure comes: then it is not whole, and
// that is seen.
func write(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, temporary+"*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Close waits for what is being written, and clears the folder where that has made it too large.
func (s *Store) Close() {
	if s == nil {
		return
	}
	s.writes.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wrote {
		clearOut(s.dir, s.most)
		s.wrote = false
	}
}

// State is how it went so far.
func (s *Store) State() State {
	if s == nil {
		return State{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

func (s *Store) count(f func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.state)
}

func (s *Store) failed(err error) {
	s.count(func(st *State) {
		if st.Err == nil {
			st.Err = err
		}
	})
}
