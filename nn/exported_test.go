package nn

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// building are the results of the functions that users build networks and trainings from.
var building = []string{"Layer", "Loss", "Optimizer", "Schedule", "Initializer", "Average", "StateOption", "EmbeddingColumn", "Minimizer", "ParamOption"}

// exempt are such functions that nothing can be compared with, and why.
var exempt = map[string]string{
	"Dropout":        "PyTorch draws other masks; the masks' distribution and the gradient under them are tested",
	"AlphaDropout":   "the same",
	"Zeros":          "no numbers but one",
	"Ones":           "no numbers but one",
	"Constant":       "no numbers but one",
	"ConstantFactor": "no numbers but one",
	"PerEpoch":       "counts epochs for another schedule",
	"WeightInit":     "takes an initialiser, which has its own",
	"BiasInit":       "the same",
}

// lenient are such functions with parameters of which none can be wrong, or whose own are checked by what they take.
var lenient = map[string]string{
	"Sequence":   "empty is its one mistake",
	"WeightInit": "the initialiser is checked",
}

// TestEveryNameIsProved walks the exported functions that make layers, losses, optimizers, schedules and initialisers:
// each has to be used in a test that compares with PyTorch's numbers or a paper's formula, and in an Example.
func TestEveryNameIsProved(t *testing.T) {
	golden, example := used(t, "*golden_test.go"), used(t, "*example_test.go")
	found := 0
	for name := range constructors(t) {
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

// elsewhere are settings that a constructor makes from its arguments, so that its own golden holds them, and hooks, which
// change no numbers.
var elsewhere = map[string]string{
	"AdamOptimizer.Decoupled": "AdamW",
	"EmbeddingColumn.Count":   "Embedding",
	"Minimizer.Each":          "a hook",
	"EmbeddingColumn.Dim":     "Embedding",
	"EmbeddingColumn.Init":    "the initialisers",
	"WarmupSchedule.Then":     "Warmup",
}

// TestEverySettingIsProved walks the fields of optimizers, losses, schedules and embeddings: each is set in a golden test.
func TestEverySettingIsProved(t *testing.T) {
	golden := used(t, "*golden_test.go")
	found := 0
	for _, f := range parse(t, "*.go") {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() || !builds(spec.Name.Name) && spec.Name.Name != "OptimizerCommon" && spec.Name.Name != "Part" {
				return true
			}
			fields, ok := spec.Type.(*ast.StructType)
			if !ok {
				return true
			}
			for _, field := range fields.Fields.List {
				for _, name := range field.Names {
					if name.IsExported() {
						found++
						if setting := spec.Name.Name + "." + name.Name; !golden[name.Name] && elsewhere[setting] == "" {
							t.Errorf("no golden test sets %s", setting)
						}
					}
				}
			}
			return true
		})
	}
	if found < 40 {
		t.Errorf("%d settings: the walk misses some", found)
	}
}

// TestEveryMistakeIsTold walks the functions that take settings: each is in a test of settings that make no sense.
func TestEveryMistakeIsTold(t *testing.T) {
	told := map[string]bool{}
	for _, f := range parse(t, "*_test.go") {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && mistakes.MatchString(fn.Name.Name) {
				ast.Inspect(fn, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						told[id.Name] = true
					}
					return true
				})
			}
		}
	}
	for name, params := range constructors(t) {
		if params > 0 && !told[name] && lenient[name] == "" {
			t.Errorf("no test gives %s settings that make no sense", name)
		}
	}
}

var mistakes = regexp.MustCompile(`^Test.*(Misuse|Errors)$`)

// builds tells the names of building from others.
func builds(name string) bool {
	return slices.ContainsFunc(building, func(b string) bool { return strings.HasSuffix(name, b) })
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
// *CrossEntropyLoss; and how many parameters each has.
func constructors(t *testing.T) map[string]int {
	params := map[string]int{}
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
			if id, ok := result.(*ast.Ident); ok && id.IsExported() && builds(id.Name) {
				params[fn.Name.Name] = fn.Type.Params.NumFields()
			}
		}
	}
	return params
}
