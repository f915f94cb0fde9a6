package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Images is a labelled set of images of one size, one byte a pixel and channel: a matrix
// of Len rows of Cols bytes, row i being the image whose class is Labels[i].
type Images struct {
	Pixels        []byte // Len·Cols bytes, image by image, each row by row, a pixel's channels beside each other
	Labels        []uint32
	Height, Width int
	Channels      int // 0 and 1 for shades of grey, 3 for red, green and blue
}

// Len is the number of images.
func (s Images) Len() int { return len(s.Labels) }

// Cols is the number of bytes of one image, Height·Width·Channels.
func (s Images) Cols() int { return s.Height * s.Width * max(1, s.Channels) }

// Row returns the pixels of image i: a part of Pixels, not a copy.
func (s Images) Row(i int) []byte {
	d := s.Cols()
	return s.Pixels[i*d : (i+1)*d : (i+1)*d]
}

// MNIST is the data set of that name, or another one in the same four files
// (Fashion-MNIST, KMNIST): ten classes, images of one size in both parts.
type MNIST struct {
	Train, Test Images
}

const mnistClasses = 10

// mnistFiles are the published names, with or without ".gz".
var mnistFiles = [4]string{
	"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
	"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
}

// LoadMNIST reads MNIST's four files from the folder dir. Each may be plain or
// gzip-compressed; where both are there, the plain one is read. When a file is
// missing, the error lists every one that is and wraps [fs.ErrNotExist].
func LoadMNIST(dir string) (MNIST, error) {
	paths, err := findMNIST(dir)
	if err != nil {
		return MNIST{}, err
	}
	train, err := LoadImages(paths[0], paths[1], mnistClasses)
	if err != nil {
		return MNIST{}, err
	}
	test, err := LoadImages(paths[2], paths[3], mnistClasses)
	if err != nil {
		return MNIST{}, err
	}
	if train.Height != test.Height || train.Width != test.Width {
		return MNIST{}, fmt.Errorf("data: %s holds images of %d×%d, %s of %d×%d: want one size for training and test",
			paths[0], train.Height, train.Width, paths[2], test.Height, test.Width)
	}
	return MNIST{Train: train, Test: test}, nil
}

func findMNIST(dir string) (paths [4]string, err error) {
	switch info, err := os.Stat(dir); {
	case err != nil:
		return paths, fmt.Errorf("data: the folder of MNIST's four files: %w", err)
	case !info.IsDir():
		return paths, fmt.Errorf("data: %s is a file: want the folder of MNIST's four files", dir)
	}
	var missing []string
	for i, name := range mnistFiles {
		paths[i], err = firstFile(filepath.Join(dir, name), filepath.Join(dir, name+".gz"))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, fmt.Sprintf("%s (tried %[1]s and %[1]s.gz)", name))
		case err != nil:
			return paths, fmt.Errorf("data: %w", err)
		}
	}
	if len(missing) > 0 {
		return paths, fmt.Errorf("data: MNIST in %s: %d of 4 files missing: %s: %w",
			dir, len(missing), strings.Join(missing, ", "), fs.ErrNotExist)
	}
	return paths, nil
}

func firstFile(names ...string) (string, error) {
	for _, name := range names {
		if _, err := os.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return name, err
		}
	}
	return "", fs.ErrNotExist
}

// LoadImages reads a set of images, an IDX file of three dimensions, and their
// labels, one of a single dimension, and checks that there are as many of each
// and that the labels lie below classes.
func LoadImages(imagePath, labelPath string, classes int) (Images, error) {
	images, err := openDims(imagePath, 3, "images")
	if err != nil {
		return Images{}, err
	}
	labels, err := openDims(labelPath, 1, "labels")
	if err != nil {
		return Images{}, err
	}
	n := labels.Dims[0]
	if images.Dims[0] != n {
		return Images{}, fmt.Errorf("data: %s: offset %d: %d images, but %s: offset %d: %d labels: want as many of each",
			imagePath, idxHeadSize, images.Dims[0], labelPath, idxHeadSize, n)
	}
	set := Images{Pixels: images.Data, Labels: make([]uint32, n), Height: images.Dims[1], Width: images.Dims[2]}
	for i, label := range labels.Data {
		set.Labels[i] = uint32(label)
	}
	if i := badLabel(set.Labels, classes); i >= 0 {
		return Images{}, fmt.Errorf("data: %s: offset %d: %w", labelPath, idxHeader(1)+int64(i), labelError(set.Labels, i, classes))
	}
	return set, nil
}

func openDims(path string, dims int, what string) (IDX, error) {
	x, err := OpenIDX(path)
	if err == nil && len(x.Dims) != dims {
		err = fmt.Errorf("data: %s: offset 3: %s have %d dimensions in IDX, this file has %d (%s): are the files mixed up?",
			path, what, dims, len(x.Dims), shape(x.Dims))
	}
	return x, err
}

// CheckLabels reports the first label that is not below classes, the number of
// a model's outputs.
func CheckLabels(labels []uint32, classes int) error {
	if i := badLabel(labels, classes); i >= 0 {
		return fmt.Errorf("data: %w", labelError(labels, i, classes))
	}
	return nil
}

func badLabel(labels []uint32, classes int) int {
	for i, label := range labels {
		if int64(label) >= int64(classes) {
			return i
		}
	}
	return -1
}

func labelError(labels []uint32, i, classes int) error {
	return fmt.Errorf("label %d of row %d, counted from 0; want 0 to %d for %d classes", labels[i], i, classes-1, classes)
}
