package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestNothingMeasured: a run that measures nothing leaves the file of -o as it was, and makes none. The driver is taken
// from a process of its own, for libEGL reads the environment once.
func TestNothingMeasured(t *testing.T) {
	dir := t.TempDir()
	kept, made := filepath.Join(dir, "kept.json"), filepath.Join(dir, "made.json")
	if err := os.WriteFile(kept, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{kept, made} {
		args := []string{"-gemm", "8x8x8", "-device", "gl:no such renderer", "-format", "json", "-o", file}
		if out, err := process(t, []string{"__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent"}, args).CombinedOutput(); err == nil {
			t.Errorf("%v: success without a device\n%s", args, out)
		}
	}
	if b, err := os.ReadFile(kept); err != nil || string(b) != "old" {
		t.Errorf("the old report holds %q now, error %v", b, err)
	}
	if _, err := os.Stat(made); !os.IsNotExist(err) {
		t.Errorf("a report of nothing was made: %v", err)
	}
}
