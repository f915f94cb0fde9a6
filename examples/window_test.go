//go:build cgo && glfw && linux

package examples_test

import (
	"errors"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/internal/need"
)

// TestWindow trains in a window for some frames and looks at what it shows: the picture beside what was learned of it.
func TestWindow(t *testing.T) {
	if os.Getenv("DISPLAY") == "" {
		need.Lacking(t, "glfw", errors.New("DISPLAY is not set"))
	}
	dir := t.TempDir()
	program, shot := filepath.Join(dir, "picture"), filepath.Join(dir, "window.png")
	if out, err := exec.Command("go", "build", "-tags", "glfw", "-o", program, "./picture").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(program, "-size", "24", "-steps", "20", "-o", shot).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "a context of the application's") || !strings.Contains(string(out), "hills at sunset after 20 steps") {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(shot)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	grey := func(x, y int) int { return int(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y) }
	left, right, top, bottom := b.Dx()/4, 3*b.Dx()/4, b.Dy()/8, b.Dy()*6/8
	if grey(2, 2) > 60 || grey(left, top) == grey(left, bottom) {
		t.Errorf("the window does not show the picture")
	}
	if d := grey(left, bottom) - grey(right, bottom); d < -60 || d > 60 || grey(right, top) == grey(2, 2) {
		t.Errorf("the network's picture is far from the picture: %d below", d)
	}
	without := exec.Command(program)
	without.Env = append(os.Environ(), "DISPLAY=:9987")
	out, err = without.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is there a display?") || strings.Contains(string(out), "goroutine") {
		t.Errorf("without a display: %v\n%s", err, out)
	}
}
