package gloss_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/internal/need"
)

// listing is the program that opens the README.
func listing(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(text), "```go\n")
	code, _, found := strings.Cut(code, "```")
	if !found {
		t.Fatal("README.md has no listing")
	}
	return code
}

// TestReadme builds the listing as it stands and, where MNIST's files are, runs it: a dozen lines have to reach 97 %.
func TestReadme(t *testing.T) {
	code := listing(t)
	_, body, _ := strings.Cut(code, "func main() {\n")
	body, _, _ = strings.Cut(body, "\n}\n")
	if n := strings.Count(body, "\n") + 1; n > 12 {
		t.Errorf("%d lines between the braces of main, want 12 at most", n)
	}
	if testing.Short() {
		t.Skip("takes seconds, and under -race or -tags purego as well builds the program without them")
	}
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(source, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	mnist, err := filepath.Abs(need.MNIST(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(mnist, filepath.Join(dir, "mnist")); err != nil {
		t.Skip(err)
	}
	run := exec.Command(program)
	run.Dir, run.Env = dir, append(os.Environ(), "GLOSS_DEVICE=cpu")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m := regexp.MustCompile(`test accuracy ([\d.]+) %`).FindStringSubmatch(string(out))
	if m == nil {
		t.Fatalf("no accuracy in\n%s", out)
	}
	if accuracy, err := strconv.ParseFloat(m[1], 64); err != nil || accuracy < 97 {
		t.Errorf("accuracy %v, error %v, want 97 at least:\n%s", accuracy, err, out)
	}
}
