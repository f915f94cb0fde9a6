// Package images reads folders of PNG, JPEG and GIF files, a class in each sub-folder: apart, so that data stays light.
//
//	flowers/rose/1.jpg
//	flowers/rose/2.png
//	flowers/tulip/a.jpg
package images

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/internal/parallel"
)

// Options say what images become. All have one size and one number of channels.
type Options struct {
	Height, Width int  // 0 for those of the first image
	Color         bool // red, green and blue, else shades of grey
	// Resize has images of another size brought to Height×Width, by the Catmull-Rom filter; without it they are errors.
	Resize bool
}

// Folder is what was read.
type Folder struct {
	data.Images
	Classes []string // the sub-folders' names, sorted: label i is Classes[i]
	Files   []string // of the images, in their order: by class, and by name
}

// MaxPixels is the most pixels that a file may say to have: a small file can hold very many. It is refused by its header.
const MaxPixels = 64 << 20

var endings = []string{".png", ".jpg", ".jpeg", ".gif"}

// Load reads a folder whose sub-folders are classes. Files of other endings, and those whose names begin with a dot, are passed over;
// an image that cannot be read is an error with its name. Memory is what the images take as bytes, and one image for each processor.
func Load(dir string, o Options) (*Folder, error) {
	f := &Folder{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("images: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		files, err := list(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("images: %w", err)
		}
		if len(files) == 0 {
			continue
		}
		for range files {
			f.Labels = append(f.Labels, uint32(len(f.Classes)))
		}
		f.Classes, f.Files = append(f.Classes, e.Name()), append(f.Files, files...)
	}
	if len(f.Files) == 0 {
		return nil, fmt.Errorf("images: %s: no sub-folder has images in it (%s)", dir, strings.Join(endings, ", "))
	}
	return f, f.read(o)
}

// Files reads images without classes, for predictions.
func Files(paths []string, o Options) (data.Images, error) {
	if len(paths) == 0 {
		return data.Images{}, errors.New("images: no file")
	}
	f := &Folder{Files: paths}
	f.Labels = make([]uint32, len(paths))
	err := f.read(o)
	return f.Images, err
}

// list are a class' images, in folders of its folder too.
func list(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		if slices.Contains(endings, strings.ToLower(filepath.Ext(path))) {
			files = append(files, path)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// read fills the pixels, with as many goroutines as there are processors.
func (f *Folder) read(o Options) error {
	if o.Height == 0 || o.Width == 0 {
		c, err := config(f.Files[0])
		if err != nil {
			return err
		}
		o.Height, o.Width = c.Height, c.Width
	}
	f.Height, f.Width, f.Channels = o.Height, o.Width, 1
	if o.Color {
		f.Channels = 3
	}
	f.Pixels = make([]byte, len(f.Files)*f.Cols())
	errs := make([]error, len(f.Files))
	parallel.Do(len(errs), func(i int) { errs[i] = f.one(f.Files[i], f.Pixels[i*f.Cols():][:f.Cols()], o) })
	return errors.Join(errs...)
}

// config is a file's header. Its size is within bounds.
func config(path string) (image.Config, error) {
	in, err := os.Open(path)
	if err != nil {
		return image.Config{}, fmt.Errorf("images: %w", err)
	}
	defer in.Close()
	c, err := header(in)
	if err != nil {
		return c, fmt.Errorf("images: %s: %w", path, err)
	}
	return c, nil
}

func header(in io.Reader) (image.Config, error) {
	c, _, err := image.DecodeConfig(bufio.NewReader(in))
	if err == nil && (c.Width < 1 || c.Height < 1 || c.Width > MaxPixels/c.Height) {
		err = fmt.Errorf("%d×%d pixels; %d are the most", c.Width, c.Height, MaxPixels)
	}
	return c, err
}

// one reads a file into its place.
func (f *Folder) one(path string, to []byte, o Options) error {
	c, err := config(path)
	if err != nil {
		return err
	}
	if !o.Resize && (c.Height != o.Height || c.Width != o.Width) {
		return fmt.Errorf("images: %s has %d×%d pixels, want %d×%d: Resize brings all to one size", path, c.Width, c.Height, o.Width, o.Height)
	}
	in, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("images: %w", err)
	}
	defer in.Close()
	img, _, err := image.Decode(bufio.NewReader(in))
	if err != nil {
		return fmt.Errorf("images: %s: %w", path, err)
	}
	pixels(to, img, o)
	return nil
}

// pixels draws an image in its size, on white where it is transparent.
func pixels(to []byte, img image.Image, o Options) {
	size := image.Rect(0, 0, o.Width, o.Height)
	flat := image.NewRGBA(size)
	draw.Draw(flat, size, image.White, image.Point{}, draw.Src)
	if b := img.Bounds(); b.Dx() == o.Width && b.Dy() == o.Height {
		draw.Draw(flat, size, img, b.Min, draw.Over)
	} else {
		draw.CatmullRom.Scale(flat, size, img, b, draw.Over, nil)
	}
	for i := range o.Width * o.Height {
		p := flat.Pix[4*i:]
		if o.Color {
			copy(to[3*i:], p[:3])
		} else {
			to[i] = color.GrayModel.Convert(color.RGBA{p[0], p[1], p[2], 255}).(color.Gray).Y
		}
	}
}
