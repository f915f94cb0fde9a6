package nn

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/gloss-ml/gloss/backend"
)

// Param is a parameter: a matrix in the model's parameter buffer, and its gradient at the same place of another.
type Param struct {
	Name       string // the layer's place and the parameter's role: "0.weight"
	Rows, Cols int
	off        int
	init       Initializer
	fanIn      int
}

// Model is a sequence of layers with its parameters on a device. Its methods may be called from any goroutine, but
// changing parameters while a plan runs has the meaning that the order of calls gives it.
type Model struct {
	dev     backend.Backend
	inputs  int
	layers  []Layer
	nodes   []Node
	params  []Param
	size    int // elements of the parameter buffer, padding included
	streams int // handed out by Scope.Stream
	w       *backend.Buffer

	mu      sync.Mutex // guards predict
	predict *predictor
}

// New puts a model of inputs columns and the given layers on the device and draws its parameters with seed 0. The
// error names the layer whose settings make no sense, or is the device's.
func New(dev backend.Backend, inputs int, layers ...Layer) (*Model, error) {
	switch {
	case dev == nil:
		return nil, errors.New("nn: no device")
	case inputs < 1:
		return nil, fmt.Errorf("nn: a model of %d inputs: at least 1 is needed", inputs)
	case len(layers) == 0:
		return nil, errors.New("nn: a model of no layers")
	}
	m := &Model{dev: dev, inputs: inputs, layers: slices.Clone(layers)}
	width := inputs
	for i, l := range layers {
		if l == nil {
			return nil, fmt.Errorf("nn: layer %d is nil", i)
		}
		s := &Scope{model: m, layer: i}
		node, err := l.Bind(s, width)
		switch {
		case err == nil && s.err != nil:
			err = s.err
		case err == nil && node == nil:
			err = errors.New("Bind returned neither a node nor an error")
		}
		if err != nil {
			return nil, fmt.Errorf("nn: layer %d, %v: %w", i, l, err)
		}
		m.nodes = append(m.nodes, node)
		width = node.Width()
	}
	var err error
	if m.w, err = backend.Alloc(dev, backend.F32, m.size); err != nil {
		return nil, fmt.Errorf("nn: parameters: %w", err)
	}
	m.Init(0)
	return m, nil
}

// Scope is what a layer sees of the model while it is bound: it takes the layer's parameters.
type Scope struct {
	model *Model
	layer int
	err   error
}

// Param declares a rows×cols parameter and returns its handle. fanIn is what the initialiser scales by.
func (s *Scope) Param(role string, rows, cols, fanIn int, init Initializer) Handle {
	m := s.model
	if rows > 0 && cols > 0 && rows > backend.MaxElements/cols || m.size > backend.MaxElements-rows*cols-paramAlign {
		if s.err == nil {
			s.err = fmt.Errorf("%s of %d×%d elements is more than a device can index", role, rows, cols)
		}
		return 0
	}
	m.params = append(m.params, Param{
		Name: fmt.Sprintf("%d.%s", s.layer, role), Rows: rows, Cols: cols, off: m.size, init: init, fanIn: fanIn,
	})
	m.size += (rows*cols + paramAlign - 1) / paramAlign * paramAlign
	return Handle(len(m.params) - 1)
}

// paramAlign is in elements: 256 bytes, the largest alignment that devices ask for.
const paramAlign = 64

// Stream is a number below 2²⁴ for the random draws of an op of the layer, different from all others of the model.
func (s *Scope) Stream() int {
	s.model.streams++
	return s.model.streams - 1
}

// Handle stands for a parameter of a model.
type Handle int

// Inputs is the number of columns that the model takes.
func (m *Model) Inputs() int { return m.inputs }

// Outputs is the number of columns that it gives.
func (m *Model) Outputs() int { return m.nodes[len(m.nodes)-1].Width() }

// widest is the largest number of columns of an activation.
func (m *Model) widest() int {
	w := m.inputs
	for _, n := range m.nodes {
		w = max(w, n.Width())
	}
	return w
}

// Device is where the model lives.
func (m *Model) Device() backend.Backend { return m.dev }

// Layers are the model's layers, first to last.
func (m *Model) Layers() []Layer { return slices.Clone(m.layers) }

// Params are the model's parameters, in the order of the layers.
func (m *Model) Params() []Param { return slices.Clone(m.params) }

// Init draws all parameters anew: on the host, so that one seed gives one start on every device.
func (m *Model) Init(seed uint64) {
	all := make([]float32, m.size)
	for i, p := range m.params {
		key := [4]uint32{uint32(seed), uint32(seed >> 32), 0, initSalt}
		p.init(all[p.off:p.off+p.Rows*p.Cols], p.fanIn, func(j int) float64 {
			return backend.Uniform(backend.Bits(key, uint32(i), uint64(j)))
		})
	}
	backend.Write(m.dev, m.w, 0, all)
}

// initSalt keeps the draws of Init apart from those of steps, whose fourth word counts up from 0.
const initSalt = 0x696e6974

// Weights returns a copy of all parameters, in the order of Params, row after row.
func (m *Model) Weights() ([]float32, error) {
	return m.gather(m.w)
}

// gather reads a buffer that is laid out as the parameters, without the padding.
func (m *Model) gather(buf *backend.Buffer) ([]float32, error) {
	all := make([]float32, m.size)
	if err := backend.Read(m.dev, all, buf, 0); err != nil {
		return nil, fmt.Errorf("nn: reading parameters: %w", err)
	}
	var out []float32
	for _, p := range m.params {
		out = append(out, all[p.off:p.off+p.Rows*p.Cols]...)
	}
	return out, nil
}

// SetWeights replaces all parameters at once; w is laid out as Weights returns it. The values are taken as they are.
func (m *Model) SetWeights(w []float32) error {
	n := 0
	for _, p := range m.params {
		n += p.Rows * p.Cols
	}
	if len(w) != n {
		return fmt.Errorf("nn: %d weights for a model of %d", len(w), n)
	}
	all := make([]float32, m.size)
	for _, p := range m.params {
		w = w[copy(all[p.off:p.off+p.Rows*p.Cols], w):]
	}
	backend.Write(m.dev, m.w, 0, all)
	return nil
}

// Release gives back the model's memory. Plans and states of the model must be released on their own.
func (m *Model) Release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.predict.release()
	m.predict = nil
	m.w.Release()
}

// place names the layer for errors: "layer 2, Linear(10)".
func (m *Model) place(layer int) string {
	return fmt.Sprintf("layer %d, %v", layer, m.layers[layer])
}

// Initializer fills the elements of a parameter; u(i) is the i-th draw from [0, 1) of the parameter's own stream.
type Initializer func(w []float32, fanIn int, u func(i int) float64)

// UniformFanIn is PyTorch's initialisation of Linear, weight and bias alike: U(−1/√fan-in, 1/√fan-in)
// (kaiming_uniform with a = √5).
func UniformFanIn(w []float32, fanIn int, u func(i int) float64) {
	bound := 1 / math.Sqrt(float64(fanIn))
	for i := range w {
		w[i] = float32(bound * (2*u(i) - 1))
	}
}
