package nn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/internal/safetensors"
)

// What gloss writes into a file's metadata beside its user's entries.
const (
	reserved   = "gloss."
	formatKey  = reserved + "format" // "1"
	modelKey   = reserved + "model"  // the architecture as JSON
	maxModel   = 1 << 18             // bytes of it
	stateMark  = "/"                 // in the names of tensors that are not the model's: "optimizer/0/2.weight"
	fileFormat = "1"
)

// architecture is what a file says of a model.
type architecture struct {
	Inputs int         `json:"inputs"`
	Layers []LayerSpec `json:"layers"`
}

// Architecture is the model as JSON, as its file holds it: the number of inputs and the layers with all their settings. The
// error names a layer of one's own that is not [Described].
func (m *Model) Architecture() (string, error) {
	all, err := describeAll("", m.layers)
	if err != nil {
		return "", fmt.Errorf("nn: %w", err)
	}
	text, err := json.Marshal(architecture{m.inputs, all.Layers})
	if err == nil && len(text) > maxModel {
		err = fmt.Errorf("%d bytes: at most %d", len(text), maxModel)
	}
	if err == nil {
		_, err = layersOf(string(text), m.own(all.Layers))
	}
	if err != nil {
		return "", fmt.Errorf("nn: the architecture as JSON: %w", err)
	}
	return string(text), nil
}

// own stands for the kinds of one's own among the layers, so that Architecture can see whether the rest can be read again.
func (m *Model) own(specs []LayerSpec) (own []LayerKind) {
	known := layerKinds()
	var walk func([]LayerSpec)
	walk = func(specs []LayerSpec) {
		for _, s := range specs {
			if _, ok := known[s.Kind]; !ok {
				own = append(own, LayerKind{s.Kind, func(LayerSpec) (Layer, error) { return nil, nil }})
			} else if s.Kind != "Embeddings" {
				walk(s.Layers)
			}
		}
	}
	walk(specs)
	return own
}

// Save writes the model to one file from which [Load] makes it again: architecture, parameters, running statistics, and
// what meta says, the names of classes or a scaler's numbers, say. The file is in the safetensors format, which others read
// too, with a checksum; it is written whole, or not at all: then what was there before stays.
func (m *Model) Save(path string, meta map[string]string) error {
	text, err := m.Architecture()
	if err != nil {
		return err
	}
	all, err := withReserved(meta, map[string]string{formatKey: fileFormat, modelKey: text})
	if err != nil {
		return err
	}
	return m.save(path, slices.Concat(m.parameters("", m.w), m.statistics()), all)
}

// SaveWeights is Save without the architecture, for models with layers that are not [Described]: [Model.LoadWeights] reads
// the file into a model that was built as this one.
func (m *Model) SaveWeights(path string, meta map[string]string) error {
	all, err := withReserved(meta, map[string]string{formatKey: fileFormat})
	if err != nil {
		return err
	}
	return m.save(path, slices.Concat(m.parameters("", m.w), m.statistics()), all)
}

func (m *Model) save(path string, slots []slot, meta map[string]string, more ...safetensors.Tensor) error {
	if err := safetensors.Save(path, append(m.tensors(slots, false), more...), meta); err != nil {
		return fmt.Errorf("nn: %w", err)
	}
	return nil
}

// withReserved adds gloss' own entries to a user's metadata.
func withReserved(meta, own map[string]string) (map[string]string, error) {
	all := maps.Clone(own)
	for k, v := range meta {
		if strings.HasPrefix(k, reserved) {
			return nil, fmt.Errorf("nn: metadata %q: names that begin with %q are gloss' own", k, reserved)
		}
		all[k] = v
	}
	return all, nil
}

// users is a file's metadata without gloss' own.
func users(f *safetensors.File) map[string]string {
	meta := f.MetaAll()
	maps.DeleteFunc(meta, func(k, _ string) bool { return strings.HasPrefix(k, reserved) })
	return meta
}

