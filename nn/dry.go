package nn

import "github.com/gloss-ml/gloss/backend"

// nowhere is a device without memory: what is built on it takes nothing and computes nothing, and tells what it would
// take elsewhere.
type nowhere struct{ backend.Common }

func (*nowhere) Info() backend.Info { return backend.Info{Device: "nowhere"} }

func (d *nowhere) Alloc(kind backend.Kind, n int) (*backend.Buffer, error) {
	return backend.NewBuffer(d, kind, n, nil, func() {}), nil
}

func (*nowhere) Write(*backend.Buffer, int, []byte)      {}
func (*nowhere) Read([]byte, *backend.Buffer, int) error { return nil }
func (*nowhere) Do(backend.Call, backend.At)             {}
func (*nowhere) Sync() error                             { return nil }
func (d *nowhere) Close() error                          { d.Shut(); return nil }

// dry is the model on a device without memory: its plans have the calls and the buffers of the model's own.
func (m *Model) dry() *Model {
	d := &Model{
		dev: new(nowhere), inputs: m.inputs, layers: m.layers, root: m.root, params: m.params, size: m.size, decayed: m.decayed,
		widest: m.widest, codes: m.codes, stats: m.stats, streams: m.streams,
	}
	d.w = d.nothing(backend.F32, m.size)
	d.stats.buf = d.nothing(backend.F32, m.stats.size)
	return d
}

// nothing is a buffer of a dry model.
func (m *Model) nothing(kind backend.Kind, n int) *backend.Buffer {
	return backend.NewBuffer(m.dev, kind, n, nil, func() {})
}

// isDry saves the host tables as long as a batch.
func (m *Model) isDry() bool {
	_, is := m.dev.(*nowhere)
	return is
}
