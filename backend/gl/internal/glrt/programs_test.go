//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// twice is a kernel that writes a number twice.
func twice(d *Device, n int) *Kernel {
	return d.Kernel("twice", fmt.Sprintf(`#version 430
layout(local_size_x = 1) in;
layout(std430, binding = 0) buffer B { uint x[]; };
uniform uvec4 U[1];
void main() { x[0] = %du + U[0].x; x[1] = x[0]; }
`, n))
}

// run compiles kernels in a device of its own with a folder of programs, runs each, and says what became of the programs.
func runTwice(t *testing.T, dir string, kernels int) (loaded, compiled int, err error) {
	t.Helper()
	d := open(t, Options{Programs: dir})
	defer d.Close()
	b, err := d.Alloc(8)
	if err != nil {
		t.Fatal(err)
	}
	var all []*Kernel
	for i := range kernels {
		all = append(all, twice(d, 10*i), twice(d, 10*i)) // one for both
	}
	if err := d.Compile(all...); err != nil {
		t.Fatal(err)
	}
	for i := range kernels {
		d.Launch(&Launch{Kernel: twice(d, 10*i), Groups: [3]uint32{1, 1, 1}, Buffers: []*Buffer{b}, Uniforms: []uint32{5, 0, 0, 0}, Access: []Access{{Hi: 8, Write: true}}})
		var got [8]byte
		if err := d.Read(b, 0, got[:]); err != nil || got[0] != byte(10*i+5) || got[4] != got[0] {
			t.Errorf("kernel %d: %v, %v", i, got, err)
		}
	}
	s := d.Programs()
	return s.Loaded, s.Missed, s.Err
}

// TestPrograms: what one process has compiled the next one finds, and what is damaged, or refused by the driver, is compiled again.
func TestPrograms(t *testing.T) {
	dir := t.TempDir()
	want := func(what string, wantLoaded, wantCompiled int) {
		t.Helper()
		loaded, compiled, err := runTwice(t, dir, 3)
		if loaded != wantLoaded || compiled != wantCompiled || err != nil {
			t.Errorf("%s: %d loaded, %d compiled, %v; want %d and %d", what, loaded, compiled, err, wantLoaded, wantCompiled)
		}
	}
	want("an empty folder", 0, 3)
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 3 {
		t.Skipf("this driver gives no programs away: %v", files)
	}
	want("a full one", 3, 0)
	if err := os.WriteFile(files[1], []byte("random bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	want("a damaged file", 2, 1)
	want("mended", 3, 0)

	// Whole files, whose contents the driver has never seen.
	d := open(t, Options{Programs: dir})
	for i := range 3 {
		format, binary, ok := d.programs.Get(twice(d, 10*i).Source)
		if !ok {
			t.Fatal("a program is gone")
		}
		if i == 0 {
			format = 0x12345
		} else {
			binary = bytes.Repeat([]byte{byte(i)}, len(binary))
		}
		d.programs.Put(twice(d, 10*i).Source, format, binary)
	}
	d.Close()
	want("what the driver refuses", 0, 3)
	want("mended", 3, 0)
}

func TestNoPrograms(t *testing.T) {
	if loaded, compiled, err := runTwice(t, "", 1); loaded != 0 || compiled != 0 || err != nil {
		t.Errorf("without a folder: %d loaded, %d compiled, %v", loaded, compiled, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if loaded, _, err := runTwice(t, file, 1); loaded != 0 || err == nil {
		t.Errorf("a file instead of a folder: %d loaded, %v", loaded, err)
	}
}

// TestCompileTogether: an error of one kernel does not harm those that are compiled with it.
func TestCompileTogether(t *testing.T) {
	d := open(t, Options{})
	defer d.Close()
	bad := d.Kernel("bad", "#version 430\nlayout(local_size_x = 1) in;\nvoid main() { undeclared = 1; }\n")
	if err := d.Compile(twice(d, 0), bad, twice(d, 1)); err == nil || !bytes.Contains([]byte(err.Error()), []byte("     3 | void main() { undeclared = 1; }")) {
		t.Errorf("%v", err)
	}
	if err := d.Compile(twice(d, 0), twice(d, 1)); err != nil {
		t.Error(err)
	}
	if err := d.Compile(bad); err == nil {
		t.Error("the second time there is no error")
	}
	if err := d.Err(); err != nil {
		t.Error(err)
	}
}