// openFile opens a file, and compares what gloss has written with its checksum.
func openFile(path string) (*safetensors.File, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	if err := verify(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func verify(f *safetensors.File) error {
	for k := range f.MetaAll() {
		if strings.HasPrefix(k, reserved) {
			return f.Verify()
		}
	}
	if f.Checked() {
		return f.Verify()
	}
	return nil
}

// Load makes the model of a file that Save wrote, or a checkpoint of package train, and returns it with the metadata of its
// user. Nothing that is in a file can run: layers of one's own are made by the kinds that the caller gives. Shapes are
// compared before memory is taken on the device.
func Load(dev backend.Backend, path string, own ...LayerKind) (*Model, map[string]string, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("nn: %w", err)
	}
	defer f.Close()
	return loaded(dev, f, own)
}

// LoadBytes is Load of a file's bytes, as go:embed puts them into a program.
func LoadBytes(dev backend.Backend, file []byte, own ...LayerKind) (*Model, map[string]string, error) {
	f, err := safetensors.Read(bytes.NewReader(file), int64(len(file)), "model")
	if err == nil {
		err = verify(f)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("nn: %w", err)
	}
	return loaded(dev, f, own)
}

func loaded(dev backend.Backend, f *safetensors.File, own []LayerKind) (*Model, map[string]string, error) {
	m, err := build(dev, f, own)
	if err != nil {
		return nil, nil, fmt.Errorf("nn: %w", err)
	}
	return m, users(f), nil
}

func build(dev backend.Backend, f *safetensors.File, own []LayerKind) (*Model, error) {
	if dev == nil {
		return nil, errors.New("no device")
	}
	text, ok := f.Meta(modelKey)
	if !ok {
		return nil, fmt.Errorf("%s: no architecture in it: build the model with nn.New, then LoadWeights or LoadTorch", f.Name())
	}
	a, err := layersOf(text, own)
	if err != nil {
		return nil, fmt.Errorf("%s: architecture: %w", f.Name(), err)
	}
	m, err := define(dev, a.inputs, a.layers)
	if err != nil {
		return nil, fmt.Errorf("%s: architecture: %w", f.Name(), err)
	}
	if err := checkAll(f, slices.Concat(m.parameters("", nil), m.statistics())); err != nil {
		return nil, err
	}
	if err := m.allocate(); err != nil {
		return nil, err
	}
	if err := m.load(f, slices.Concat(m.parameters("", m.w), m.statistics())); err != nil {
		m.Release()
		return nil, err
	}
	return m, nil
}

type built struct {
	inputs int
	layers []Layer
}

func layersOf(text string, own []LayerKind) (built, error) {
	var a architecture
	if len(text) > maxModel {
		return built{}, fmt.Errorf("%d bytes: at most %d", len(text), maxModel)
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return built{}, err
	}
	m := maker{kinds: layerKinds(), own: own}
	layers, err := m.all(a.Layers)
	return built{a.Inputs, layers}, err
}

// Loaded is what became of a file's tensors and a model's.
type Loaded struct {
	Loaded     []string // of the model: its numbers are the file's now
	Missing    []string // of the model, wanted, and not in the file
	Unexpected []string // in the file, and not of the model
}

// Strict is an error that names what is missing or unexpected, if anything is.
func (l Loaded) Strict() error {
	if len(l.Missing)+len(l.Unexpected) == 0 {
		return nil
	}
	return fmt.Errorf("nn: missing from the file: %q; in it and not in the model: %q", l.Missing, l.Unexpected)
}

// LoadWeights replaces the parameters and running statistics that pick wants, all where pick is nil, by those of the same
// names in a file that gloss wrote: for fine-tuning, all but the last layer's. Another shape is an error that names both,
// and so is a file with none of them; then nothing has changed. [Group] with rate 0 freezes what was loaded.
func (m *Model) LoadWeights(path string, pick func(name string) bool) (Loaded, error) {
	return m.loadAs(path, slices.Concat(m.parameters("", m.w), m.statistics()), pick)
}

func (m *Model) loadAs(path string, slots []slot, pick func(name string) bool) (l Loaded, err error) {
	f, err := openFile(path)
	if err != nil {
		return l, fmt.Errorf("nn: %w", err)
	}
	defer f.Close()
	known := map[string]bool{}
	var found []slot
	for _, t := range slots {
		known[t.name] = true
		info, ok := f.Lookup(t.name)
		switch {
		case pick != nil && !pick(t.name):
		case !ok:
			l.Missing = append(l.Missing, t.name)
		default:
			if err := t.check(f, &info); err != nil {
				return Loaded{}, fmt.Errorf("nn: %w", err)
			}
			found = append(found, t)
			l.Loaded = append(l.Loaded, t.name)
		}
	}
	for _, t := range f.Tensors() {
		if !known[t.Name] && !strings.Contains(t.Name, stateMark) && !strings.HasSuffix(t.Name, batchesSeen) {
			l.Unexpected = append(l.Unexpected, t.Name)
		}
	}
	if len(found) == 0 {
		return l, fmt.Errorf("nn: %s: none of the tensors %q is in it; it has %q", path, l.Missing, l.Unexpected)
	}
	if err := m.load(f, found); err != nil {
		return Loaded{}, fmt.Errorf("nn: %w", err)
	}
	return l, nil
}
