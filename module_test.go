package gloss_test

import (
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// core is what a program that trains on the CPU imports. It stays light: no cgo, nothing to draw with.
var core = []string{"./backend/cpu", "./data", "./nn", "./train", "./train/logs"}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Fields(string(out))
}

func TestCoreIsLight(t *testing.T) {
	allowed := []string{"github.com/gloss-ml/gloss/", "gonum.org/v1/gonum/blas", "gonum.org/v1/gonum/internal/", "golang.org/x/sys/cpu"}
next:
	for _, pkg := range goList(t, append([]string{"-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}"}, core...)...) {
		for _, prefix := range allowed {
			if strings.HasPrefix(pkg, prefix) {
				continue next
			}
		}
		t.Errorf("the core imports %s", pkg)
	}
}

// TestImportsPointOneWay holds docs/design.md's arrow: cmd, examples → bench → train → nn, data → backend ← devices.
func TestImportsPointOneWay(t *testing.T) {
	const module = "github.com/gloss-ml/gloss/"
	devices := []string{"backend/ref", "backend/cpu", "backend/gl", "backend/auto"}
	forbidden := map[string][]string{
		"backend":       {"nn", "data", "train", "bench", "cmd", "shaders"},
		"data":          append([]string{"nn", "train", "bench", "cmd", "shaders"}, devices...),
		"nn":            append([]string{"data", "train", "bench", "cmd", "shaders"}, devices...),
		"train":         append([]string{"bench", "cmd", "shaders"}, devices...),
		"train/metrics": append([]string{"nn", "data", "train", "bench", "cmd", "shaders"}, devices...),
		"backend/ref":   {"backend/cpu", "backend/gl", "nn", "data", "train"},
		"backend/cpu":   {"backend/ref", "backend/gl", "nn", "data", "train"},
		"backend/gl":    {"backend/ref", "backend/cpu", "nn", "data", "train"},
		"shaders":       {"nn", "data", "train", "backend"},
	}
	for pkg, not := range forbidden {
		p, err := build.ImportDir(pkg, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range p.Imports {
			for _, bad := range not {
				if rest, ok := strings.CutPrefix(imported, module); ok && (rest == bad || strings.HasPrefix(rest, bad+"/") && !strings.HasPrefix(pkg, bad)) {
					t.Errorf("%s imports %s", pkg, rest)
				}
			}
		}
	}
}

var (
	link   = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	fenced = regexp.MustCompile("(?s)```.*?```")
)

// TestLinks: every relative link of the documents leads somewhere.
func TestLinks(t *testing.T) {
	found := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
			found++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", path, m[1], err)
			}
		}
		return nil
	})
	if err != nil || found == 0 {
		t.Errorf("%d links found, error %v", found, err)
	}
}

// TestFilesAreShort: a file of code has 400 lines at most; a new idea gets a new one.
func TestFilesAreShort(t *testing.T) {
	found := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != ".":
			return fs.SkipDir
		}
		switch filepath.Ext(path) {
		case ".go", ".c", ".h", ".comp", ".glsl", ".py":
		default:
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || generated.Match(text) {
			return err
		}
		found++
		if n := strings.Count(string(text), "\n"); n > 400 {
			t.Errorf("%s has %d lines", path, n)
		}
		return nil
	})
	if err != nil || found < 100 {
		t.Errorf("%d files found, error %v", found, err)
	}
}

// generated is how https://go.dev/s/generatedcode marks them.
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// TestExamples: every package that others import shows how it is begun with.
func TestExamples(t *testing.T) {
	for _, pkg := range goList(t, "-f", `{{if ne .Name "main"}}{{.ImportPath}}{{end}}`, "./...") {
		dir := "." + strings.TrimPrefix(pkg, "github.com/gloss-ml/gloss")
		if dir == "." || strings.Contains(dir, "/internal") || strings.HasPrefix(dir, "./examples") {
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(text), "\nfunc Example")
		}
		if !found {
			t.Errorf("%s has no Example", dir)
		}
	}
}
