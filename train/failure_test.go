//go:build linux

package train_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/train"
)

// whole wants every checkpoint of a folder to be one, and nothing half written beside them.
func whole(t *testing.T, dir string) {
	t.Helper()
	for _, path := range steps(t, dir) {
		if _, err := train.ReadCheckpoint(path); err != nil {
			t.Error(err)
		}
	}
	if left := must(filepath.Glob(filepath.Join(dir, "*.tmp-*"))); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// fails breaks the folder after the second epoch. Without OnError the training ends with an error that says want; with it,
// it goes on to its end and is told of each failure. repaired undoes the harm, and the training goes on.
func fails(t *testing.T, dir, want string, harm, repair func()) {
	t.Helper()
	begin := func() *run {
		r := newRun(cpu.Open(), dir)
		r.cfg.Checkpoint.EverySteps = 0
		r.cfg.Checkpoint.Best = nil
		r.cfg.Callbacks = append([]train.Callback{{Epoch: func(e train.Epoch) error {
			if e.Number == 3 {
				harm()
			}
			return nil
		}}}, r.cfg.Callbacks...)
		return r
	}
	r := begin()
	h, err := r.fit(context.Background())
	if err == nil || !strings.Contains(err.Error(), "checkpoint of step 24") || !strings.Contains(err.Error(), want) || len(h) != 3 {
		t.Errorf("%d epochs, error %v, want 3 and one that says %q", len(h), err, want)
	}
	repair()
	whole(t, dir)
	if n := len(steps(t, dir)); n != 2 {
		t.Errorf("%d checkpoints of 2 epochs are left", n)
	}
	r = begin()
	told := 0
	r.cfg.Checkpoint.OnError = func(err error) error { told++; return nil }
	h, err = r.fit(context.Background())
	if err != nil || len(h) != 6 || told == 0 {
		t.Errorf("%d epochs, error %v, %d failures told; want 6, none, some", len(h), err, told)
	}
	repair()
	whole(t, dir)
}

// TestFullDisk fills a small disk. Making one needs the rights to; where they lack, a limit on the size of files does.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("no small disk to fill: %v", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	filler := filepath.Join(dir, "filler")
	fails(t, filepath.Join(dir, "run"), "no space left on device", func() {
		f := must(os.Create(filler))
		defer f.Close()
		for block := make([]byte, 4096); ; {
			if _, err := f.Write(block); err != nil {
				return
			}
		}
	}, func() { os.Remove(filler) })
}

// limited is the environment variable that makes a process of this test the one with a limit.
const limited = "GLOSS_TEST_LIMIT"

// TestFileLimit: a system's limit on the size of files, which bounds writes as a full disk does, and needs no rights. It is
// a process's, and go test writes files itself: so it is one of its own.
func TestFileLimit(t *testing.T) {
	if os.Getenv(limited) == "" {
		c := exec.Command(os.Args[0], "-test.run=^TestFileLimit$")
		c.Env = append(os.Environ(), limited+"=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Skip(err)
	}
	fails(t, t.TempDir(), "file too large", func() {
		limit := before
		limit.Cur = 1000
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
	}, func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
	})
}

// TestVanished: the folder is gone between two epochs, as a disk is that was unplugged.
func TestVanished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	away := dir + "-away"
	fails(t, dir, "no such file or directory", func() { os.Rename(dir, away) }, func() {
		if err := os.Rename(away, dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	})
}

// TestFileVanished: an older checkpoint that somebody removed is no harm.
func TestFileVanished(t *testing.T) {
	dir := t.TempDir()
	r := newRun(cpu.Open(), dir)
	r.cfg.Callbacks = append(r.cfg.Callbacks, train.Callback{Epoch: func(e train.Epoch) error {
		for _, path := range steps(t, dir) {
			os.Remove(path)
		}
		return os.RemoveAll(filepath.Join(dir, "best.safetensors"))
	}})
	must(r.fit(context.Background()))
	whole(t, dir)
}

// TestReadOnly: a folder that nothing can be written to is told at once. The file system of processes is one for root too.
func TestReadOnly(t *testing.T) {
	dirs := []string{"/proc/self"}
	if os.Getuid() != 0 {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, dir)
	}
	for _, dir := range dirs {
		r := newRun(cpu.Open(), dir)
		if _, err := r.fit(context.Background()); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("checkpoints: open %s/lock: ", dir)) {
			t.Errorf("%v", err)
		}
		r.release()
	}
}
