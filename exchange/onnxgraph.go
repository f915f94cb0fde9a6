package exchange

import (
	"encoding/binary"
	"fmt"
	"math"
)

// graph is what is read of an ONNX file.
type graph struct {
	nodes   []node
	numbers map[string]*numbers // constants
	input   string              // the first that is none of them
	output  string
	opset   int64
}

type node struct {
	op      string
	in, out []string
	ints    map[string]int64
	floats  map[string]float64
}

// numbers are a constant tensor.
type numbers struct {
	dims []int
	v    []float32
}

// parse reads the parts of a file that a chain of layers is made of.
func parse(file []byte) (*graph, error) {
	g := &graph{numbers: map[string]*numbers{}}
	err := fields(file, func(f field) error {
		switch {
		case f.id == 7 && f.wire == 2:
			return g.read(f.bytes)
		case f.id == 8 && f.wire == 2:
			domain, version := "", int64(0)
			err := fields(f.bytes, func(f field) error {
				if f.id == 1 {
					domain = string(f.bytes)
				} else if f.id == 2 {
					version = int64(f.value)
				}
				return nil
			})
			if domain == "" || domain == "ai.onnx" {
				g.opset = version
			}
			return err
		}
		return nil
	})
	if err == nil && (len(g.nodes) == 0 || g.opset == 0) {
		err = fmt.Errorf("no graph of layers in it, or no version of the ops")
	}
	return g, err
}

func (g *graph) read(m []byte) error {
	return fields(m, func(f field) error {
		if f.wire != 2 {
			return nil
		}
		switch f.id {
		case 1:
			return g.node(f.bytes)
		case 5:
			name, n, err := tensorOf(f.bytes)
			if err == nil {
				g.numbers[name] = n
			}
			return err
		case 11, 12:
			name := ""
			err := fields(f.bytes, func(f field) error {
				if f.id == 1 {
					name = string(f.bytes)
				}
				return nil
			})
			// Old files list constants among the inputs; they come before these.
			if f.id == 11 && g.input == "" && g.numbers[name] == nil {
				g.input = name
			} else if f.id == 12 && g.output == "" {
				g.output = name
			}
			return err
		}
		return nil
	})
}

func (g *graph) node(m []byte) error {
	n := node{ints: map[string]int64{}, floats: map[string]float64{}}
	var constant *numbers
	err := fields(m, func(f field) error {
		switch {
		case f.wire != 2:
		case f.id == 1:
			n.in = append(n.in, string(f.bytes))
		case f.id == 2:
			n.out = append(n.out, string(f.bytes))
		case f.id == 4:
			n.op = string(f.bytes)
		case f.id == 5:
			c, err := n.attribute(f.bytes)
			if c != nil {
				constant = c
			}
			return err
		}
		return nil
	})
	if err != nil || len(n.out) == 0 {
		return err
	}
	switch {
	case n.op == "Constant" && constant != nil:
		g.numbers[n.out[0]] = constant
	case n.op == "Identity" && len(n.in) == 1 && g.numbers[n.in[0]] != nil:
		g.numbers[n.out[0]] = g.numbers[n.in[0]]
	default:
		g.nodes = append(g.nodes, n)
	}
	return nil
}

// attribute keeps numbers by name, and gives a tensor.
func (n *node) attribute(m []byte) (constant *numbers, err error) {
	name := ""
	var whole int64
	var real float64
	var ints []int64
	err = fields(m, func(f field) (err error) {
		switch f.id {
		case 1:
			name = string(f.bytes)
		case 2:
			real = float64(math.Float32frombits(uint32(f.value)))
		case 3:
			whole = int64(f.value)
		case 5:
			_, constant, err = tensorOf(f.bytes)
		case 8:
			ints, err = f.varints(ints)
		}
		return err
	})
	if len(ints) == 1 {
		whole = ints[0]
	}
	n.ints[name], n.floats[name] = whole, real
	return constant, err
}

// float is an attribute, or what it is without.
func (n *node) float(name string, without float64) float64 {
	if v, ok := n.floats[name]; ok {
		return v
	}
	return without
}

func (n *node) int(name string, without int64) int64 {
	if v, ok := n.ints[name]; ok {
		return v
	}
	return without
}

// The types of tensors that are read.
const (
	typeFloat  = 1
	typeInt64  = 7
	typeDouble = 11
)

// tensorOf reads floats; whole numbers, which are shapes and axes, become floats too.
func tensorOf(m []byte) (name string, t *numbers, err error) {
	t = &numbers{}
	var dims, whole []int64
	var kind int64
	var raw, packed, doubles []byte
	var external bool
	err = fields(m, func(f field) (err error) {
		switch f.id {
		case 1:
			dims, err = f.varints(dims)
		case 2:
			kind = int64(f.value)
		case 4:
			if f.wire == 5 {
				packed = binary.LittleEndian.AppendUint32(packed, uint32(f.value))
			} else {
				packed = append(packed, f.bytes...)
			}
		case 7:
			whole, err = f.varints(whole)
		case 8:
			name = string(f.bytes)
		case 9:
			raw = f.bytes
		case 10:
			doubles = append(doubles, f.bytes...)
		case 13, 14:
			external = true
		}
		return err
	})
	if err != nil {
		return "", nil, err
	}
	if external {
		return "", nil, fmt.Errorf("tensor %q lies in another file", name)
	}
	n := 1
	for _, d := range dims {
		if d < 0 || d > 1<<31 || d > 0 && n > (1<<31)/int(d) {
			return "", nil, fmt.Errorf("tensor %q has a shape of %v", name, dims)
		}
		t.dims = append(t.dims, int(d))
		n *= int(d)
	}
	if raw == nil {
		raw = packed
		if kind == typeDouble {
			raw = doubles
		}
	}
	size := map[int64]int{typeFloat: 4, typeDouble: 8, typeInt64: 8}[kind]
	switch {
	case size == 0:
		return name, t, nil // of no use for layers; whoever wants numbers of it finds none
	case kind == typeInt64 && raw == nil:
		for _, v := range whole {
			t.v = append(t.v, float32(v))
		}
	default:
		if len(raw) != n*size {
			return "", nil, fmt.Errorf("tensor %q has %d bytes, %v numbers of %d want %d", name, len(raw), dims, size, n*size)
		}
		for i := range n {
			switch kind {
			case typeFloat:
				t.v = append(t.v, math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
			case typeDouble:
				t.v = append(t.v, float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))))
			default:
				t.v = append(t.v, float32(int64(binary.LittleEndian.Uint64(raw[8*i:]))))
			}
		}
	}
	if len(t.v) != n {
		return "", nil, fmt.Errorf("tensor %q has %d numbers in a shape of %v", name, len(t.v), dims)
	}
	return name, t, nil
}
