package binaries

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var program = []byte("what a driver made of a source")

// filled is a store with a program in it, and the program's file.
func filled(t testing.TB, dir string) (s *Store, file string) {
	t.Helper()
	s = Open(dir, "vendor", "1.0")
	s.Put("source", 7, program)
	s.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 1 {
		t.Fatalf("files %v, state %+v", files, s.State())
	}
	return s, files[0]
}

func has(s *Store, source string) bool {
	format, b, ok := s.Get(source)
	return ok && format == 7 && bytes.Equal(b, program)
}

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by it")
	s, _ := filled(t, dir)
	if !has(s, "source") || has(s, "sourc") {
		t.Errorf("not what was put there: %+v", s.State())
	}
	if st := s.State(); st.Loaded != 1 || st.Missed != 1 || st.Err != nil || st.Dir != dir {
		t.Errorf("%+v", st)
	}
	for _, identity := range [][]string{{"vendor", "1.1"}, {"vendor"}, {"vendor1.0"}, {"vendor", "1.0", ""}, nil} {
		if has(Open(dir, identity...), "source") {
			t.Errorf("%q has a program of another driver", identity)
		}
	}
	s.Refused("source")
	if has(s, "source") {
		t.Error("what the driver refused is still there")
	}
	var none *Store
	none.Put("source", 7, program)
	none.Refused("source")
	none.Close()
	if has(none, "source") || none.State() != (State{}) {
		t.Error("no store has a program")
	}
}

// TestDamage: whatever happens to a file, its program is either whole or not there, and is put there again.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s, file := filled(t, dir)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := Open(t.TempDir(), "vendor", "2.0")
	forged := encode(other.key("source"), 7, program) // whole, and another driver's
	files := [][]byte{nil, []byte("random"), bytes.Repeat([]byte{0xa5}, 4096), append(slices.Clone(good), 0), forged}
	for i := range good {
		flipped := slices.Clone(good)
		flipped[i] ^= 1 << (i % 8)
		files = append(files, flipped, good[:i])
	}
	for i, f := range files {
		if err := os.WriteFile(file, f, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, ok := s.Get("source"); ok {
			t.Fatalf("case %d: a program in %q", i, f)
		}
	}
	s.Put("source", 7, program)
	s.Close()
	if !has(s, "source") {
		t.Error("a damaged file is not replaced")
	}
	if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil {
		t.Fatal(err)
	}
	if has(s, "source") || s.State().Err == nil {
		t.Errorf("a folder in a program's place: %+v", s.State())
	}
}

// TestNoRoom: where nothing can be written nothing fails, and the state says why.
func TestNoRoom(t *testing.T) {
	notAFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notAFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{notAFolder, filepath.Join(notAFolder, "below")} {
		s := Open(dir, "vendor")
		s.Put("source", 7, program)
		s.Close()
		if st := s.State(); has(s, "source") || st.Err == nil {
			t.Errorf("%s: %+v", dir, st)
		}
	}
	readOnly := t.TempDir()
	s, _ := filled(t, readOnly)
	if err := os.Chmod(readOnly, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(readOnly, 0o700)
	if !has(s, "source") {
		t.Errorf("from a read-only folder: %+v", s.State())
	}
	s.Put("another", 7, program)
	s.Close()
	if st := s.State(); os.Getuid() != 0 && st.Err == nil { // root may write anywhere
		t.Errorf("into a read-only folder: %+v", st)
	}
}

// TestFullDisk writes to a disk in memory that has no room.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk to fill: %v: %s", err, out)
	}
	defer exec.Command("umount", dir).Run()
	s := Open(dir, "vendor")
	large := bytes.Repeat([]byte{1}, 100<<10)
	s.Put("large", 7, large)
	s.Close()
	if _, _, ok := s.Get("large"); ok || s.State().Err == nil {
		t.Errorf("%+v", s.State())
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	s.Put("source", 7, program)
	s.Close()
	if !has(s, "source") {
		t.Error("a small one has no room either")
	}
}

// TestClearOut: the folder stays below its bound, what was used last stays, and other people's files do.
func TestClearOut(t *testing.T) {
	dir := t.TempDir()
	s := Open(dir, "vendor")
	s.most = 40 << 10
	put := func(i int) {
		s.Put(fmt.Sprint(i), 7, bytes.Repeat([]byte{byte(i)}, 9<<10))
		s.Close()
	}
	for i := range 4 {
		put(i)
		old := time.Now().Add(time.Duration(i-100) * time.Hour)
		if err := os.Chtimes(s.path(s.key(fmt.Sprint(i))), old, old); err != nil {
			t.Fatal(err)
		}
	}
	s.Get("0") // which makes it the youngest
	for _, name := range []string{"notes.txt", temporary + "1", temporary + "2"} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 1<<20), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-48 * time.Hour)
	os.Chtimes(filepath.Join(dir, temporary+"1"), old, old)
	put(4)
	var left []string
	for i := range 5 {
		if _, _, ok := s.Get(fmt.Sprint(i)); ok {
			left = append(left, fmt.Sprint(i))
		}
	}
	if strings.Join(left, " ") != "0 2 3 4" {
		t.Errorf("%v are left", left)
	}
	for name, want := range map[string]bool{"notes.txt": true, temporary + "1": false, temporary + "2": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const fillFolder = "GLOSS_TEST_FILL"

// TestTwoProcesses fills and reads one folder from several processes at once: nobody ever reads half of a program.
func TestTwoProcesses(t *testing.T) {
	dir, child := os.Getenv(fillFolder), true
	if dir == "" {
		dir, child = t.TempDir(), false
	}
	var others []*exec.Cmd
	if !child {
		for range 2 {
			c := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$")
			c.Env = append(os.Environ(), fillFolder+"="+dir)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			others = append(others, c)
		}
	}
	s := Open(dir, "vendor")
	for round := range 20 {
		for i := range 20 {
			source := fmt.Sprint(i)
			want := bytes.Repeat([]byte(source), 5000)
			if _, got, ok := s.Get(source); ok && !bytes.Equal(got, want) {
				t.Fatalf("round %d: program %d is another", round, i)
			}
			s.Put(source, 7, want)
		}
	}
	s.Close()
	for _, c := range others {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	if st := s.State(); st.Err != nil {
		t.Errorf("%+v", st)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, temporary+"*")); !child && len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDir(t *testing.T) {
	t.Setenv("GLOSS_CACHE", "off")
	if d := Dir(); d != "" {
		t.Errorf("off: %q", d)
	}
	t.Setenv("GLOSS_CACHE", "/somewhere")
	if d := Dir(); d != filepath.Join("/somewhere", "programs") {
		t.Errorf("/somewhere: %q", d)
	}
	t.Setenv("GLOSS_CACHE", "")
	t.Setenv("XDG_CACHE_HOME", "/caches")
	if d := Dir(); runtime.GOOS == "linux" && d != "/caches/gloss/programs" {
		t.Errorf("by default: %q", d)
	}
}

// FuzzEntry: no file is a program but one that encode made.
func FuzzEntry(f *testing.F) {
	s := Open("", "vendor")
	key := s.key("source")
	f.Add(encode(key, 7, program))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, text []byte) {
		if format, p, ok := parse(text, key); ok && !bytes.Equal(encode(key, format, p), text) {
			t.Errorf("a program in %q", text)
		}
	})
}
