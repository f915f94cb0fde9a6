package exchange

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// graph is what is read of an ONNX file.
type graph struct {
	nodes   []node
	numbers map[string]*numbers // constants
	input   string              // the first that is none of them
	outputs []string
	opset   int64
	meta    map[string]string
	left    int // numbers that may still be copied
	uses    map[string]int
}

type node struct {
	op      string
	in, out []string
	ints    map[string][]int64
	floats  map[string][]float64
	texts   map[string][]string
}

// numbers are a constant tensor. One of texts has no numbers.
type numbers struct {
	dims  []int
	v     []float32
	texts []string
}

// parse reads the parts of a file that a chain of layers is made of.
func parse(file []byte) (*graph, error) {
	g := &graph{numbers: map[string]*numbers{}, meta: map[string]string{}, left: len(file)/2 + 1<<16} // each twice, of four bytes
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
		case f.id == 14 && f.wire == 2:
			var entry [3]string // key and value are fields 1 and 2
			err := fields(f.bytes, func(f field) error {
				if f.id <= 2 {
					entry[f.id] = string(f.bytes)
				}
				return nil
			})
			g.meta[entry[1]] = entry[2]
			return err
		}
		return nil
	})
	if err == nil {
		err = g.fold()
	}
	g.uses = map[string]int{}
	for _, n := range g.nodes {
		for _, in := range n.in {
			g.uses[in]++
		}
	}
	maps.DeleteFunc(g.numbers, func(name string, _ *numbers) bool { return g.uses[name] == 0 })
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
			} else if f.id == 12 {
				g.outputs = append(g.outputs, name)
			}
			return err
		}
		return nil
	})
}

func (g *graph) node(m []byte) error {
	n := node{ints: map[string][]int64{}, floats: map[string][]float64{}, texts: map[string][]string{}}
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
	if n.op == "Constant" && constant != nil {
		g.numbers[n.out[0]] = constant
	} else {
		g.nodes = append(g.nodes, n)
	}
	return nil
}

// fold takes out the nodes that make constants of constants. Those may come behind the nodes in a file.
func (g *graph) fold() (err error) {
	g.nodes = slices.DeleteFunc(g.nodes, func(n node) bool {
		c := g.folded(&n)
		if c != nil && n.op == "Transpose" && err == nil {
			err = g.take(len(c.v))
		}
		if c != nil && err == nil {
			g.numbers[n.out[0]] = c
		}
		return c != nil
	})
	return err
}

// done lets a constant go after its last use: a model's numbers are not to lie about several times.
func (g *graph) done(name string) {
	if g.uses[name]--; g.uses[name] == 0 {
		delete(g.numbers, name)
	}
}

// take counts numbers that are copied: a small file could name the same ones again and again.
func (g *graph) take(n int) error {
	if g.left -= n; g.left < 0 {
		return errors.New("its constants are used over and over: the model would be far larger than its file")
	}
	return nil
}

// folded is what a node makes of a constant, where exporters leave that to whoever reads; nil for any other node.
func (g *graph) folded(n *node) *numbers {
	if len(n.in) != 1 || g.numbers[n.in[0]] == nil {
		return nil
	}
	of := g.numbers[n.in[0]]
	switch n.op {
	case "Identity", "Cast":
		return of
	case "Transpose":
		if perm := n.ints["perm"]; len(of.dims) == 2 && (perm == nil || slices.Equal(perm, []int64{1, 0})) {
			to := &numbers{dims: []int{of.dims[1], of.dims[0]}, v: make([]float32, len(of.v))}
			for i, v := range of.v {
				to.v[i%of.dims[1]*of.dims[0]+i/of.dims[1]] = v
			}
			return to
		}
	}
	return nil
}

// attribute keeps numbers and texts by name, and gives a tensor.
func (n *node) attribute(m []byte) (constant *numbers, err error) {
	name := ""
	var ints []int64
	var floats []float64
	var texts []string
	float := func(bits uint32) { floats = append(floats, float64(math.Float32frombits(bits))) }
	err = fields(m, func(f field) (err error) {
		switch f.id {
		case 1:
			name = string(f.bytes)
		case 2:
			float(uint32(f.value))
		case 3:
			ints = append(ints, int64(f.value))
		case 4, 9:
			texts = append(texts, string(f.bytes))
		case 5:
			_, constant, err = tensorOf(f.bytes)
		case 7:
			if f.wire == 5 {
				float(uint32(f.value))
			}
			for b := f.bytes; len(b) >= 4; b = b[4:] {
				float(binary.LittleEndian.Uint32(b))
			}
		case 8:
			ints, err = f.varints(ints)
		}
		return err
	})
	n.ints[name], n.floats[name], n.texts[name] = ints, floats, texts
	return constant, err
}

// float is an attribute, or what it is without.
func (n *node) float(name string, without float64) float64 {
	return first(n.floats, name, without)
}

func (n *node) int(name string, without int64) int64 {
	return first(n.ints, name, without)
}

// first is an attribute's first value. One that is there without a value is 0: that is how some write it.
func first[T any](of map[string][]T, name string, without T) T {
	v, ok := of[name]
	if !ok {
		return without
	}
	var zero T
	return append(v, zero)[0]
}

// The types of tensors that are read.
const (
	typeFloat  = 1
	typeInt32  = 6
	typeInt64  = 7
	typeString = 8
	typeDouble = 11
)

// floatTypes are those, and those of half the width or less: what casts between them keeps what a number is.
var floatTypes = []int64{typeFloat, 10, typeDouble, 16}

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
		case 5, 7:
			whole, err = f.varints(whole)
		case 6:
			t.texts = append(t.texts, string(f.bytes))
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
	size := map[int64]int{typeFloat: 4, typeDouble: 8, typeInt32: 4, typeInt64: 8}[kind]
	switch {
	case size == 0:
		return name, t, nil // of no use for layers; whoever wants numbers of it finds none
	case (kind == typeInt64 || kind == typeInt32) && raw == nil:
		for _, v := range whole {
			t.v = append(t.v, float32(v))
		}
	default:
		if len(raw) != n*size {
			return "", nil, fmt.Errorf("tensor %q has %d bytes, %v numbers of %d want %d", name, len(raw), dims, size, n*size)
		}
		t.v = make([]float32, 0, n)
		for i := range n {
			switch kind {
			case typeFloat:
				t.v = append(t.v, math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
			case typeDouble:
				t.v = append(t.v, float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))))
			case typeInt32:
				t.v = append(t.v, float32(int32(binary.LittleEndian.Uint32(raw[4*i:]))))
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
