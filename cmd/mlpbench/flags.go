package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/bench"
	"github.com/gloss-ml/gloss/data"
)

// config is what the command line asks for.
type config struct {
	list, verbose bool
	start         bool     // processes instead of a table
	asked         []string // devices by name; nil stands for all that are there
	format, out   string
	plot, compare string
	old           bench.Report     // that the results are compared with
	workloads     []bench.Workload // of a table
	pace          bench.Options
	more          []bench.Workload // with -list: those that are run only by name
	dir           string           // of MNIST; "" stands for a table
	mnist         bench.MNIST
	images        data.MNIST
	job           *auto.Job // -net's, for -device auto
}

const usage = `usage: mlpbench [flags]
       mlpbench doctor

Compares the devices of this machine at training multilayer perceptrons, after
checking what each of them computes. Without flags: all devices, all standard
workloads, within a minute.

`

// parseFlags reads the command line. Help, which is [flag.ErrHelp], is printed to stderr.
func parseFlags(args []string, stderr io.Writer) (*config, error) {
	c := &config{}
	var run, device, net, opt, loss, gemm string
	var batch int
	fs := flag.NewFlagSet("mlpbench", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // what is wrong would scroll away above the list of all flags
	fs.BoolVar(&c.list, "list", false, "list the workloads and stop")
	fs.StringVar(&run, "run", "", "only workloads whose name matches `REGEXP`")
	fs.StringVar(&device, "device", "", "only these devices, as in cpu,gonum,gl or auto,gl:1,gl:NVIDIA; one that is not there is an error then")
	fs.StringVar(&net, "net", "", "measure a training step of `NETWORK`, as in 784-128-10, instead of the standard workloads")
	fs.IntVar(&batch, "batch", 32, "rows of the step of -net")
	fs.StringVar(&opt, "opt", "adam", "optimizer of -net, adam or sgd")
	fs.StringVar(&loss, "loss", "xent", "loss of -net, xent or mse")
	fs.StringVar(&gemm, "gemm", "", "measure the products of size `MxNxK`, plain and with either operand transposed")
	fs.StringVar(&c.dir, "mnist", "", "train 784-128-10 on the four MNIST files in `DIR`; without -device, on all devices but software renderers")
	fs.IntVar(&c.mnist.Epochs, "epochs", 5, "epochs of -mnist")
	fs.Uint64Var(&c.mnist.Seed, "seed", 0, "seed of -mnist")
	fs.Float64Var(&c.mnist.Target, "target", 0.972, "test accuracy of -mnist whose time is taken")
	fs.BoolVar(&c.start, "start", false, "measure new processes, from their start until their first training step is done: with no compiled\nprograms kept anywhere, with those of this module, and with the driver's too")
	c.outputFlags(fs)
	fs.BoolVar(&c.verbose, "v", false, "also print what a step takes of each device: calls, dispatches, waits")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(stderr, usage)
			fs.SetOutput(stderr)
			fs.PrintDefaults()
		}
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q: workloads are chosen by -run", fs.Arg(0))
	}
	if err := together(fs); err != nil {
		return nil, err
	}
	if err := c.checkOutput(); err != nil {
		return nil, err
	}
	if err := c.mnist.Check(); err != nil {
		return nil, err
	}
	if err := c.setDevices(device); err != nil {
		return nil, err
	}
	return c, c.setWorkloads(run, net, batch, opt, loss, gemm)
}

// needs are the flags that mean something only beside another one, and excludes those that never go with one.
var (
	needs    = map[string]string{"batch": "net", "opt": "net", "loss": "net", "epochs": "mnist", "seed": "mnist", "target": "mnist"}
	excludes = map[string][]string{"mnist": {"list", "run", "net", "gemm"}, "start": {"list", "run", "net", "gemm", "mnist"}}
)

func together(fs *flag.FlagSet) error {
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	var err error
	fs.Visit(func(f *flag.Flag) {
		if with := needs[f.Name]; with != "" && !set[with] && err == nil {
			err = fmt.Errorf("-%s goes with -%s", f.Name, with)
		}
		for _, with := range []string{"mnist", "start"} {
			if set[with] && slices.Contains(excludes[with], f.Name) && err == nil {
				err = fmt.Errorf("-%s does not go with -%s, which trains a network of its own", f.Name, with)
			}
		}
		if f.Value.String() == "" && err == nil {
			err = fmt.Errorf("-%s needs a value", f.Name)
		}
	})
	return err
}

// setDevices reads the list of names.
func (c *config) setDevices(list string) error {
	if list == "" {
		return nil
	}
	for _, name := range strings.Split(list, ",") {
		if err := checkDevice(name); err != nil {
			return fmt.Errorf("-device: %w", err)
		}
		if slices.Contains(c.asked, name) {
			return fmt.Errorf("-device: %s is named twice", name)
		}
		c.asked = append(c.asked, name)
	}
	return nil
}

// pace is how long to measure. Tests hurry.
var pace bench.Options

// patience is what keeps a run that nobody chose the workloads of within a minute on slow devices: software renderers
// take seconds for what is nothing to a GPU.
const patience = time.Second

// setWorkloads chooses what to measure: the user's own or the standard ones, and of those what -run matches. By name
// it reaches the others too.
func (c *config) setWorkloads(run, net string, batch int, opt, loss, gemm string) error {
	if net != "" {
		t, err := bench.NewTrain(net, batch, opt, loss)
		if err != nil {
			return fmt.Errorf("-net: %w", err)
		}
		c.workloads = append(c.workloads, t)
		c.job = &auto.Job{Widths: t.Net, Batch: batch}
	}
	if gemm != "" {
		for _, form := range []string{"nn", "nt", "tn"} {
			g, err := bench.ParseGemm(form, gemm)
			if err != nil {
				return fmt.Errorf("-gemm: %w", err)
			}
			c.workloads = append(c.workloads, g)
		}
	}
	own := len(c.workloads) > 0
	switch {
	case !own && c.compare != "" && run == "" && c.dir == "" && !c.start:
		var err error
		if c.workloads, err = c.sameAsBefore(); err != nil {
			return err
		}
	case !own:
		c.workloads, c.more = bench.Standard(), bench.More()
	}
	c.pace = pace
	if run == "" {
		if !own {
			c.pace.Patience = patience
		}
		return nil
	}
	re, err := regexp.Compile(run)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	misses := func(w bench.Workload) bool { return !re.MatchString(w.Name()) }
	c.workloads = slices.DeleteFunc(append(c.workloads, c.more...), misses)
	c.more = nil
	if len(c.workloads) == 0 {
		return fmt.Errorf("-run %q matches no workload: -list shows them", run)
	}
	return nil
}
