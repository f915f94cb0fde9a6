package bench

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxSide  = 1 << 20 // of a matrix: what a mistyped size goes past
	maxElems = 1 << 28 // of a matrix: 1 GiB
)

// Parse returns the workload of that name:
//
//	gemm/{nn,nt,tn}/MxNxK                 a product; t marks a transposed operand
//	each/adam/N                           an Adam step over N parameters; K and M stand for thousands and millions
//	train/NET/bBATCH/OPT[/LOSS][/logged]  a training step; LOSS is xent if left out; logged where its loss is read before the next step
//	sweep/NET/bBATCH/OPT[/LOSS]/xN        sixteen of N networks at once
func Parse(name string) (Workload, error) {
	w, err := parse(strings.Split(name, "/"))
	if err != nil {
		return nil, fmt.Errorf("workload %q: %w", name, err)
	}
	return w, nil
}

func parse(part []string) (Workload, error) {
	switch {
	case part[0] == "gemm" && len(part) == 3:
		return ParseGemm(part[1], part[2])
	case part[0] == "each" && len(part) == 3 && part[1] == "adam":
		n, err := parseCount(part[2])
		return EachAdam{N: n}, err
	case part[0] == "sweep" && len(part) > 1:
		n, ok := strings.CutPrefix(part[len(part)-1], "x")
		models, err := strconv.Atoi(n)
		if !ok || err != nil {
			return nil, fmt.Errorf("models %q: want x and a number, as in x1000", part[len(part)-1])
		}
		t, err := parse(append([]string{"train"}, part[1:len(part)-1]...))
		if err != nil {
			return nil, err
		}
		return NewSweep(t.(Train), models)
	case part[0] == "train" && len(part) > 4 && part[len(part)-1] == "logged":
		t, err := parseTrain(part[1 : len(part)-1])
		t.Logged = true
		return t, err
	case part[0] == "train":
		return parseTrain(part[1:])
	}
	return nil, errNames
}

var errNames = errors.New("want gemm/nn/MxNxK, each/adam/N, train/NET/bBATCH/OPT or sweep/NET/bBATCH/OPT/xN")

// parseTrain reads NET/bBATCH/OPT[/LOSS].
func parseTrain(part []string) (Train, error) {
	if len(part) != 3 && len(part) != 4 {
		return Train{}, errNames
	}
	digits, ok := strings.CutPrefix(part[1], "b")
	batch, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return Train{}, fmt.Errorf("batch %q: want b and a number, as in b32", part[1])
	}
	loss := "xent"
	if len(part) == 4 {
		loss = part[3]
	}
	return NewTrain(part[0], batch, part[2], loss)
}

// ParseGemm reads a product: form is nn, nt or tn, size is "MxNxK" for an M×K matrix times a K×N one.
func ParseGemm(form, size string) (Gemm, error) {
	if form != "nn" && form != "nt" && form != "tn" {
		return Gemm{}, fmt.Errorf("form %q of a product: want nn, nt or tn", form)
	}
	parts := strings.Split(size, "x")
	if len(parts) != 3 {
		return Gemm{}, fmt.Errorf("size %q of a product: want MxNxK, three numbers as in 512x512x512", size)
	}
	var n [3]int
	for i, s := range parts {
		var err error
		if n[i], err = parseSide(s); err != nil {
			return Gemm{}, fmt.Errorf("size %q of a product, %c: %w", size, "MNK"[i], err)
		}
	}
	g := Gemm{Form: form, M: n[0], N: n[1], K: n[2]}
	for _, m := range [][2]int{{g.M, g.K}, {g.K, g.N}, {g.M, g.N}} {
		if err := checkElems(m[0], m[1]); err != nil {
			return Gemm{}, fmt.Errorf("size %q of a product: %w", size, err)
		}
	}
	return g, nil
}

// parseSide reads a positive number of rows or columns.
func parseSide(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 63)
	switch {
	case s == "":
		return 0, fmt.Errorf("a number is missing")
	case err != nil && !isDigits(s):
		return 0, fmt.Errorf("%q is no number", s)
	case err != nil || n > maxSide:
		return 0, fmt.Errorf("%s is more than %d", s, maxSide)
	case n == 0:
		return 0, fmt.Errorf("at least 1 is needed, not 0")
	}
	return int(n), nil
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func checkElems(rows, cols int) error {
	if rows > maxElems/cols {
		return fmt.Errorf("a matrix of %d×%d is more than %d elements (1 GiB)", rows, cols, maxElems)
	}
	return nil
}

// parseCount reads a number of elements with K or M for thousands or millions.
func parseCount(s string) (int, error) {
	digits, unit := s, 1
	if d, ok := strings.CutSuffix(s, "M"); ok {
		digits, unit = d, 1_000_000
	} else if d, ok := strings.CutSuffix(s, "K"); ok {
		digits, unit = d, 1_000
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || n == 0 || int(n) > maxElems/unit {
		return 0, fmt.Errorf("%q elements: want a number from 1 to %d, as in 100K or 1M", s, maxElems)
	}
	return int(n) * unit, nil
}

// A Net is the widths of a multilayer perceptron, inputs first.
type Net []int

// ParseNet reads "784-128-10": 784 inputs, a hidden layer of 128, 10 outputs.
func ParseNet(s string) (Net, error) {
	var net Net
	for i, part := range strings.Split(s, "-") {
		n, err := parseSide(part)
		if err != nil {
			return nil, fmt.Errorf("network %q, width %d: %w", s, i+1, err)
		}
		net = append(net, n)
	}
	if len(net) < 2 {
		return nil, fmt.Errorf("network %q: want at least inputs and outputs, as in 784-128-10", s)
	}
	params := 0
	for i, in := range net[:len(net)-1] {
		if err := checkElems(in+1, net[i+1]); err != nil {
			return nil, fmt.Errorf("network %q, layer %d: %w", s, i+1, err)
		}
		if params += (in + 1) * net[i+1]; params > maxElems {
			return nil, fmt.Errorf("network %q: more than %d parameters", s, maxElems)
		}
	}
	return net, nil
}

func (n Net) String() string {
	parts := make([]string, len(n))
	for i, w := range n {
		parts[i] = strconv.Itoa(w)
	}
	return strings.Join(parts, "-")
}
