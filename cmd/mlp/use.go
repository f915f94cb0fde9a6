package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/backend/gl"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/internal/atomicfile"
	"github.com/gloss-ml/gloss/nn"
)

// modelFlag is the flag that names the model.
func modelFlag(fs *flag.FlagSet) *string {
	return fs.String("model", "", "`FILE` that mlp train -o has written")
}

// load opens a device and puts a model on it. prep is nil where the model is of images.
func load(path, device string) (model *nn.Model, prep *tabular.Prep, dev backend.Backend, err error) {
	if path == "" {
		return nil, nil, nil, usagef("-model is needed")
	}
	if dev, err = open(device, nil, stdio{err: io.Discard}); err != nil {
		return nil, nil, nil, err
	}
	model, meta, err := nn.Load(dev, path)
	if err == nil && meta[tabular.MetaKey] != "" {
		prep, err = tabular.FromMeta(meta)
	}
	if err == nil && prep != nil && (prep.Cols() != model.Inputs() || prep.Target == nil) {
		err = fmt.Errorf("%s: %d inputs, and columns for %d", path, model.Inputs(), prep.Cols())
	}
	if err != nil {
		dev.Close()
		return nil, nil, nil, err
	}
	return model, prep, dev, nil
}

var evalCommand = command{
	name: "eval", args: "FILE.csv -model MODEL", about: "scores a model on rows whose target is known",
	help: "Prints how good the model is on the rows of a file, which it reads as it was trained: columns by name, in any order.\n\n  mlp eval test.csv -model iris.safetensors\n  mlp eval -mnist DIR -model mnist.safetensors",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, stdio) error {
		path, device := modelFlag(fs), deviceFlag(fs)
		mnist := fs.String("mnist", "", "score on MNIST's test images in `DIR`")
		comma := fs.String("comma", "", "`CHARACTER` between fields, or tab")
		return func(_ context.Context, args []string, std stdio) error {
			if (len(args) == 0) == (*mnist == "") {
				return usagef("a file or -mnist is needed, one of them")
			}
			model, prep, dev, err := load(*path, *device)
			if err != nil {
				return err
			}
			defer dev.Close()
			set, err := scored(dev, prep, args, *mnist, *comma, std)
			if err != nil {
				return err
			}
			line, err := verdict(model, set, prep)
			if err == nil {
				fmt.Fprintln(std.out, line)
			}
			return err
		}
	},
}

// scored is what a model is scored on.
func scored(dev backend.Backend, prep *tabular.Prep, args []string, mnist, comma string, std stdio) (*data.Set, error) {
	if mnist != "" {
		m, err := data.LoadMNIST(mnist)
		if err != nil {
			return nil, err
		}
		return data.FromImages(dev, m.Test)
	}
	path, err := one(args, "a file")
	if err != nil {
		return nil, err
	}
	if prep == nil {
		return nil, errors.New("the model is of images, not of a table: -mnist DIR scores it")
	}
	f, err := readFrame(path, tableOptions{Comma: comma}, std)
	if err != nil {
		return nil, err
	}
	if f.Column(prep.Target.Name) == nil {
		return nil, fmt.Errorf("%s has no column %s, the target: mlp predict wants none", path, prep.Target.Name)
	}
	t, err := prep.Table(f, nil)
	if err != nil {
		return nil, err
	}
	return data.FromTable(dev, t)
}

var predictCommand = command{
	name: "predict", args: "FILE.csv -model MODEL [-o FILE]", about: "predicts the target of rows",
	help: "Writes a CSV file with the target's name as its header and a line for each row. \"-\" is standard input.\n\n  mlp predict new.csv -model iris.safetensors -probabilities",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, stdio) error {
		path, device := modelFlag(fs), deviceFlag(fs)
		out := fs.String("o", "", "write to `FILE` instead of standard output")
		probabilities := fs.Bool("probabilities", false, "a column for each class with its probability, too")
		comma := fs.String("comma", "", "`CHARACTER` between fields, or tab")
		return func(_ context.Context, args []string, std stdio) error {
			file, err := one(args, "a file of rows")
			if err != nil {
				return err
			}
			model, prep, dev, err := load(*path, *device)
			if err != nil {
				return err
			}
			defer dev.Close()
			if prep == nil {
				return errors.New("the model is of images, not of a table")
			}
			if *probabilities && prep.Target.Task != tabular.Classify {
				return usagef("-probabilities: the model predicts numbers")
			}
			f, err := readFrame(file, tableOptions{Comma: *comma}, std)
			if err != nil {
				return err
			}
			y, err := outputs(model, prep, f)
			if err != nil {
				return err
			}
			if *out == "" {
				return write(std.out, prep, y, *probabilities)
			}
			return atomicfile.Write(*out, func(f *os.File) error { return write(f, prep, y, *probabilities) })
		}
	},
}

