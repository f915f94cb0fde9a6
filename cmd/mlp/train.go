package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/metrics"
)

// options are train's, and what resume reads back.
type options struct {
	File, MNIST, Out, Dir string
	Images, Size          string
	Color                 bool
	Table                 tableOptions
	Hidden                string
	Epochs, Batch         int
	LR                    float64
	Patience              int
	Seed                  uint64
	Device                string
}

var trainCommand = command{
	name: "train", args: "[FILE.csv] [-target COLUMN] [-o MODEL.safetensors] [flags]", about: "trains a network on a table, on MNIST, or on digits that it draws",
	help: `
Reads rows of numbers and texts with a header, finds out what the columns are, holds a fifth of the rows out, trains with
early stopping, and writes the best model with the columns' scaling into one file. "-" is standard input.

  mlp train iris.csv -target species -o iris.safetensors
  mlp train houses.csv -target price -drop id -hidden 128,64 -o houses.safetensors
  mlp train -mnist DIR -o mnist.safetensors
  mlp train -images flowers -size 32x32 -color -o flowers.safetensors
`,
	flags: func(fs *flag.FlagSet) func(context.Context, []string, stdio) error {
		var o options
		fs.StringVar(&o.MNIST, "mnist", "", "train on the four files of MNIST in `DIR`")
		fs.StringVar(&o.Images, "images", "", "train on the PNG, JPEG and GIF files in `DIR`, a sub-folder for each class")
		fs.StringVar(&o.Size, "size", "", "`WIDTHxHEIGHT` that images are brought to; without it all have to have one size")
		fs.BoolVar(&o.Color, "color", false, "see images in color, not in shades of grey")
		fs.StringVar(&o.Out, "o", "", "write the model to `FILE`")
		fs.StringVar(&o.Dir, "checkpoint", "", "keep checkpoints in `DIR`, for mlp resume DIR to go on after an interruption")
		fs.StringVar(&o.Table.Target, "target", "", "`COLUMN` to predict; without it the last one")
		fs.StringVar(&o.Table.Weights, "weights", "", "`COLUMN` of the rows' weights")
		fs.StringVar(&o.Table.Drop, "drop", "", "`COLUMNS` that are no inputs, separated by commas")
		fs.StringVar(&o.Table.Task, "task", "", "classify or regress; without it what the target looks like")
		fs.StringVar(&o.Table.Comma, "comma", "", "`CHARACTER` between fields, or tab; without it what the file looks like")
		fs.BoolVar(&o.Table.NoHeader, "noheader", false, "the first line is a row: columns are called c1, c2, …")
		fs.BoolVar(&o.Table.Stream, "stream", false, "leave the rows on the disk, as numbers in the folder of temporary files: for files larger than memory")
		fs.Float64Var(&o.Table.Holdout, "holdout", 0.2, "`SHARE` of the rows that are held out to score by, and to stop early by; 0 to learn from all")
		fs.StringVar(&o.Hidden, "hidden", "", "`WIDTHS` of the hidden layers, as in 128,64; none for no layer; without it by the number of rows")
		fs.IntVar(&o.Epochs, "epochs", 0, "the most epochs; 0 for 200, and 10 for images")
		fs.IntVar(&o.Batch, "batch", 0, "rows of a step; 0 for a number by the number of rows")
		fs.Float64Var(&o.LR, "lr", 0.002, "Adam's learning rate")
		fs.IntVar(&o.Patience, "patience", 20, "epochs without a better score that end the training")
		fs.Uint64Var(&o.Seed, "seed", 0, "of the split, the weights and the order")
		device := deviceFlag(fs)
		return func(ctx context.Context, args []string, std stdio) error {
			o.Device = *device
			if len(args) > 0 {
				var err error
				if o.File, err = one(args, "a file"); err != nil {
					return err
				}
			}
			return o.train(ctx, false, std)
		}
	},
}

