package nn

import (
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/internal/safetensors"
)

// torchForm is how PyTorch has a parameter.
type torchForm uint8

const (
	torchAsIs       torchForm = iota // a matrix as it is here, and a row as a vector
	torchTransposed                  // Linear's weight
	torchTable                       // the weight of an Embedding of its own
	torchVector
)

// inTorch says how PyTorch has a parameter.
func (s *Scope) inTorch(h Handle, form torchForm) {
	if s.err == nil {
		s.model.params[h].torch = form
	}
}

// batchesSeen is a count that PyTorch's BatchNorm keeps and, with a momentum, makes nothing of.
const batchesSeen = "num_batches_tracked"

// torchSlots are the model's slots as the state_dict has them of an nn.Sequential of the same layers.
func (m *Model) torchSlots(rename func(string) string) (slots []slot) {
	for i, t := range m.parameters("", m.w) {
		switch form := m.params[i].torch; {
		case form == torchTable:
			t.name += ".weight"
		case form == torchAsIs && t.rows == 1:
			t.form = torchVector
		default:
			t.form = form
		}
		slots = append(slots, t)
	}
	slots = append(slots, m.statistics()...)
	if rename != nil {
		for i := range slots {
			slots[i].name = rename(slots[i].name)
		}
	}
	return slots
}

// SaveTorch writes the model's parameters and running statistics as a state_dict of PyTorch in the safetensors format: what
// an nn.Sequential of the same layers has, with the same numbers for layers, so that load_state_dict takes it. Weights of
// Linear are transposed, as PyTorch has them; layers that hold others are modules of modules; a table of [Embeddings] is an
// nn.Embedding called embedding0. rename, if not nil, gives other names: "fc1.weight" for "0.weight".
func (m *Model) SaveTorch(path string, rename func(name string) string) error {
	slots := m.torchSlots(rename)
	var counts []safetensors.Tensor
	for _, t := range slots {
		if norm, ok := strings.CutSuffix(t.name, "running_mean"); ok {
			counts = append(counts, safetensors.Tensor{Name: norm + batchesSeen, Data: []int64{0}})
		}
	}
	return m.save(path, slots, map[string]string{formatKey: fileFormat, "format": "pt"}, counts...)
}

// LoadTorch replaces the parameters and running statistics by those of a state_dict of PyTorch in a safetensors file, as
// SaveTorch describes it. Names for which rename returns "" are left as they are. Another shape is an error that names
// both; see [Loaded.Strict] for what is missing or unexpected. Files of torch.save, which are programs for Python's pickle,
// are not read: in Python, safetensors.torch.save_file(model.state_dict(), path) writes one that is.
func (m *Model) LoadTorch(path string, rename func(name string) string) (Loaded, error) {
	slots := slices.DeleteFunc(m.torchSlots(rename), func(t slot) bool { return t.name == "" })
	return m.loadAs(path, slots, nil)
}
