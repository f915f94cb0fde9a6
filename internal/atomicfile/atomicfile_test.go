package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func text(s string) func(*os.File) error {
	return func(f *os.File) error {
		_, err := f.WriteString(s)
		return err
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "[a]*") // nothing in a name is a pattern
	for _, s := range []string{"one", "two"} {
		if err := Write(path, text(s)); err != nil || read(t, path) != s {
			t.Errorf("%v, %s", err, read(t, path))
		}
	}
	full := errors.New("full")
	err := Write(path, func(f *os.File) error {
		f.WriteString("thr")
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) || read(t, path) != "two" {
		t.Errorf("%v, %s", err, read(t, path))
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%v", entries)
	}
}

// TestClean: what a dead process left is removed, what a living one writes is not.
func TestClean(t *testing.T) {
	if !locks {
		t.Skip("nothing tells the dead from the living on " + runtime.GOOS)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	dead := path + temporary + "0123456789abcdef"
	if err := os.WriteFile(dead, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	err := Write(path, func(living *os.File) error {
		if _, err := os.Stat(dead); err == nil {
			t.Error("the dead one's file is there")
		}
		Clean(dir, "")
		_, err := os.Stat(living.Name())
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	release()
	again, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
