package images_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/images"
	"github.com/gloss-ml/gloss/internal/need"
)

// put writes an image of one color.
func put(t testing.TB, path string, w, h int, c color.Color) {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	var err error
	if strings.HasSuffix(path, ".jpg") {
		err = jpeg.Encode(&b, img, nil)
	} else {
		err = png.Encode(&b, img)
	}
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o777)
	}
	if err == nil {
		err = os.WriteFile(path, b.Bytes(), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	red, clear := color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 0, 0}
	put(t, dir+"/b/1.png", 3, 2, red)
	put(t, dir+"/a/deep/2.PNG", 3, 2, clear)
	put(t, dir+"/a/0.jpg", 3, 2, color.Gray{100})
	put(t, dir+"/a/.hidden.png", 9, 9, red)
	for _, name := range []string{"/a/readme.txt", "/top.png"} {
		if err := os.WriteFile(dir+name, []byte("no image"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(dir+"/empty", 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := images.Load(dir, images.Options{Color: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Classes, []string{"a", "b"}) || !slices.Equal(f.Labels, []uint32{0, 0, 1}) || f.Height != 2 || f.Width != 3 || f.Cols() != 18 {
		t.Errorf("%v %v %d×%d, %d bytes", f.Classes, f.Labels, f.Height, f.Width, f.Cols())
	}
	if p := f.Row(0); p[0] < 98 || p[0] > 102 || p[0] != p[17] {
		t.Errorf("the grey JPEG is %v", p)
	}
	if p := f.Row(1); p[0] != 255 || p[17] != 255 {
		t.Errorf("what is transparent is %v, want white", p)
	}
	if p := f.Row(2); p[0] != 255 || p[1] != 0 || p[2] != 0 || p[15] != 255 {
		t.Errorf("red is %v", p)
	}
	grey, err := images.Load(dir, images.Options{Height: 4, Width: 4, Resize: true})
	if err != nil || grey.Cols() != 16 || grey.Row(2)[5] != 76 { // 0.299·255
		t.Errorf("%v, %v", grey, err)
	}
	some, err := images.Files([]string{dir + "/b/1.png"}, images.Options{})
	if err != nil || some.Len() != 1 || some.Row(0)[0] != 76 {
		t.Errorf("%v, %v", some, err)
	}
	again := f.Subset([]int{2})
	if again.Channels != 3 || !slices.Equal(again.Row(0), f.Row(2)) {
		t.Errorf("a subset of colors: %+v", again)
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	put(t, dir+"/a/1.png", 3, 2, color.White)
	put(t, dir+"/a/2.png", 4, 2, color.White)
	if _, err := images.Load(dir, images.Options{}); err == nil || !strings.Contains(err.Error(), "2.png has 4×2 pixels, want 3×2: Resize") {
		t.Error(err)
	}
	whole, err := os.ReadFile(dir + "/a/1.png")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/a/2.png", whole[:len(whole)-20], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := images.Load(dir, images.Options{}); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "a", "2.png")+": ") {
		t.Error(err)
	}
	for want, dir := range map[string]string{"no such file": dir + "/none", "no sub-folder has images in it": t.TempDir()} {
		if _, err := images.Load(dir, images.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// bomb is a PNG that says to have so many pixels.
func bomb(w, h uint32) []byte {
	var b bytes.Buffer
	png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1)))
	text := b.Bytes()
	for i := range 4 {
		text[16+i], text[20+i] = byte(w>>(24-8*i)), byte(h>>(24-8*i))
	}
	// The header's checksum is of what it says now.
	crc := crcOf(text[12:29])
	for i := range 4 {
		text[29+i] = byte(crc >> (24 - 8*i))
	}
	return text
}

func crcOf(p []byte) uint32 {
	c := ^uint32(0)
	for _, b := range p {
		c ^= uint32(b)
		for range 8 {
			c = c>>1 ^ 0xedb88320&-(c&1)
		}
	}
	return ^c
}

// TestBomb: a small file that says to be large takes no memory.
func TestBomb(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(dir+"/a", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/a/1.png", bomb(100_000, 100_000), 0o666); err != nil {
		t.Fatal(err)
	}
	var err error
	n := need.Taken(func() { _, err = images.Load(dir, images.Options{Height: 8, Width: 8, Resize: true}) })
	if err == nil || !strings.Contains(err.Error(), "100000×100000 pixels; 67108864 are the most") {
		t.Error(err)
	}
	if n > 1<<20 {
		t.Errorf("%d bytes were taken", n)
	}
}

// FuzzFiles: no bytes bring the reader down or make it take more than MaxPixels allow, and those of an image that is read fill its pixels.
func FuzzFiles(f *testing.F) {
	dir := f.TempDir()
	for i, name := range []string{"/a.png", "/b.jpg"} {
		put(f, dir+name, 5, 4+i, color.NRGBA{1, 2, 3, 128})
		text, err := os.ReadFile(dir + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add(bomb(2000, 2000))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "x.png")
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		var set data.Images
		var err error
		n := need.Taken(func() {
			set, err = images.Files([]string{path}, images.Options{Height: 3, Width: 3, Resize: true, Color: true})
		})
		// Eight bytes a pixel of 16 bits, and as many for the passes of an interlaced image.
		if most := uint64(16*images.MaxPixels + 1<<24); n > most {
			t.Fatalf("%d bytes were taken, at most %d may be", n, most)
		}
		if err == nil && (set.Len() != 1 || len(set.Pixels) != 27) {
			t.Fatalf("%d images, %d bytes", set.Len(), len(set.Pixels))
		}
	})
}

// A folder of images becomes a set for training.
func ExampleLoad() {
	_, err := images.Load("no such folder", images.Options{Height: 28, Width: 28, Resize: true})
	fmt.Println(err)
	// Output: images: open no such folder: no such file or directory
}