// outputs are the model's for a frame's rows, whatever its target.
func outputs(model *nn.Model, prep *tabular.Prep, f *tabular.Frame) ([]float32, error) {
	inputs := *prep
	inputs.Target, inputs.Weights = nil, ""
	t, err := inputs.Table(f, nil)
	if err != nil || f.Len() == 0 {
		return nil, err
	}
	return model.PredictCodes(t.X, t.Codes)
}

// write writes predictions.
func write(w io.Writer, prep *tabular.Prep, y []float32, probabilities bool) error {
	to := csv.NewWriter(w)
	t := prep.Target
	header := []string{t.Name}
	if probabilities {
		for _, c := range t.Classes {
			header = append(header, "p("+c+")")
		}
	}
	to.Write(header) // its errors are Flush's
	n := max(1, len(t.Classes))
	for i := 0; i < len(y); i += n {
		to.Write(row(t, y[i:i+n], probabilities))
	}
	to.Flush()
	return to.Error()
}

func row(t *tabular.Output, y []float32, probabilities bool) []string {
	if t.Task == tabular.Regress {
		return []string{strconv.FormatFloat(t.Value(y[0]), 'g', 7, 64)}
	}
	best := largest(y)
	fields := []string{t.Classes[best]}
	if !probabilities {
		return fields
	}
	sum := 0.0
	for _, v := range y {
		sum += math.Exp(float64(v - y[best]))
	}
	for _, v := range y {
		fields = append(fields, strconv.FormatFloat(math.Exp(float64(v-y[best]))/sum, 'f', 6, 64))
	}
	return fields
}

var infoCommand = command{
	name: "info", args: "MODEL", about: "says what a model is made of and what it wants",
	help: "Prints a model's layers, its inputs with what becomes of each column, and what it predicts.",
	flags: func(*flag.FlagSet) func(context.Context, []string, stdio) error {
		return func(_ context.Context, args []string, std stdio) error {
			path, err := one(args, "a model")
			if err != nil {
				return err
			}
			model, prep, dev, err := load(path, "cpu")
			if err != nil {
				return err
			}
			defer dev.Close()
			fmt.Fprint(std.out, model.Summary())
			if prep != nil {
				describe(std.out, prep)
			}
			return nil
		}
	},
}

// describe is what a model's columns are.
func describe(w io.Writer, prep *tabular.Prep) {
	fmt.Fprintln(w)
	for _, in := range prep.Inputs {
		switch {
		case in.Kind == tabular.Number:
			fmt.Fprintf(w, "input   %s: a number, (x − %.6g) / %.6g; %.6g where nothing is\n", in.Name, in.Center, in.Width, in.Fill)
		case in.Coding == tabular.Embed:
			fmt.Fprintf(w, "input   %s: one of %d texts, as a vector\n", in.Name, len(in.Levels))
		default:
			fmt.Fprintf(w, "input   %s: one of %s\n", in.Name, some(in.Levels))
		}
	}
	if t := prep.Target; t.Task == tabular.Classify {
		fmt.Fprintf(w, "output  %s: one of %s\n", t.Name, some(t.Classes))
	} else {
		fmt.Fprintf(w, "output  %s: a number\n", t.Name)
	}
}

var devicesCommand = command{
	name: "devices", about: "lists this machine's devices",
	help: "Prints a line for each device that -device can name, and which one is taken where none is named. mlpbench doctor says what a GPU lacks.",
	flags: func(*flag.FlagSet) func(context.Context, []string, stdio) error {
		return func(_ context.Context, args []string, std stdio) error {
			if len(args) > 0 {
				return usagef("unexpected argument %q", args[0])
			}
			for _, name := range []string{"cpu", "gonum", "ref"} {
				dev, choice, err := auto.Choose(name)
				if err != nil {
					fmt.Fprintf(std.out, "%-6s  %v\n", name, err)
					continue
				}
				fmt.Fprintf(std.out, "%-6s  %s\n", name, choice.Info.Name)
				dev.Close()
			}
			found, err := gl.Devices()
			if err != nil {
				fmt.Fprintf(std.out, "gl      %v\n", err)
			}
			for i, f := range found {
				line := f.Renderer + ", OpenGL " + f.Version
				if f.Err != nil {
					line = f.Err.Error()
				} else if f.Software {
					line += ", a software renderer"
				}
				fmt.Fprintf(std.out, "gl:%-3d  %s\n", i, line)
			}
			dev, choice, err := auto.Choose("")
			if err != nil {
				return err
			}
			fmt.Fprintf(std.out, "\nwithout -device: %s\n", choice)
			return dev.Close()
		}
	},
}
