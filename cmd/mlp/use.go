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

// used is a model on a device, with what it is of: a table or images.
type used struct {
	model *nn.Model
	prep  *tabular.Prep // nil for images
	look  *look         // nil for tables
	dev   backend.Backend
}

// load opens a device and puts a model on it.
func load(path, device string) (u used, err error) {
	if path == "" {
		return u, usagef("-model is needed")
	}
	if u.dev, err = open(device, nil, stdio{err: io.Discard}); err != nil {
		return u, err
	}
	var meta map[string]string
	if u.model, meta, err = nn.Load(u.dev, path); err == nil {
		err = u.understand(meta)
	}
	if err != nil {
		u.dev.Close()
		return used{}, fmt.Errorf("%s: %w", path, err)
	}
	return u, nil
}

// understand reads what the model is of. One that mlp has not trained is of neither.
func (u *used) understand(meta map[string]string) (err error) {
	switch {
	case meta[tabular.MetaKey] != "":
		if u.prep, err = tabular.FromMeta(meta); err == nil && (u.prep.Cols() != u.model.Inputs() || u.prep.Target == nil) {
			err = fmt.Errorf("%d inputs, and columns for %d", u.model.Inputs(), u.prep.Cols())
		}
	case meta[lookKey] != "":
		if u.look, err = lookOf(meta[lookKey]); err == nil && (u.look.cols() != u.model.Inputs() || len(u.look.Classes) != u.model.Outputs()) {
			err = fmt.Errorf("%d inputs and %d outputs, and images of %d in %d classes", u.model.Inputs(), u.model.Outputs(), u.look.cols(), len(u.look.Classes))
		}
	}
	return err
}

var evalCommand = command{
	name: "eval", args: "FILE.csv -model MODEL", about: "scores a model on rows whose target is known",
	help: "Prints how good the model is on the rows of a file, which it reads as it was trained: columns by name, in any order.\n\n  mlp eval test.csv -model iris.safetensors\n  mlp eval -mnist DIR -model mnist.safetensors\n  mlp eval -images DIR -model flowers.safetensors",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, stdio) error {
		path, device := modelFlag(fs), deviceFlag(fs)
		mnist := fs.String("mnist", "", "score on MNIST's test images in `DIR`")
		folder := fs.String("images", "", "score on the images in `DIR`, a sub-folder for each class")
		comma := fs.String("comma", "", "`CHARACTER` between fields, or tab")
		return func(_ context.Context, args []string, std stdio) error {
			if n := len(args) + min(1, len(*mnist)) + min(1, len(*folder)); n != 1 {
				return usagef("a file, -mnist or -images is needed, one of them")
			}
			u, err := load(*path, *device)
			if err != nil {
				return err
			}
			defer u.dev.Close()
			var set *data.Set
			switch {
			case *mnist != "":
				set, err = u.mnist(*mnist)
			case *folder != "":
				set, err = u.folder(*folder)
			default:
				set, err = u.table(args[0], *comma, std)
			}
			if err != nil {
				return err
			}
			line, err := verdict(u.model, set, u.prep)
			if err == nil {
				fmt.Fprintln(std.out, line)
			}
			return err
		}
	},
}

var errNoTable = errors.New("the model is of images, or was saved without a table's columns, and not of a table")

// table is what a model of a table is scored on.
func (u *used) table(path, comma string, std stdio) (*data.Set, error) {
	if u.prep == nil {
		return nil, errNoTable
	}
	f, err := readFrame(path, tableOptions{Comma: comma}, std)
	if err != nil {
		return nil, err
	}
	if f.Column(u.prep.Target.Name) == nil {
		return nil, fmt.Errorf("%s has no column %s, the target: mlp predict wants none", path, u.prep.Target.Name)
	}
	t, err := u.prep.Table(f, nil)
	if err != nil {
		return nil, err
	}
	return data.FromTable(u.dev, t)
}

var predictCommand = command{
	name: "predict", args: "FILE.csv|IMAGE... -model MODEL [-o FILE]", about: "predicts the target of rows, or the class of images",
	help: "Writes a CSV file with the target's name as its header and a line for each row. \"-\" is standard input.\n\n  mlp predict new.csv -model iris.safetensors -probabilities\n  mlp predict a.png b.jpg -model flowers.safetensors",
	flags: func(fs *flag.FlagSet) func(context.Context, []string, stdio) error {
		path, device := modelFlag(fs), deviceFlag(fs)
		out := fs.String("o", "", "write to `FILE` instead of standard output")
		probabilities := fs.Bool("probabilities", false, "a column for each class with its probability, too")
		comma := fs.String("comma", "", "`CHARACTER` between fields, or tab")
		return func(_ context.Context, args []string, std stdio) error {
			u, err := load(*path, *device)
			if err != nil {
				return err
			}
			defer u.dev.Close()
			var t *tabular.Output
			var first column
			var y []float32
			if u.look != nil {
				t = &tabular.Output{Name: "class", Task: tabular.Classify, Classes: u.look.Classes}
				first = column{"file", args}
				y, err = u.pictures(args)
			} else {
				t, y, err = u.rows(args, *comma, std)
			}
			if err != nil {
				return err
			}
			if *probabilities && t.Task != tabular.Classify {
				return usagef("-probabilities: the model predicts numbers")
			}
			if *out == "" {
				return write(std.out, first, t, y, *probabilities)
			}
			return atomicfile.Write(*out, func(f *os.File) error { return write(f, first, t, y, *probabilities) })
		}
	},
}

// rows are the outputs for the rows of a file.
func (u *used) rows(args []string, comma string, std stdio) (*tabular.Output, []float32, error) {
	path, err := one(args, "a file of rows")
	if err != nil {
		return nil, nil, err
	}
	if u.prep == nil {
		return nil, nil, errNoTable
	}
	f, err := readFrame(path, tableOptions{Comma: comma}, std)
	if err != nil {
		return nil, nil, err
	}
	y, err := outputs(u.model, u.prep, f)
	return u.prep.Target, y, err
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

// column is what stands before predictions; one without a name is none.
type column struct {
	name   string
	values []string
}

// write writes predictions.
func write(w io.Writer, first column, t *tabular.Output, y []float32, probabilities bool) error {
	to := csv.NewWriter(w)
	header := []string{t.Name}
	if first.name != "" {
		header = []string{first.name, t.Name}
	}
	if probabilities {
		for _, c := range t.Classes {
			header = append(header, "p("+c+")")
		}
	}
	to.Write(header) // its errors are Flush's
	n := max(1, len(t.Classes))
	for i := 0; i < len(y); i += n {
		fields := row(t, y[i:i+n], probabilities)
		if first.name != "" {
			fields = append([]string{first.values[i/n]}, fields...)
		}
		to.Write(fields)
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
			u, err := load(path, "cpu")
			if err != nil {
				return err
			}
			defer u.dev.Close()
			fmt.Fprint(std.out, u.model.Summary())
			switch {
			case u.prep != nil:
				describe(std.out, u.prep)
			case u.look != nil:
				fmt.Fprintf(std.out, "\ninput   images of %d×%d pixels%s\noutput  one of %s\n", u.look.Width, u.look.Height, map[bool]string{true: ", in color"}[u.look.Color], some(u.look.Classes))
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
			gap := fmt.Sprintf("%.6g", in.Fill)
			if in.Fail {
				gap = "an error"
			}
			fmt.Fprintf(w, "input   %s: a number, (x − %.6g) / %.6g; %s where nothing is\n", in.Name, in.Center, in.Width, gap)
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
