package nn_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// TestLoadBytes: a file's bytes are the file; damaged ones are none.
func TestLoadBytes(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	m, err := nn.New(dev, 3, nn.Linear(4), nn.BatchNorm(), nn.Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	m.Init(5)
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path, map[string]string{"a": "b"}); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, meta, err := nn.LoadBytes(dev, file)
	if err != nil || meta["a"] != "b" {
		t.Fatalf("%v, %v", meta, err)
	}
	x := []float32{1, -2, 3}
	want, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if y, err := got.Predict(x); err != nil || !slices.Equal(y, want) {
		t.Errorf("%v, want %v: %v", y, want, err)
	}
	for _, at := range []int{0, 9, len(file) / 2, len(file) - 1} {
		bad := slices.Clone(file)
		bad[at] ^= 4
		if _, _, err := nn.LoadBytes(dev, bad); err == nil {
			t.Errorf("byte %d of %d was changed, and nobody minds", at, len(file))
		}
	}
	if _, _, err := nn.LoadBytes(dev, file[:len(file)-3]); err == nil {
		t.Error("a file that is cut off is whole")
	}
}
