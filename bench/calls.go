package bench

import "github.com/gloss-ml/gloss/backend"

// calls is a job that replays recorded calls.
type calls struct {
	dev     backend.Backend
	bufs    []*backend.Buffer
	program *backend.Program
}

// runSteps is how many replays a program takes in one Run.
const runSteps = 64

// newCalls takes the buffers over: they are released with the job, or at once where there is an error.
func newCalls(dev backend.Backend, bufs []*backend.Buffer, list ...backend.Call) (*calls, error) {
	c := &calls{dev: dev, bufs: bufs}
	var err error
	if c.program, err = backend.Record(dev, backend.Step{Calls: list, Steps: runSteps}); err != nil {
		c.Release()
		return nil, err
	}
	return c, nil
}

func (c *calls) Run(n int) error {
	for ; n > 0; n -= runSteps {
		c.program.Run(min(n, runSteps))
	}
	return nil
}

func (c *calls) Release() {
	c.program.Release()
	release(c.bufs)
}

// upload makes a buffer of each vector.
func upload(dev backend.Backend, vectors ...[]float32) ([]*backend.Buffer, error) {
	var bufs []*backend.Buffer
	for _, v := range vectors {
		buf, err := backend.Alloc(dev, backend.F32, len(v))
		if err != nil {
			release(bufs)
			return nil, err
		}
		backend.Write(dev, buf, 0, v)
		bufs = append(bufs, buf)
	}
	return bufs, nil
}

func release(bufs []*backend.Buffer) {
	for _, b := range bufs {
		b.Release()
	}
}
