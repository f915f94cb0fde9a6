package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gloss-ml/gloss/data/npy"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/exchange"
	"github.com/gloss-ml/gloss/internal/atomicfile"
	"github.com/gloss-ml/gloss/nn"
)

var exportCommand = command{
	name: "export", args: "-model MODEL FILE.onnx|FILE.go|FILE.npz", about: "writes a model for programs without gloss",
	help: `
Writes the model in the ONNX format, with the columns' scaling in it and probabilities at its end; as one file of Go source that needs
nothing but the standard library, columns and classes included; or its parameters as numpy's arrays, by name.

  mlp export -model iris.safetensors iris.onnx
  mlp export -model iris.safetensors iris/iris.go
  mlp export -model iris.safetensors iris.npz
`,
	flags: func(fs *flag.FlagSet) func(context.Context, []string, stdio) error {
		path := modelFlag(fs)
		name := fs.String("package", "", "`NAME` of the Go package; without it that of the file's folder")
		return func(_ context.Context, args []string, std stdio) error {
			out, err := one(args, "a file to write")
			if err != nil {
				return err
			}
			kind := filepath.Ext(out)
			if kind != ".onnx" && kind != ".go" && kind != ".npz" {
				return usagef("%s: a file that ends in .onnx, .go or .npz can be written", out)
			}
			u, err := load(*path, "cpu")
			if err != nil {
				return err
			}
			defer u.dev.Close()
			model, prep := u.model, u.prep
			if kind == ".npz" {
				return arrays(out, model)
			}
			if *name == "" {
				*name = packageOf(out)
			}
			return atomicfile.Write(out, func(f *os.File) error {
				if kind == ".onnx" {
					return exchange.ONNX(f, model, exchange.ONNXFile{Prep: prep, Probabilities: prep == nil || prep.Target.Task == tabular.Classify})
				}
				return exchange.Go(f, model, exchange.GoFile{Package: *name, Prep: prep})
			})
		}
	},
}

// packageOf is the name of a file's folder as a package's.
func packageOf(file string) string {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return "model"
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, strings.ToLower(filepath.Base(dir)))
	if name = strings.TrimLeft(name, "0123456789_"); name == "" {
		return "model"
	}
	return name
}

// arrays writes parameters and running statistics.
func arrays(path string, m *nn.Model) error {
	w, err := m.Weights()
	if err != nil {
		return err
	}
	stats, err := m.RunningStats()
	if err != nil {
		return err
	}
	return npy.WriteZipFile(path, func(z *npy.Zip) error {
		for _, p := range m.Params() {
			n := p.Rows * p.Cols
			if err := npy.Add(z, p.Name, w[:n], p.Rows, p.Cols); err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
			w = w[n:]
		}
		for _, s := range stats {
			if err := npy.Add(z, s.Name, s.Values, len(s.Values)); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
		}
		return nil
	})
}

var importCommand = command{
	name: "import", args: "FILE.onnx -o MODEL.safetensors", about: "makes a model of an ONNX file",
	help: `
Reads a chain of layers as exporters of PyTorch, Keras and scikit-learn write multilayer perceptrons, and writes it as a model.
The model predicts a column from columns of numbers. Where the file has no names for them they are x0, x1, …, for the target y, and
for classes 0, 1, …; -columns, -target and -classes give others. A softmax or sigmoid at the end becomes part of the loss, as here.

  mlp import net.onnx -o net.safetensors
  mlp import keras.onnx -o net.safetensors -columns length,width -target species -classes setosa,versicolor,virginica
`,
	flags: func(fs *flag.FlagSet) func(context.Context, []string, stdio) error {
		out := fs.String("o", "", "write the model to `FILE`")
		columns := fs.String("columns", "", "`NAMES` of the inputs, separated by commas")
		target := fs.String("target", "", "`NAME` of what is predicted")
		classes := fs.String("classes", "", "`NAMES` of the classes, separated by commas")
		return func(_ context.Context, args []string, std stdio) error {
			path, err := one(args, "an ONNX file")
			if err != nil {
				return err
			}
			if *out == "" {
				return usagef("-o is needed")
			}
			file, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			dev, err := open("cpu", nil, stdio{err: io.Discard})
			if err != nil {
				return err
			}
			defer dev.Close()
			names := exchange.TableNames{Columns: list(*columns), Target: *target, Classes: list(*classes)}
			var meta map[string]string
			predicts := "predicts: nothing that mlp predict could say; nn.Load takes it"
			m, prep, notes, err := exchange.ReadONNXTable(dev, file, names)
			if err == nil {
				meta = prep.Meta()
				predicts = fmt.Sprintf("predicts: %s from %s", prep.Target.Name, strings.Join(prep.Names(), ", "))
			} else if errors.Is(err, exchange.ErrNoTable) {
				std.say("note: %v", err)
				m, notes, err = exchange.ReadONNX(dev, file)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			for _, n := range notes {
				std.say("note: %s", n)
			}
			if err := m.Save(*out, meta); err != nil {
				return err
			}
			std.say("model: %s, %d inputs, %v", *out, m.Inputs(), m.Layers())
			std.say("%s", predicts)
			return nil
		}
	},
}

// list is a flag's names; none is nil.
func list(names string) []string {
	if names == "" {
		return nil
	}
	return strings.Split(names, ",")
}
