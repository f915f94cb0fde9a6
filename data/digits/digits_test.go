package digits

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gloss-ml/gloss/data"
)

// TestGolden holds the bytes of two seeds, on every platform.
func TestGolden(t *testing.T) {
	hash := sha256.New()
	for _, seed := range []uint64{1, 1 << 63} {
		set := Generate(500, seed)
		hash.Write(set.Pixels)
		for _, l := range set.Labels {
			hash.Write([]byte{byte(l)})
		}
	}
	const want = "95c92ed5a8c60f4f90a40ba6"
	if got := hex.EncodeToString(hash.Sum(nil)[:12]); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}

func TestImageDependsOnSeedAndNumberAlone(t *testing.T) {
	all := Generate(1000, 7)
	same := func(what string, got data.Images, from, to int) {
		t.Helper()
		if !bytes.Equal(got.Pixels, all.Pixels[from*Size*Size:to*Size*Size]) || !slices.Equal(got.Labels, all.Labels[from:to]) {
			t.Errorf("%s: images %d to %d are others", what, from, to)
		}
	}
	same("fewer", Generate(13, 7), 0, 13)
	part, err := Default().Generate(333, 600, 7)
	if err != nil {
		t.Fatal(err)
	}
	same("from the middle on", part, 333, 933)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	same("one processor", Generate(1000, 7), 0, 1000)
	runtime.GOMAXPROCS(7)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { same("seven processors", Generate(1000, 7), 0, 1000) })
	}
	wg.Wait()

	other := Generate(1000, 8)
	for i := range 1000 {
		if bytes.Equal(other.Row(i), all.Row(i)) || i > 0 && bytes.Equal(all.Row(i), all.Row(i-1)) {
			t.Fatalf("image %d occurs twice", i)
		}
	}
}

func TestLabels(t *testing.T) {
	set := Generate(5000, 3)
	first := [Classes]int{}
	for i := 0; i < set.Len(); i += Classes {
		ten := slices.Clone(set.Labels[i : i+Classes])
		first[ten[0]]++
		slices.Sort(ten)
		if !slices.Equal(ten, []uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Fatalf("labels from %d on: %v", i, set.Labels[i:i+Classes])
		}
	}
	for digit, n := range first { // 50 expected, standard deviation 6.7
		if n < 15 || n > 85 {
			t.Errorf("digit %d comes first in %d of 500 tens", digit, n)
		}
	}
	if a, b := label(1, 10<<32), label(1, 20<<32); a > 9 || b > 9 {
		t.Errorf("labels %d and %d far on", a, b)
	}
}

// TestPrint: the zero style is print, upright and centred, without noise.
func TestPrint(t *testing.T) {
	set, err := Style{}.Generate(0, 600, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range set.Len() {
		im := set.Row(i)
		seen[string(im)] = true
		lo, hi, white := Size, -1, 0
		for at, v := range im {
			if v > 0 {
				lo, hi = min(lo, at/Size), max(hi, at/Size)
			}
			if v == 255 {
				white++
			}
		}
		if lo != 4 || hi != 23 || white < 10 {
			t.Fatalf("image %d, a %d: rows %d to %d, %d white pixels; want rows 4 to 23", i, set.Labels[i], lo, hi, white)
		}
	}
	if len(seen) < 80 || len(seen) > len(faces)*Classes {
		t.Errorf("%d different images of %d fonts and %d digits", len(seen), len(faces), Classes)
	}
}

// TestArea compares what is filled with the outlines' areas, where nothing is cut off.
func TestArea(t *testing.T) {
	s := Default()
	s.Noise, s.Fade, s.Stroke = 0, 0, 0
	p := newPainter(s)
	pixels := make([]byte, Size*Size)
	for i := range uint64(2000) {
		p.paint(pixels, 5, i)
		want, got := 0.0, 0.0
		for _, l := range p.loops {
			for j, a := range l {
				b := l[(j+1)%len(l)]
				want += (a.x*b.y - b.x*a.y) / 2
			}
		}
		for row := range p.cover {
			sum := 0.0
			for _, v := range p.cover[row][:Size] {
				sum += v
				got += sum
			}
			if end := sum + p.cover[row][Size] + p.cover[row][Size+1]; !(math.Abs(end) < 1e-9) {
				t.Fatalf("image %d, row %d: the shares end with %v, want 0", i, row, end)
			}
		}
		if !(math.Abs(math.Abs(got)-math.Abs(want)) < 1e-9) || math.Abs(want) < 20 {
			t.Fatalf("image %d: area %v filled, %v in the outline", i, got, want)
		}
	}
}

// TestStyles draws extremes, which must not leave the image's memory.
func TestStyles(t *testing.T) {
	for name, s := range map[string]Style{
		"all":    {Shift: Size, Turn: 90, Slant: 10, Scale: 0.999, Bend: 10, Stroke: Size, Fade: 1, Noise: 255},
		"turn":   {Turn: 90},
		"shift":  {Shift: Size},
		"stroke": {Stroke: Size},
		"noise":  {Noise: 255},
	} {
		set, err := s.Generate(0, 500, 11)
		if err != nil || set.Len() != 500 || len(set.Pixels) != 500*Size*Size {
			t.Errorf("%s: %d images, error %v", name, set.Len(), err)
		}
		if name != "shift" {
			continue
		}
		for i := range 500 { // however far it is shifted, nothing is cut off: the ink is the same
			plain, _ := Style{}.Generate(i, 1, 11)
			if a, b := ink(set.Row(i)), ink(plain.Pixels); math.Abs(a-b) > 200 {
				t.Errorf("image %d has ink %v, unshifted %v", i, a, b)
			}
		}
	}
}

func ink(pixels []byte) (sum float64) {
	for _, v := range pixels {
		sum += float64(v)
	}
	return sum
}

func TestErrors(t *testing.T) {
	for want, f := range map[string]func(*Style){
		"Shift of -1: want 0 to 28":    func(s *Style) { s.Shift = -1 },
		"Turn of 91: want 0 to 90":     func(s *Style) { s.Turn = 91 },
		"Slant of NaN":                 func(s *Style) { s.Slant = math.NaN() },
		"Scale of 1: want less than 1": func(s *Style) { s.Scale = 1 },
		"Bend of +Inf":                 func(s *Style) { s.Bend = math.Inf(1) },
		"Stroke of -0.5":               func(s *Style) { s.Stroke = -0.5 },
		"Fade of 1.5: want 0 to 1":     func(s *Style) { s.Fade = 1.5 },
		"Noise of 256: want 0 to 255":  func(s *Style) { s.Noise = 256 },
	} {
		s := Default()
		f(&s)
		if _, err := s.Generate(0, 1, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
	for _, at := range [][2]int{{-1, 1}, {0, -1}} {
		if _, err := Default().Generate(at[0], at[1], 1); err == nil || !strings.Contains(err.Error(), "neither below 0") {
			t.Errorf("images %v: error %v", at, err)
		}
	}
	if set := Generate(0, 1); set.Len() != 0 || set.Cols() != Size*Size {
		t.Errorf("no images: %+v", set)
	}
	defer func() {
		if recover() == nil {
			t.Error("Generate(-1) did not panic")
		}
	}()
	Generate(-1, 1)
}

// BenchmarkGenerate counts images on one processor.
func BenchmarkGenerate(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b.SetBytes(Size * Size)
	for done := 0; done < b.N; done += 1000 {
		Generate(min(1000, b.N-done), 1)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
