package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/images"
)

// look is what a model of images sees, and tells apart. It is kept in the model's file.
type look struct {
	Height, Width int
	Color         bool
	Classes       []string
}

// lookKey is where a model's file has it.
const lookKey = "mlp.images"

var tenDigits = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

func (l *look) meta() map[string]string {
	text, err := json.Marshal(l)
	if err != nil {
		panic("mlp: " + err.Error()) // numbers and texts
	}
	return map[string]string{lookKey: string(text)}
}

func lookOf(text string) (*look, error) {
	l := &look{}
	if err := json.Unmarshal([]byte(text), l); err != nil {
		return nil, fmt.Errorf("%s: %w", lookKey, err)
	}
	if l.Height < 1 || l.Width < 1 || l.Height > 1<<15 || l.Width > 1<<15 {
		return nil, fmt.Errorf("%s: images of %d×%d pixels", lookKey, l.Width, l.Height)
	}
	return l, nil
}

func (l *look) cols() int {
	if l.Color {
		return 3 * l.Height * l.Width
	}
	return l.Height * l.Width
}

func (l *look) options() images.Options {
	return images.Options{Height: l.Height, Width: l.Width, Color: l.Color, Resize: true}
}

// folderProblem reads a folder of images and says what it takes them for.
func folderProblem(o *options, std stdio) (*problem, error) {
	read := images.Options{Color: o.Color}
	if o.Size != "" {
		read.Resize = true
		if n, err := fmt.Sscanf(o.Size, "%dx%d", &read.Width, &read.Height); n != 2 || err != nil || read.Width < 1 || read.Height < 1 || read.Width > 4096 || read.Height > 4096 {
			return nil, usagef("-size %s: WIDTHxHEIGHT, as in 32x32", o.Size)
		}
	}
	if h := o.Table.Holdout; !(h > 0 && h < 1) {
		return nil, usagef("-holdout %v: a share of the images between 0 and 1", h)
	}
	f, err := images.Load(o.Images, read)
	if err != nil {
		return nil, err
	}
	if len(f.Classes) < 2 {
		return nil, fmt.Errorf("%s has images of %s alone: two classes are the least, each a sub-folder", o.Images, f.Classes[0])
	}
	learn, rest, err := data.SplitStratified(f.Labels, 1-o.Table.Holdout, o.Seed)
	if err != nil {
		return nil, err
	}
	std.say("task: images of %d×%d pixels in %d classes: %s", f.Width, f.Height, len(f.Classes), some(f.Classes))
	std.say("images: %d to learn from, %d held out to score by", len(learn), len(rest))
	return imageProblem(f.Subset(learn), f.Subset(rest), f.Classes), nil
}

// mnist is MNIST's test images, for a model that sees such.
func (u *used) mnist(dir string) (*data.Set, error) {
	m, err := data.LoadMNIST(dir)
	if err != nil {
		return nil, err
	}
	if m.Test.Cols() != u.model.Inputs() || u.model.Outputs() != 10 {
		return nil, fmt.Errorf("the model has %d inputs and %d outputs, MNIST's images have %d pixels and 10 classes", u.model.Inputs(), u.model.Outputs(), m.Test.Cols())
	}
	return data.FromImages(u.dev, m.Test)
}

var errNoImages = errors.New("the model is of a table, or was saved without its classes, and not of images")

// folder is a folder of images of the model's classes.
func (u *used) folder(dir string) (*data.Set, error) {
	if u.look == nil {
		return nil, errNoImages
	}
	f, err := images.Load(dir, u.look.options())
	if err != nil {
		return nil, err
	}
	for i, l := range f.Labels {
		at := slices.Index(u.look.Classes, f.Classes[l])
		if at < 0 {
			return nil, fmt.Errorf("%s: the model knows no class %q: it knows %s", dir, f.Classes[l], some(u.look.Classes))
		}
		f.Labels[i] = uint32(at)
	}
	return data.FromImages(u.dev, f.Images)
}

// pictures are the outputs for files of images.
func (u *used) pictures(paths []string) ([]float32, error) {
	if len(paths) == 0 {
		return nil, usagef("images are needed")
	}
	set, err := images.Files(paths, u.look.options())
	if err != nil {
		return nil, err
	}
	x := make([]float32, len(set.Pixels))
	for i, p := range set.Pixels {
		x[i] = float32(p) / 255
	}
	return u.model.Predict(x)
}
