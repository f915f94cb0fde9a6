package nn

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
)

// FuzzLoad makes models of files with any architecture: an error or a model, never a panic, and no memory beyond four times
// the file's size and a constant, for what an architecture can ask for is bounded.
func FuzzLoad(f *testing.F) {
	dev := ref.Open()
	m, err := New(dev, 2, Linear(3), BatchNorm(), Residual(Linear(3)))
	if err != nil {
		f.Fatal(err)
	}
	text, err := m.Architecture()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, []byte("x"))
	f.Add(`{"inputs":2,"layers":[{"kind":"Embeddings","layers":[{"kind":"Tokens","args":[9,1,5]}]}]}`, []byte{})
	path := filepath.Join(f.TempDir(), "m")
	f.Fuzz(func(t *testing.T, text string, file []byte) {
		writeModel(t, path, text, m)
		size := len(text)
		for range 2 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			back, _, err := Load(dev, path)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > uint64(4*size+4<<20) {
				t.Errorf("%d bytes taken for a file of %d", took, size)
			}
			if err == nil {
				back.Release()
			}
			if err := os.WriteFile(path, file, 0o666); err != nil {
				t.Fatal(err)
			}
			size = len(file)
		}
	})
}
