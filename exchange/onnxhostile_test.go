package exchange_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/exchange"
)

// Parts of a protocol buffer.
func buffer(id int, parts ...[]byte) []byte {
	whole := bytes.Join(parts, nil)
	return append(binary.AppendUvarint(binary.AppendUvarint(nil, uint64(id<<3|2)), uint64(len(whole))), whole...)
}
func text(id int, s string) []byte { return buffer(id, []byte(s)) }
func whole(id int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(id<<3)), v)
}
func attribute(name string, v uint64) []byte {
	return buffer(5, text(1, name), whole(3, v), whole(20, 2))
}

// step is a node of a chain, behind x and before x + 1.
func step(x int, op string, more ...[]byte) []byte {
	return buffer(1, append([][]byte{text(1, fmt.Sprint("x", x))}, append(more, text(2, fmt.Sprint("x", x+1)), text(4, op))...)...)
}

// zeros is a constant.
func zeros(name string, dims ...uint64) []byte {
	n, t := uint64(4), []byte(nil)
	for _, d := range dims {
		t, n = append(t, whole(1, d)...), n*d
	}
	return buffer(5, t, whole(2, 1), text(8, name), buffer(9, make([]byte, n)))
}

func file(parts ...[]byte) []byte {
	graph := append(bytes.Join(parts, nil), buffer(11, text(1, "x0"))...)
	return append(buffer(7, graph), buffer(8, whole(2, 17))...)
}

// TestReadONNXAgain: a file that names its weights again and again is no way to a model that takes all memory.
func TestReadONNXAgain(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	for _, nodes := range []int{10, 1000} {
		parts := [][]byte{zeros("w", 64, 64)}
		for i := range nodes {
			parts = append(parts, step(i, "MatMul", text(1, "w")))
		}
		m, _, err := exchange.ReadONNX(dev, file(parts...))
		if nodes == 10 && (err != nil || len(m.Layers()) != 10) || nodes == 1000 && (err == nil || !strings.Contains(err.Error(), "used over and over")) {
			t.Errorf("%d nodes: %v", nodes, err)
		}
	}
}

// TestReadONNXRefuses: what looks like a layer and is something else is told, not taken for it.
func TestReadONNXRefuses(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	product := step(0, "MatMul", text(1, "w"))
	for want, nodes := range map[string][]byte{
		"": bytes.Join([][]byte{product, step(1, "Add", text(1, "row"))}, nil),
		"node 1, Add: with a constant of shape [3 1], which says other things of other rows": bytes.Join([][]byte{product, step(1, "Add", text(1, "column"))}, nil),
		"node 1, Cast: this op is not known here where it makes whole numbers":               bytes.Join([][]byte{product, step(1, "Cast", attribute("to", 7))}, nil),
		"node 1, Flatten: along axis 0":                                                      bytes.Join([][]byte{product, step(1, "Flatten", attribute("axis", 0))}, nil),
		"node 1, Reshape: rows of 3 become [-1 9]":                                           bytes.Join([][]byte{product, step(1, "Reshape", text(1, "nine"))}, nil),
		"the output \"x1\" is not where the chain of layers ends":                            bytes.Join([][]byte{product, step(1, "Relu"), buffer(12, text(1, "x1"))}, nil),
	} {
		nine := buffer(5, whole(1, 2), whole(2, 7), text(8, "nine"), buffer(7, binary.AppendUvarint(nil, 1<<64-1), []byte{9}))
		_, _, err := exchange.ReadONNX(dev, file(zeros("w", 3, 3), zeros("row", 1, 3), zeros("column", 3, 1), nine, nodes))
		if (err == nil) != (want == "") || err != nil && err.Error() != "exchange: onnx: "+want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	labels := file(zeros("w", 3, 3), product, step(1, "Sigmoid"))
	if _, _, err := exchange.ReadONNX(dev, labels); err != nil {
		t.Error(err)
	}
	if _, _, _, err := exchange.ReadONNXTable(dev, labels, exchange.TableNames{}); !errors.Is(err, exchange.ErrNoTable) {
		t.Error(err)
	}
}
