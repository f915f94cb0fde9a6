// Package examples_test runs the programs of this folder as somebody would who tries them.
package examples_test

import (
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/gloss-ml/gloss/internal/need"
)

func TestExamples(t *testing.T) {
	dir := t.TempDir()
	picture := filepath.Join(dir, "spirals.png")
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"twolayer", nil, `(?s)2-4-1, tanh.*step  999  loss 0\.14.*2-8-1, ReLU.*step  999  loss 0\.040`},
		{"xor", nil, `0 xor 0 = 0\n0 xor 1 = 1\n1 xor 0 = 1\n1 xor 1 = 0\nloss 0\.00`},
		{"spirals", []string{"-o", picture}, `accuracy (9[5-9]|100)\.\d %`},
		{"sine", nil, `furthest from the sine by 0\.[01]`},
		{"table", nil, `epoch 50/50.*\nHuber's loss on flats that were not seen: 0\.00[5-7]\d, of which the noise is 0\.0050`},
		{"picture", []string{"-size", "32", "-steps", "300", "-o", filepath.Join(dir, "learned.png")}, `hills at sunset after 300 steps: (2[5-9]|[34]\d)\.\d dB`},
		{"digits", nil, `(?s)epoch 5/5.*this is a \d; the network says \d.*test accuracy (9[6-9]|100)\.\d %`},
		{"mnist", nil, `test accuracy 97\.\d %`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && (c.name == "mnist" || c.name == "digits" || c.name == "table") {
				t.Skip("takes seconds")
			}
			if c.name == "mnist" {
				c.args = []string{need.MNIST(t)}
			}
			program := filepath.Join(dir, c.name)
			if out, err := exec.Command("go", "build", "-o", program, "./"+c.name).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			run := exec.Command(program, c.args...)
			run.Env = append(os.Environ(), "GLOSS_DEVICE=cpu")
			out, err := run.CombinedOutput()
			if err != nil || !regexp.MustCompile(c.want).Match(out) {
				t.Errorf("error %v, output\n%s\nwant %q", err, out, c.want)
			}
		})
	}
	f, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if img, err := png.Decode(f); err != nil || img.Bounds().Dx() != 480 {
		t.Errorf("the picture: %v", err)
	}
}