var resumeCommand = command{
	name: "resume", args: "DIR", about: "goes on with a training that was interrupted, from its last checkpoint",
	help: "Goes on with what mlp train -checkpoint DIR began, with the same arguments and data, and ends in the same model as if nothing had happened.",
	flags: func(*flag.FlagSet) func(context.Context, []string, stdio) error {
		return func(ctx context.Context, args []string, std stdio) error {
			dir, err := one(args, "the folder of checkpoints")
			if err != nil {
				return err
			}
			text, err := os.ReadFile(filepath.Join(dir, optionsFile))
			if err != nil {
				return fmt.Errorf("%s is no folder of mlp train -checkpoint: %w", dir, err)
			}
			var o options
			if err := json.Unmarshal(text, &o); err != nil {
				return fmt.Errorf("%s: %w", filepath.Join(dir, optionsFile), err)
			}
			o.Dir = dir
			return o.train(ctx, true, std)
		}
	},
}

// optionsFile has the arguments of a training beside its checkpoints.
const optionsFile = "mlp.json"

func (o *options) problem(std stdio) (*problem, error) {
	switch {
	case o.File != "" && o.MNIST != "" || o.Images != "" && o.File+o.MNIST != "":
		return nil, usagef("a file, -mnist and -images exclude each other")
	case o.Images != "":
		return folderProblem(o, std)
	case o.File != "" && o.Table.Stream:
		return streamProblem(o.File, o.Table, o.Seed, std)
	case o.File != "":
		return tableProblem(o.File, o.Table, o.Seed, std)
	case o.MNIST != "":
		return mnistProblem(o.MNIST, std)
	case o.Table.Target != "":
		return nil, usagef("-target %s: of which file?", o.Table.Target)
	}
	return digitsProblem(o.Seed, std), nil
}

// complete fills in what was not said, and says it.
func (o *options) complete(p *problem, std stdio) (hidden []int, err error) {
	n := p.rows[0]
	switch o.Hidden {
	case "none":
	case "":
		hidden = []int{64, 64}
		if p.images != nil {
			hidden = []int{128}
		} else if n < 300 {
			hidden = []int{32}
		}
		std.say("hidden: %v units (-hidden)", hidden)
	default:
		for w := range strings.SplitSeq(o.Hidden, ",") {
			v, err := strconv.Atoi(strings.TrimSpace(w))
			if err != nil || v < 1 || v > 1<<20 {
				return nil, usagef("-hidden %s: %q is no width", o.Hidden, w)
			}
			hidden = append(hidden, v)
		}
	}
	if o.Epochs == 0 {
		if o.Epochs = 200; p.images != nil {
			o.Epochs = 10
		}
	}
	if o.Batch == 0 {
		o.Batch = 16
		for o.Batch < 128 && o.Batch*50 < n {
			o.Batch *= 2
		}
		o.Batch = min(o.Batch, n)
	}
	if o.Epochs < 1 || o.Batch < 1 || o.Batch > n {
		return nil, usagef("%d epochs in batches of %d: there are %d rows to learn from", o.Epochs, o.Batch, n)
	}
	if p.rows[1] == 0 {
		std.say("training: %d epochs in batches of %d, Adam %g", o.Epochs, o.Batch, o.LR)
	} else {
		std.say("training: at most %d epochs in batches of %d, Adam %g, until %d epochs are no better", o.Epochs, o.Batch, o.LR, o.Patience)
	}
	return hidden, nil
}

// layers are the network's.
func layers(p *problem, hidden []int) []nn.Layer {
	var all []nn.Layer
	if len(p.codes) > 0 {
		var columns []nn.EmbeddingColumn
		for _, levels := range p.codes {
			columns = append(columns, nn.Embedding(levels, min(16, (levels+1)/2)))
		}
		all = append(all, nn.Embeddings(columns...))
	}
	for _, w := range hidden {
		all = append(all, nn.Linear(w), nn.ReLU())
	}
	return append(all, nn.Linear(p.outputs))
}

