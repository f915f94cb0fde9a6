package nn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gloss-ml/gloss/backend"
)

// Param is a parameter: a matrix in the model's parameter buffer, and its gradient at the same place of another.
type Param struct {
	Name       string // the layer's place and the parameter's role: "0.weight"
	Rows, Cols int
	NoDecay    bool // a bias, or a normalisation's: weight decay is not for it
	off        int
	torch      torchForm
	init       Initializer
	fans       Fans
}

// Model is a sequence of layers with its parameters on a device. Its methods may be called from any goroutine, but
// changing parameters while a plan runs has the meaning that the order of calls gives it.
type Model struct {
	dev     backend.Backend
	inputs  int
	layers  []Layer
	root    Node
	params  []Param
	size    int   // elements of the parameter buffer, padding included
	decayed int   // of these, the first that weight decay is for
	widest  int   // number of columns of an activation
	codes   []int // for each column of codes, the rows of the table that it is for
	stats   stats
	streams int // handed out by Scope.Stream
	w       *backend.Buffer

	mu      sync.Mutex // guards predict
	predict *predictor
}

// New puts a model of inputs columns and the given layers on the device and draws its parameters with seed 0. A model of
// codes alone, whose first layer is [Embeddings], has 0 inputs. The error names the layer whose settings make no sense, or
// is the device's.
func New(dev backend.Backend, inputs int, layers ...Layer) (*Model, error) {
	m, err := define(dev, inputs, layers)
	if err == nil {
		err = m.allocate()
	}
	if err != nil {
		return nil, err
	}
	m.Init(0)
	return m, nil
}

// define binds the layers, which says what parameters there are, and takes no memory for them yet.
func define(dev backend.Backend, inputs int, layers []Layer) (*Model, error) {
	switch {
	case dev == nil:
		return nil, errors.New("nn: no device")
	case inputs < 0:
		return nil, fmt.Errorf("nn: a model of %d inputs", inputs)
	case len(layers) == 0:
		return nil, errors.New("nn: a model of no layers")
	}
	m := &Model{dev: dev, inputs: inputs, layers: slices.Clone(layers), widest: inputs}
	var err error
	if m.root, err = bindAll(&Scope{model: m}, inputs, layers); err != nil {
		return nil, fmt.Errorf("nn: %w", err)
	}
	m.layout()
	return m, nil
}

func (m *Model) allocate() (err error) {
	if m.w, err = backend.Alloc(m.dev, backend.F32, m.size); err != nil {
		return fmt.Errorf("nn: parameters: %w", err)
	}
	if m.stats.size > 0 {
		if m.stats.buf, err = backend.Alloc(m.dev, backend.F32, m.stats.size); err != nil {
			m.w.Release()
			return fmt.Errorf("nn: running statistics: %w", err)
		}
	}
	return nil
}

// layout places the parameters: those that weight decay is for first, so that each group is one stretch of the buffer.
func (m *Model) layout() {
	m.size = 0
	for _, exempt := range []bool{false, true} {
		if exempt {
			m.decayed = m.size
		}
		for i := range m.params {
			if q := &m.params[i]; q.NoDecay == exempt {
				q.off = m.size
				m.size += aligned(q.Rows * q.Cols)
			}
		}
	}
}

// aligned rounds up to what devices want tensors aligned to.
func aligned(n int) int { return (n + paramAlign - 1) / paramAlign * paramAlign }

// Scope is what a layer sees of the model while it is bound: it takes the layer's parameters.
type Scope struct {
	model *Model
	name  string // of the layer among the model's: "2.1."
	err   error
}

// inner is the scope of a layer's layer i.
func (s *Scope) inner(i int) *Scope {
	return &Scope{model: s.model, name: fmt.Sprintf("%s%d.", s.name, i)}
}

// Param declares a rows×cols parameter that starts from init and returns its handle. fans are what the initialiser
// scales by; those that are 0 are the parameter's own rows and columns.
func (s *Scope) Param(role string, rows, cols int, fans Fans, init Initializer) Handle {
	m := s.model
	if err := s.checkParam(role, rows, cols, init); err != nil {
		s.err = cmp.Or(s.err, err)
		return 0
	}
	fans.In, fans.Out = cmp.Or(fans.In, rows), cmp.Or(fans.Out, cols)
	m.params = append(m.params, Param{
		Name: s.name + role, Rows: rows, Cols: cols, init: init, fans: fans,
	})
	m.size += aligned(rows * cols)
	return Handle(len(m.params) - 1)
}

func (s *Scope) checkParam(role string, rows, cols int, init Initializer) error {
	if rows > 0 && cols > 0 && rows > backend.MaxElements/cols || s.model.size > backend.MaxElements-rows*cols-paramAlign {
		return fmt.Errorf("%s of %d×%d elements is more than a device can index", role, rows, cols)
	}
	if init == nil {
		return fmt.Errorf("%s: no initialiser", role)
	}
	if err := init.Check(); err != nil {
		return fmt.Errorf("%s: %v: %w", role, init, err)
	}
	return nil
}

// NoDecay says that weight decay is not for a parameter: for biases and the parameters of normalisations, which
// [NoDecayOnBiasAndNorm] leaves out.
func (s *Scope) NoDecay(h Handle) {
	if s.err == nil {
		s.model.params[h].NoDecay = true
	}
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

// Codes is the number of columns of category codes that the model takes beside its inputs, for [Embeddings].
func (m *Model) Codes() int { return len(m.codes) }

// CodeCounts is the number of categories of each column of codes: its codes are below that.
func (m *Model) CodeCounts() []int { return slices.Clone(m.codes) }

// Outputs is the number of columns that it gives.
func (m *Model) Outputs() int { return m.root.Width() }

// Device is where the model lives.
func (m *Model) Device() backend.Backend { return m.dev }

// Layers are the model's layers, first to last.
func (m *Model) Layers() []Layer { return slices.Clone(m.layers) }

// Params are the model's parameters, in the order of the layers.
func (m *Model) Params() []Param { return slices.Clone(m.params) }

// Init draws all parameters anew, and forgets running statistics: on the host, so that one seed gives one start on every device.
func (m *Model) Init(seed uint64) {
	all := make([]float32, m.size)
	for i, p := range m.params {
		key := [4]uint32{uint32(seed), uint32(seed >> 32), 0, initSalt}
		p.init.Fill(&InitParam{
			W: all[p.off : p.off+p.Rows*p.Cols], Rows: p.Rows, Cols: p.Cols, Fans: p.fans, key: key, stream: uint32(i),
		})
	}
	backend.Write(m.dev, m.w, 0, all)
	m.initStats()
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
func (m *Model) SetWeights(w []float32) error { return m.scatter(m.w, w) }

// scatter is gather's other way.
func (m *Model) scatter(buf *backend.Buffer, w []float32) error {
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
	backend.Write(m.dev, buf, 0, all)
	return nil
}

// Release gives back the model's memory. Plans and states of the model must be released on their own.
func (m *Model) Release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.predict.release()
	m.predict = nil
	m.w.Release()
	if m.stats.buf != nil {
		m.stats.buf.Release()
	}
}
