package nn

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/internal/safetensors"
)

// TestLoadErrors: files that are no models, and architectures that make no sense.
func TestLoadErrors(t *testing.T) {
	dev := cpu.Open()
	path := filepath.Join(t.TempDir(), "m")
	m := modelOf(t, dev, 2, Linear(1))
	if err := m.Save(path, map[string]string{"gloss.x": ""}); err == nil || !strings.Contains(err.Error(), "gloss' own") {
		t.Errorf("%v", err)
	}
	if _, _, err := Load(dev, filepath.Join(path, "none")); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if _, _, err := Load(dev, t.TempDir()); err == nil {
		t.Error("a folder was loaded")
	}
	for text, want := range map[string]string{
		`{`:             "architecture: unexpected end",
		`{"inputs":2}`:  "a model of no layers",
		`{"inputs":-2}`: "a model of -2 inputs",
		`{"inputs":2,"layers":[{"kind":"Linear","args":[2]}]}`:                                                                 `tensor "0.weight" has the shape [2 1], the model's is [2 2]`,
		`{"inputs":2,"layers":[{"kind":"Linear","args":[1]},{"kind":"PReLU"}]}`:                                                `no tensor "1.weight", which the model has with shape [1 1]`,
		`{"inputs":2,"layers":[{"kind":"Linear","args":[1e300]}]}`:                                                             "is no number of elements",
		`{"inputs":2,"layers":[{"kind":"Linear","args":[1.5]}]}`:                                                               "1.5 is no number",
		`{"inputs":1000000,"layers":[{"kind":"Linear","args":[1000000]}]}`:                                                     "more than a device can index",
		`{"inputs":2,"layers":[{"kind":"Linear"}]}`:                                                                            "0 arguments and 0 layers",
		`{"inputs":2,"layers":[{"kind":"Exec","args":[1]}]}`:                                                                   `layer 0, "Exec": no layer of that kind`,
		`{"inputs":2,"layers":[{"kind":"Linear","args":[1],"options":{"momentum":"1"}}]}`:                                      `option "momentum" means nothing`,
		`{"inputs":2,"layers":[{"kind":"Linear","args":[1],"options":{"no_bias":"no"}}]}`:                                      `"no", where only true`,
		`{"inputs":2,"layers":[{"kind":"Linear","args":[1],"options":{"weight":"Zeros(1)"}}]}`:                                 `no initialiser "Zeros" of 1 arguments`,
		`{"inputs":2,"layers":[{"kind":"Dropout","args":[1]}]}`:                                                                "0 ≤ p < 1",
		`{"inputs":2,"layers":[{"kind":"Embeddings","layers":[{"kind":"Tokens","args":[9,1,16777216]}]}]}`:                     "more than 65536 columns of codes",
		`{"inputs":2,"layers":[{"kind":"Embeddings","layers":[{"kind":"Rows","args":[9,1,1]}]}]}`:                              `kind "Rows"`,
		`{"inputs":2,"layers":[` + strings.Repeat(`{"kind":"Residual","layers":[`, 20) + strings.Repeat(`]}`, 20) + `]}`:       "deeper than 16",
		`{"inputs":2,"layers":[` + strings.Repeat(`{"kind":"ReLU"},`, 2000) + `{"kind":"ReLU"}]}`:                              "more than 1024 layers",
		`{"inputs":2,"layers":[{"kind":"BatchNorm","options":{"epsilon":"NaN"}}]}`:                                             "epsilon NaN",
		`{"inputs":2,"layers":[{"kind":"Residual","layers":[{"kind":"Linear","args":[1]}]}]}`:                                  "one width",
		`{"inputs":2,"layers":[{"kind":"Embeddings","layers":[{"kind":"Tokens","args":[9,1,1],"options":{"init":"Wrong"}}]}]}`: `no initialiser "Wrong"`,
	} {
		writeModel(t, path, text, m)
		if _, _, err := Load(dev, path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%.100s: error %v, want one that says %q and names the file", text, err, want)
		}
	}
	deep := []Layer{ReLU()}
	for range 20 {
		deep = []Layer{Residual(deep...)}
	}
	if err := modelOf(t, dev, 2, deep...).Save(path, nil); err == nil || !strings.Contains(err.Error(), "deeper than 16") {
		t.Errorf("a model that could not be read was saved: %v", err)
	}
}

// writeModel is a file of that architecture, with the model's numbers.
func writeModel(t testing.TB, path, architecture string, m *Model) {
	t.Helper()
	err := safetensors.Save(path, m.tensors(m.parameters("", m.w), false), map[string]string{formatKey: fileFormat, modelKey: architecture})
	if err != nil {
		t.Fatal(err)
	}
}