func (o *options) train(ctx context.Context, resume bool, std stdio) error {
	if o.Out == "" && o.Dir == "" {
		std.say("model: it is not kept (-o names a file for it)")
	}
	p, err := o.problem(std)
	if err != nil {
		return err
	}
	if p.close != nil {
		defer p.close()
	}
	hidden, err := o.complete(p, std)
	if err != nil {
		return err
	}
	job := auto.Job{Widths: append(append([]int{max(1, p.inputs+len(p.codes))}, hidden...), p.outputs), Batch: o.Batch}
	if resume {
		if job.Device, err = train.CheckpointDevice(o.Dir); err != nil {
			return err
		}
	}
	dev, err := open(o.Device, &job, std)
	if err != nil {
		return err
	}
	defer dev.Close()
	model, err := nn.New(dev, p.inputs, layers(p, hidden)...)
	if err != nil {
		return err
	}
	model.Init(o.Seed)
	set, valid, err := p.sets(dev)
	if err != nil {
		return err
	}
	cfg := train.Config{
		Loss: p.loss, Optimizer: nn.Adam(o.LR), Epochs: o.Epochs, Batch: o.Batch, Seed: o.Seed, Validation: valid, Progress: std.err,
	}
	if valid != nil {
		stop := train.NewEarlyStopping()
		stop.Patience = o.Patience
		cfg.Callbacks = []train.Callback{stop.Callback()}
	}
	if o.Dir != "" {
		if err := o.keep(resume); err != nil {
			return err
		}
		cfg.Checkpoint = train.Checkpoint{Dir: o.Dir, Resume: resume, Log: func(text string) { std.say("checkpoint: %s", text) }}
	}
	history, err := train.Fit(ctx, model, set, cfg)
	var interrupted *train.InterruptedError
	if err != nil && !errors.As(err, &interrupted) {
		return err
	}
	if len(history) > 0 {
		if err := o.report(p, model, set, valid, history, std); err != nil {
			return err
		}
	}
	if interrupted != nil {
		if o.Dir != "" {
			return fmt.Errorf("%w; mlp resume %s goes on with it", err, o.Dir)
		}
		return err
	}
	return nil
}

// keep writes the arguments beside the checkpoints.
func (o *options) keep(resume bool) error {
	if resume {
		return nil
	}
	text, err := json.MarshalIndent(o, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.Dir, 0o777); err != nil {
		return err
	}
	if begun, err := train.CheckpointDevice(o.Dir); err != nil {
		return err
	} else if begun != "" {
		return fmt.Errorf("%s has checkpoints of a training: mlp resume %[1]s goes on with it, or name another folder", o.Dir)
	}
	return os.WriteFile(filepath.Join(o.Dir, optionsFile), text, 0o666)
}

// report scores the model that early stopping has left, shows what it does, and saves it.
func (o *options) report(p *problem, model *nn.Model, learned, valid *data.Set, history train.History, std stdio) error {
	set, which := valid, "held out"
	if valid == nil {
		set, which = learned, "on what it has learned from"
	}
	line, err := verdict(model, set, p.prep)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s: %s, after %d epochs\n", which, line, len(history))
	if p.images != nil {
		if err := show(std.out, model, *p.images); err != nil {
			return err
		}
	}
	if o.Out == "" {
		return nil
	}
	var meta map[string]string
	if p.prep != nil {
		meta = p.prep.Meta()
	} else {
		meta = p.look.meta()
	}
	if err := model.Save(o.Out, meta); err != nil {
		return err
	}
	std.say("model: %s", o.Out)
	return nil
}

// verdict says how good a model is on a set.
func verdict(model *nn.Model, set *data.Set, prep *tabular.Prep) (string, error) {
	if prep != nil && prep.Target.Task == tabular.Regress {
		r, err := train.Measure(model, set, nn.MSE(), metrics.RMSE(), metrics.MAE(), metrics.R2())
		if err != nil {
			return "", err
		}
		rmse, _ := r.Metrics.Get("rmse")
		mae, _ := r.Metrics.Get("mae")
		r2, _ := r.Metrics.Get("r2")
		w := prep.Target.Width
		return fmt.Sprintf("RMSE %.4g, MAE %.4g, R² %.3f on %d rows", rmse*w, mae*w, r2, r.Rows), nil
	}
	r, err := train.Measure(model, set, nn.CrossEntropy(), metrics.F1(metrics.Macro))
	if err != nil {
		return "", err
	}
	f1 := r.Metrics[0].Value
	return fmt.Sprintf("accuracy %.2f %%, F1 %.3f (macro), loss %.4f on %d rows", 100*r.Accuracy, f1, r.Loss, r.Rows), nil
}
