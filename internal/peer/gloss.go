package peer

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/nn"
)

// Gloss is a device of gloss as a peer.
type Gloss struct {
	Dev   backend.Backend
	About string // what Version says of it
	Loop  bool   // trainings are package train's, on batches that are drawn anew, and the losses are read
}

func (g Gloss) Version() string { return g.About }

func (g Gloss) Open(w Workload) (Job, error) {
	switch {
	case g.Loop && w.Kind == "train":
		return newLoop(g.Dev, w)
	case g.Loop:
		return nil, fmt.Errorf("%w: package train trains", ErrNot)
	case w.Kind == "train":
		return newTraining(g.Dev, w, 0, tinyRate)
	case w.Kind == "gemm":
		return newProduct(g.Dev, w)
	case w.Kind == "each":
		return newVectors(g.Dev, w)
	}
	return newInference(g.Dev, w)
}

func (g Gloss) Check(w Workload) (float64, error) {
	switch {
	case g.Loop:
		return 0, fmt.Errorf("%w: the order of the batches is not the others'", ErrNot)
	case w.Kind == "gemm":
		return checkProduct(g.Dev, w)
	case w.Kind == "each":
		return checkVectors(g.Dev, w)
	case w.Kind == "infer":
		return checkInference(g.Dev, w)
	}
	return 0, fmt.Errorf("%w: a training is walked", ErrNot)
}

func (g Gloss) Walk(w Workload, seed, steps int, file string) ([]float64, error) {
	if g.Loop || w.Kind != "train" {
		return nil, fmt.Errorf("%w: the order of the batches is not the others'", ErrNot)
	}
	t, err := newTraining(g.Dev, w, seed, 0)
	if err != nil {
		return nil, err
	}
	defer t.Release()
	var losses []float64
	for len(losses) < steps {
		n := min(steps-len(losses), stepsOfRun)
		if err := t.Run(n); err != nil {
			return nil, err
		}
		results, err := t.plan.Results(n)
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			losses = append(losses, r.Loss)
		}
	}
	weights, err := t.model.Weights()
	if err != nil {
		return nil, err
	}
	return losses, WriteWeights(file, weights)
}

// WriteWeights writes float32s, the least significant byte first.
func WriteWeights(file string, w []float32) error {
	raw := make([]byte, 0, 4*len(w))
	for _, x := range w {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return os.WriteFile(file, raw, 0o600)
}

// layers of the network, with its activation in between.
func (w Workload) layers() []nn.Layer {
	between := nn.ReLU
	if w.Act == "tanh" {
		between = nn.Tanh
	}
	layers := []nn.Layer{nn.Linear(w.Net[1])}
	for _, width := range w.Net[2:] {
		layers = append(layers, between(), nn.Linear(width))
	}
	return layers
}

// model puts the network with start number seed on a device.
func (w Workload) model(dev backend.Backend, seed int) (*nn.Model, error) {
	m, err := nn.New(dev, w.Net[0], w.layers()...)
	if err != nil {
		return nil, err
	}
	if err := m.SetWeights(w.Start(seed)); err != nil {
		m.Release()
		return nil, err
	}
	return m, nil
}

// program is a job that replays calls, with the buffers that it owns.
type program struct {
	dev  backend.Backend
	run  *backend.Program
	bufs []*backend.Buffer
}

// upload makes a buffer of a vector.
func (p *program) upload(v []float32) (*backend.Buffer, error) {
	buf, err := backend.Alloc(p.dev, backend.F32, len(v))
	if err != nil {
		return nil, err
	}
	backend.Write(p.dev, buf, 0, v)
	p.bufs = append(p.bufs, buf)
	return buf, nil
}

func (p *program) read(i int) ([]float32, error) {
	v := make([]float32, p.bufs[i].Len())
	return v, backend.Read(p.dev, v, p.bufs[i], 0)
}

// stepsOfRun is how many steps one Run replays: what package train reads the losses after.
const stepsOfRun = 64

func (p *program) record(calls ...backend.Call) (err error) {
	p.run, err = backend.Record(p.dev, backend.Step{Calls: calls, Steps: stepsOfRun})
	return err
}

func (p *program) Run(n int) error {
	for ; n > 0; n -= stepsOfRun {
		p.run.Run(min(n, stepsOfRun))
	}
	return p.dev.Sync()
}

func (p *program) Release() {
	p.run.Release()
	for _, b := range p.bufs {
		b.Release()
	}
}
