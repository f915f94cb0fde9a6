package cache

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDir(t *testing.T) {
	t.Setenv("GLOSS_CACHE", "off")
	if Root() != "" || Dir("programs") != "" || Check() != nil {
		t.Errorf("off: %q, %q, %v", Root(), Dir("programs"), Check())
	}
	here := filepath.Join(t.TempDir(), "made", "by it")
	t.Setenv("GLOSS_CACHE", here)
	if err := Check(); err != nil || Dir("rates") != filepath.Join(here, "rates") {
		t.Errorf("%q: %v", Dir("rates"), err)
	}
	if left, err := os.ReadDir(here); err != nil || len(left) != 0 {
		t.Errorf("Check leaves %v, %v", left, err)
	}
	file := filepath.Join(here, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GLOSS_CACHE", file)
	if Check() == nil {
		t.Error("a file is a folder to it")
	}
}
