package nn

import (
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/internal/safetensors"
)

// A place of the model's numbers in a file and on the device: a parameter, an optimizer's vector for it, or a row of
// running statistics.
type slot struct {
	name       string // in the file
	rows, cols int
	buf        *backend.Buffer
	off        int
	form       torchForm // how the file has it
}

func (t *slot) elements() int { return t.rows * t.cols }

// shape is that of the tensor in the file.
func (t *slot) shape() []int {
	switch {
	case t.form == torchTransposed:
		return []int{t.cols, t.rows}
	case t.form == torchVector:
		return []int{t.cols}
	}
	return []int{t.rows, t.cols}
}

// parameters are the slots of a buffer that is laid out as the parameters, called prefix and the parameter's name.
func (m *Model) parameters(prefix string, buf *backend.Buffer) (slots []slot) {
	for _, p := range m.params {
		slots = append(slots, slot{name: prefix + p.Name, rows: p.Rows, cols: p.Cols, buf: buf, off: p.off})
	}
	return slots
}

func (m *Model) statistics() (slots []slot) {
	for _, s := range m.stats.all {
		slots = append(slots, slot{name: s.name, rows: 1, cols: s.n, buf: m.stats.buf, off: s.off, form: torchVector})
	}
	return slots
}

// tensors are the slots as they are written: read from the device part by part while the file grows, so that no copy of all
// is made; to the last bit where exact is wanted.
func (m *Model) tensors(slots []slot, exact bool) (tensors []safetensors.Tensor) {
	wide, ok := backend.Unwrap(m.dev).(backend.Wide)
	for _, t := range slots {
		out := safetensors.Tensor{Name: t.name, Shape: t.shape()}
		switch {
		case ok && exact:
			out.Data = safetensors.Source[float64](func(dst []float64, first int) error { return wide.ReadWide(dst, t.buf, t.off+first) })
		case t.form == torchTransposed:
			out.Data = safetensors.Source[float32](m.transposing(t))
		default:
			out.Data = safetensors.Source[float32](func(dst []float32, first int) error { return backend.Read(m.dev, dst, t.buf, t.off+first) })
		}
		tensors = append(tensors, out)
	}
	return tensors
}

// transposing reads a matrix whole when its first part is wanted.
func (m *Model) transposing(t slot) func(dst []float32, first int) error {
	var all []float32
	return func(dst []float32, first int) error {
		if all == nil {
			x := make([]float32, t.elements())
			if err := backend.Read(m.dev, x, t.buf, t.off); err != nil {
				return err
			}
			all = transposed(x, t.rows, t.cols)
		}
		if first+copy(dst, all[first:]) == len(all) {
			all = nil
		}
		return nil
	}
}

// byBuffer are slots by their buffer: each is one transfer.
func byBuffer(slots []slot) (groups [][]slot) {
	for len(slots) > 0 {
		n := slices.IndexFunc(slots, func(t slot) bool { return t.buf != slots[0].buf })
		if n < 0 {
			n = len(slots)
		}
		groups, slots = append(groups, slots[:n]), slots[n:]
	}
	return groups
}

// transposed is a rows×cols matrix the other way round.
func transposed[T any](x []T, rows, cols int) []T {
	out := make([]T, len(x))
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = x[i*cols+j]
		}
	}
	return out
}

// check wants a file's tensor of a slot to have its shape.
func (t *slot) check(f *safetensors.File, info *safetensors.Info) error {
	want := t.shape()
	if !slices.EqualFunc(info.Shape, want, func(a int64, b int) bool { return a == int64(b) }) {
		return fmt.Errorf("%s: tensor %q has the shape %v, the model's is %v", f.Name(), t.name, info.Shape, want)
	}
	if info.DType != safetensors.F32 && info.DType != safetensors.F64 {
		return fmt.Errorf("%s: tensor %q is of %s, the model's of F32", f.Name(), t.name, info.DType)
	}
	return nil
}

// checkAll wants every slot's tensor to be in the file.
func checkAll(f *safetensors.File, slots []slot) error {
	for i := range slots {
		info, ok := f.Lookup(slots[i].name)
		if !ok {
			return fmt.Errorf("%s: no tensor %q, which the model has with shape %v", f.Name(), slots[i].name, slots[i].shape())
		}
		if err := slots[i].check(f, &info); err != nil {
			return err
		}
	}
	return nil
}

// load reads the slots' tensors, which have been checked, into host memory and hands it to write, buffer by buffer: nothing
// on the device has changed when one cannot be read.
func (m *Model) load(f *safetensors.File, slots []slot) error {
	var writes []func()
	wide, ok := backend.Unwrap(m.dev).(backend.Wide)
	for _, group := range byBuffer(slots) {
		buf := group[0].buf
		var err error
		if ok {
			all := make([]float64, buf.Len())
			writes = append(writes, func() { wide.WriteWide(buf, 0, all) })
			if err = wide.ReadWide(all, buf, 0); err == nil {
				err = fillAll(group, all, f.Float64s)
			}
		} else {
			all := make([]float32, buf.Len())
			writes = append(writes, func() { backend.Write(m.dev, buf, 0, all) })
			if err = backend.Read(m.dev, all, buf, 0); err == nil {
				err = fillAll(group, all, f.Float32s)
			}
		}
		if err != nil {
			return err
		}
	}
	for _, write := range writes {
		write()
	}
	return nil
}

func fillAll[T float32 | float64](slots []slot, all []T, read func(string, []T) error) error {
	for i := range slots {
		t := &slots[i]
		x := all[t.off : t.off+t.elements()]
		if err := read(t.name, x); err != nil {
			return err
		}
		if t.form == torchTransposed {
			copy(x, transposed(x, t.cols, t.rows))
		}
	}
	return nil
}
