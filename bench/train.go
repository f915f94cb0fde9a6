package bench

import (
	"fmt"
	"math/rand/v2"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

// Train is a training step of a multilayer perceptron with ReLU between its layers, written as a user of package train
// writes it: batches are drawn on the device from random data that lies there, and losses are read every 64 steps.
type Train struct {
	Net   Net
	Batch int
	Opt   string // adam or sgd
	Loss  string // xent or mse

	// Logged reads each step's loss before the next step starts, as a log does that is written step by step. Without it the host has
	// all losses too, but 64 at a time.
	Logged bool
}

// NewTrain reads a network and checks the rest.
func NewTrain(net string, batch int, opt, loss string) (Train, error) {
	n, err := ParseNet(net)
	switch {
	case err != nil:
		return Train{}, err
	case batch < 1 || batch > maxSide:
		return Train{}, fmt.Errorf("batch %d: want 1 to %d rows", batch, maxSide)
	case optimizers[opt] == nil:
		return Train{}, fmt.Errorf("optimizer %q: want adam or sgd", opt)
	case losses[loss] == nil:
		return Train{}, fmt.Errorf("loss %q: want xent or mse", loss)
	}
	for _, width := range n {
		if err := checkElems(batch, width); err != nil {
			return Train{}, fmt.Errorf("batch %d of network %s: %w", batch, net, err)
		}
	}
	return Train{Net: n, Batch: batch, Opt: opt, Loss: loss}, nil
}

// The learning rates are common ones. They do not change a step's cost.
var (
	optimizers = map[string]func() nn.Optimizer{
		"adam": func() nn.Optimizer { return nn.Adam(1e-3) },
		"sgd":  func() nn.Optimizer { return nn.SGD(1e-2) },
	}
	losses = map[string]func() nn.Loss{"xent": func() nn.Loss { return nn.CrossEntropy() }, "mse": nn.MSE}
)

func (t Train) Name() string {
	name := fmt.Sprintf("train/%v/b%d/%s", t.Net, t.Batch, t.Opt)
	if t.Loss != "xent" {
		name += "/" + t.Loss
	}
	if t.Logged {
		name += "/logged"
	}
	return name
}

// Work counts the products of a step: forward, the weights' gradients and the inputs' gradients are 2·B·in·out each,
// but that the first layer's input needs no gradient. Σ 6·B·in·out − 2·B·in₀·out₀.
func (t Train) Work() Work {
	b := float64(t.Batch)
	flops := -2 * b * float64(t.Net[0]) * float64(t.Net[1])
	for i, in := range t.Net[:len(t.Net)-1] {
		flops += 6 * b * float64(in) * float64(t.Net[i+1])
	}
	return Work{Flops: flops, Samples: b}
}

// Layers is the network: Linear layers with ReLU between them.
func (n Net) Layers() []nn.Layer {
	layers := []nn.Layer{nn.Linear(n[1])}
	for _, width := range n[2:] {
		layers = append(layers, nn.ReLU(), nn.Linear(width))
	}
	return layers
}

// rowElems is about how many values a training set has: enough that a network does not learn it by heart while it is
// measured, which would fill Adam's state with subnormals.
const rowElems = 1 << 22

// batches is how many of them a training set has, between 8 and 256.
func (t Train) batches() int {
	batch := t.Batch * t.Net[0]
	if batch > maxElems/8 {
		return 1
	}
	return min(256, max(8, rowElems/batch))
}

// randomSet is random data for the network on a device, whole batches.
func (t Train) randomSet(dev backend.Backend, batches int) (*data.Set, error) {
	in, out := t.Net[0], t.Net[len(t.Net)-1]
	n := batches * t.Batch
	rng := rand.New(rand.NewPCG(5, 6))
	x := uniform(rng, n*in, 1)
	if t.Loss == "mse" {
		return data.FromFloats(dev, x, in, data.Values(uniform(rng, n*out, 1), out))
	}
	labels := make([]uint32, n)
	for i := range labels {
		labels[i] = uint32(rng.IntN(out))
	}
	return data.FromFloats(dev, x, in, data.Labels(labels))
}

// open puts the data and the model on a device.
func (t Train) open(dev backend.Backend) (*trainJob, error) { return t.openOn(dev, t.batches()) }

func (t Train) openOn(dev backend.Backend, batches int) (_ *trainJob, err error) {
	j := &trainJob{dev: dev}
	defer func() {
		if err != nil {
			j.Release()
		}
	}()
	if j.set, err = t.randomSet(dev, batches); err != nil {
		return nil, err
	}
	if j.model, err = nn.New(dev, t.Net[0], t.Net.Layers()...); err != nil {
		return nil, err
	}
	cfg := train.Config{Loss: losses[t.Loss](), Optimizer: optimizers[t.Opt](), Batch: t.Batch, Seed: 7}
	if t.Logged {
		cfg.ReadEvery = 1
	}
	j.trainer, err = train.New(j.model, j.set, cfg)
	return j, err
}

type trainJob struct {
	dev     backend.Backend
	set     *data.Set
	model   *nn.Model
	trainer *train.Trainer
	c       *trainCase
}

func (j *trainJob) Run(n int) error {
	for n > 0 {
		results, _, err := j.trainer.Advance(n)
		if err != nil {
			return err
		}
		n -= len(results)
	}
	return nil
}

func (j *trainJob) Release() {
	if j.trainer != nil {
		j.trainer.Release()
	}
	if j.model != nil {
		j.model.Release()
	}
	if j.set != nil {
		j.set.Release()
	}
}
