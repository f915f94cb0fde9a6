package nn

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// building are the results of the functions that users build networks and trainings from.
var building = []string{"Layer", "Loss", "Optimizer", "Schedule", "Initializer", "Average", "StateOption", "EmbeddingColumn", "Minimizer"}

// exempt are such functions that nothing can be compared with, and why.
var exempt = map[string]string{
	"Dropout":        "PyTorch draws other masks; the masks' distribution and the gradient under them are tested",
	"AlphaDropout":   "the same",
	"Zeros":          "no numbers but one",
	"Ones":           "no numbers but one",
	"Constant":       "no numbers but one",
	"ConstantFactor": "no numbers but one",
	"PerEpoch":       "counts epochs for another schedule",
}

// TestEveryNameIsProved walks the exported functions that make layers, losses, optimizers, schedules and initialisers:
// each has to be used in a test that compares with PyTorch's numbers or a paper's formula, and in an Example.
func TestEveryNameIsProved(t *testing.T) {
	golden, example := used(t, "*golden_test.go"), used(t, "*example_test.go")
	found := 0
	for _, name := range constructors(t) {
		found++
		if !golden[name] && exempt[name] == "" {
			t.Errorf("no golden test uses %s", name)
		}
		if !example[name] {
			t.Errorf("no Example uses %s", name)
		}
	}
	if found < 99 {
		t.Errorf("%d names: the walk misses some", found)
	}
}

func parse(t *testing.T, pattern string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %d files", pattern, err, len(names))
	}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// used are the identifiers in the files that match.
func used(t *testing.T, pattern string) map[string]bool {
	names := map[string]bool{}
	for _, f := range parse(t, pattern) {
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
			}
			return true
		})
	}
	return names
}

// constructors are the exported functions that return one of building, or a pointer to one of its types: *AdamOptimizer,
// *CrossEntropyLoss.
func constructors(t *testing.T) (names []string) {
	for _, f := range parse(t, "*.go") {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil || strings.HasPrefix(fn.Name.Name, "Test") || strings.HasPrefix(fn.Name.Name, "Example") {
				continue
			}
			result := fn.Type.Results.List[0].Type
			if p, ok := result.(*ast.StarExpr); ok {
				result = p.X
			}
			id, ok := result.(*ast.Ident)
			if !ok {
				continue
			}
			for _, b := range building {
				if id.IsExported() && strings.HasSuffix(id.Name, b) {
					names = append(names, fn.Name.Name)
					break
				}
			}
		}
	}
	return names
}
