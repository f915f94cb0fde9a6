package nn

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/internal/safetensors"
)

// Extra is what a training keeps beside its model and optimizer: strings, and rows of numbers, by name.
type Extra struct {
	Strings map[string]string
	Numbers map[string][]float32
}

const extraMark = "extra" + stateMark

// slots are everything of the model and the state that a step changes.
func (s *State) all() (slots []slot) {
	slots = slices.Concat(s.model.parameters("", s.model.w), s.model.statistics())
	for i, buf := range s.slots {
		slots = append(slots, s.model.parameters(fmt.Sprintf("optimizer%s%d%s", stateMark, i, stateMark), buf)...)
	}
	if s.averaged != nil {
		slots = append(slots, s.model.parameters("average"+stateMark, s.averaged)...)
	}
	return slots
}

// Save writes the model, the optimizer's vectors, the average of the weights and extra to one file, to the last bit, so that
// [State.Load] and a training that goes on from there end in the same numbers as one that was never stopped. What is a
// function of the step, as schedules and random masks are, needs the step's number and nothing else. The file is written
// whole or not at all, and is a model file too: [Load] and [Model.LoadWeights] read it, if the model can be described.
func (s *State) Save(path string, extra Extra) error {
	meta := map[string]string{formatKey: fileFormat}
	if text, err := s.model.Architecture(); err == nil {
		meta[modelKey] = text
	}
	meta, err := withReserved(extra.Strings, meta)
	if err != nil {
		return err
	}
	tensors := s.model.tensors(s.all(), true)
	for _, name := range slices.Sorted(maps.Keys(extra.Numbers)) {
		x := extra.Numbers[name]
		tensors = append(tensors, safetensors.Tensor{Name: extraMark + name, Shape: []int{len(x)}, Data: x})
	}
	if err := safetensors.Save(path, tensors, meta); err != nil {
		return fmt.Errorf("nn: %w", err)
	}
	return nil
}

// Load puts the model and the state to where Save had them, and returns the extras. Nothing has changed where it returns an
// error: the file is damaged, or made for another model or another optimizer, whose tensors it names.
func (s *State) Load(path string) (Extra, error) {
	f, err := openFile(path)
	if err != nil {
		return Extra{}, fmt.Errorf("nn: %w", err)
	}
	defer f.Close()
	extra, err := s.load(f)
	if err != nil {
		return Extra{}, fmt.Errorf("nn: %w", err)
	}
	return extra, nil
}

func (s *State) load(f *safetensors.File) (Extra, error) {
	extra := Extra{Strings: users(f), Numbers: map[string][]float32{}}
	slots := s.all()
	known := map[string]bool{}
	for _, t := range slots {
		known[t.name] = true
	}
	for _, t := range f.Tensors() {
		name, ours := strings.CutPrefix(t.Name, extraMark)
		switch {
		case ours && t.DType == safetensors.F32:
			x := make([]float32, t.Elements())
			if err := f.Float32s(t.Name, x); err != nil {
				return Extra{}, err
			}
			extra.Numbers[name] = x
		case !known[t.Name]:
			return Extra{}, fmt.Errorf("%s: tensor %q belongs to another model or optimizer than %s", f.Name(), t.Name, s.opt)
		}
	}
	if err := checkAll(f, slots); err != nil {
		return Extra{}, err
	}
	return extra, s.model.load(f, slots)
}

// ReadExtra is the strings of a file that State.Save wrote, whose checksum holds: to see what it is before it is loaded.
func ReadExtra(path string) (map[string]string, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("nn: %w", err)
	}
	defer f.Close()
	return users(f), nil
}

// Settings says how a state updates the model: the optimizer with its settings, and the options. Two states with the same
// settings make the same of the same gradients.
func (s *State) Settings() map[string]string {
	set := map[string]string{"optimizer": settings(s.opt)}
	for name, x := range map[string]float64{"clip norm": s.clipNorm, "clip value": s.clipValue, "L1": s.l1, "max norm": s.maxNorm} {
		set[name] = fmt.Sprint(x)
	}
	set["groups"] = fmt.Sprint(s.stretches)
	set["average"] = fmt.Sprint(s.average)
	return set
}
