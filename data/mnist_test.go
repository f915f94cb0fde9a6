package data

import (
	"errors"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/internal/need"
)

// tinyMNIST is four files of two training images and one test image of 1×2.
func tinyMNIST() map[string][]byte {
	return map[string][]byte{
		mnistFiles[0]: idxFile([]uint32{2, 1, 2}, 10, 20, 30, 40),
		mnistFiles[1]: idxFile([]uint32{2}, 9, 0),
		mnistFiles[2]: idxFile([]uint32{1, 1, 2}, 50, 60),
		mnistFiles[3]: idxFile([]uint32{1}, 3),
	}
}

func writeFiles(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadMNIST(t *testing.T) {
	mixed := tinyMNIST()
	mixed[mnistFiles[0]+".gz"] = zipped(t, mixed[mnistFiles[0]])
	delete(mixed, mnistFiles[0])
	both := tinyMNIST()
	both[mnistFiles[1]+".gz"] = []byte("never read, for the plain file is there")
	for name, files := range map[string]map[string][]byte{"plain": tinyMNIST(), "mixed": mixed, "both": both} {
		t.Run(name, func(t *testing.T) {
			m, err := LoadMNIST(writeFiles(t, files))
			if err != nil {
				t.Fatal(err)
			}
			if m.Train.Len() != 2 || m.Test.Len() != 1 || m.Train.Height != 1 || m.Train.Width != 2 || m.Test.Cols() != 2 {
				t.Errorf("%d images of %d×%d and %d of %d pixels, want 2 of 1×2 and 1 of 2",
					m.Train.Len(), m.Train.Height, m.Train.Width, m.Test.Len(), m.Test.Cols())
			}
			if !slices.Equal(m.Train.Labels, []uint32{9, 0}) || !slices.Equal(m.Train.Row(1), []byte{30, 40}) {
				t.Errorf("labels %v, second image %v; want 9 0 and 30 40", m.Train.Labels, m.Train.Row(1))
			}
		})
	}
}

func TestLoadMNISTErrors(t *testing.T) {
	with := func(name string, b []byte) map[string][]byte {
		files := tinyMNIST()
		files[name] = b
		return files
	}
	half := tinyMNIST()
	delete(half, mnistFiles[1])
	delete(half, mnistFiles[2])
	cases := []struct {
		name  string
		files map[string][]byte
		wants []string
	}{
		{"half of the files", half, []string{"2 of 4 files missing", mnistFiles[1], mnistFiles[2] + ".gz"}},
		{"label 10", with(mnistFiles[1], idxFile([]uint32{2}, 9, 10)), []string{mnistFiles[1] + ": offset 9:", "label 10 of row 1", "0 to 9"}},
		{"fewer labels", with(mnistFiles[1], idxFile([]uint32{1}, 9)), []string{mnistFiles[0], "2 images", mnistFiles[1], "1 labels"}},
		{"images cut off", with(mnistFiles[2], idxFile([]uint32{1, 1, 2}, 50)), []string{mnistFiles[2] + ": offset 17:", "promises 2 bytes, found 1"}},
		{"labels for images", with(mnistFiles[0], idxFile([]uint32{2}, 9, 0)), []string{mnistFiles[0] + ": offset 3:", "3 dimensions", "mixed up?"}},
		{"images for labels", with(mnistFiles[3], idxFile([]uint32{1, 1, 2}, 9, 0)), []string{mnistFiles[3] + ": offset 3:", "1 dimensions", "1×1×2"}},
		{"another size", with(mnistFiles[2], idxFile([]uint32{1, 2, 1}, 50, 60)), []string{mnistFiles[0], "1×2", mnistFiles[2], "2×1"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadMNIST(writeFiles(t, c.files))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if missing := len(c.files) < 4; errors.Is(err, fs.ErrNotExist) != missing {
				t.Errorf("error %q wraps fs.ErrNotExist: %v, want %v", err, !missing, missing)
			}
		})
	}
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	if _, err := LoadMNIST(nowhere); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), nowhere) {
		t.Errorf("missing folder: error %v, want fs.ErrNotExist with the folder", err)
	}
}

func TestCheckLabels(t *testing.T) {
	for _, c := range []struct {
		labels  []uint32
		classes int
		want    string
	}{
		{nil, 10, ""},
		{[]uint32{0, 9, 5}, 10, ""},
		{[]uint32{0, 9, 10, 11}, 10, "label 10 of row 2, counted from 0; want 0 to 9 for 10 classes"},
		{[]uint32{math.MaxUint32}, math.MaxInt32, "label 4294967295 of row 0"},
		{[]uint32{0}, 0, "label 0 of row 0"},
	} {
		err := CheckLabels(c.labels, c.classes)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v for %d classes: error %v, want %q", c.labels, c.classes, err, c.want)
		}
	}
}

// TestRealMNIST reads the published files, which the project does not hold,
// and checks them against the mean and the standard deviation that are printed
// in every tutorial.
func TestRealMNIST(t *testing.T) {
	m, err := LoadMNIST(need.MNIST(t))
	if err != nil {
		t.Fatal(err)
	}
	if m.Train.Len() != 60000 || m.Test.Len() != 10000 || m.Train.Cols() != 784 {
		t.Fatalf("%d and %d images of %d pixels, want 60000 and 10000 of 784", m.Train.Len(), m.Test.Len(), m.Train.Cols())
	}
	if got := m.Train.Labels[:5]; !slices.Equal(got, []uint32{5, 0, 4, 1, 9}) {
		t.Errorf("first training labels %v, want 5 0 4 1 9", got)
	}
	if got := m.Test.Labels[:4]; !slices.Equal(got, []uint32{7, 2, 1, 0}) {
		t.Errorf("first test labels %v, want 7 2 1 0", got)
	}
	classes := map[uint32]int{}
	for _, label := range m.Train.Labels {
		classes[label]++
	}
	if got := slices.Sorted(maps.Keys(classes)); len(got) != 10 {
		t.Errorf("training labels %v, want all ten", got)
	}
	var sum, squares float64
	for _, p := range m.Train.Pixels {
		x := float64(p) / 255
		sum += x
		squares += x * x
	}
	n := float64(len(m.Train.Pixels))
	mean := sum / n
	dev := math.Sqrt(squares/n - mean*mean)
	if !(math.Abs(mean-0.1307) < 5e-5) || !(math.Abs(dev-0.3081) < 5e-5) {
		t.Errorf("mean %.5f and standard deviation %.5f, want 0.1307 and 0.3081", mean, dev)
	}
}
