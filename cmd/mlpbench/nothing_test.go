package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestNothingMeasured: a run that measures nothing leaves the file of -o as it was, and makes none.
func TestNothingMeasured(t *testing.T) {
	t.Setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent")
	dir := t.TempDir()
	kept, made := filepath.Join(dir, "kept.json"), filepath.Join(dir, "made.json")
	if err := os.WriteFile(kept, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{kept, made} {
		args := []string{"-gemm", "8x8x8", "-device", "gl:no such renderer", "-format", "json", "-o", file}
		if code := run(context.Background(), args, io.Discard, io.Discard); code == exitOK {
			t.Errorf("%v: success without a device", args)
		}
	}
	if b, err := os.ReadFile(kept); err != nil || string(b) != "old" {
		t.Errorf("the old report holds %q now, error %v", b, err)
	}
	if _, err := os.Stat(made); !os.IsNotExist(err) {
		t.Errorf("a report of nothing was made: %v", err)
	}
}
