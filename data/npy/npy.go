// Package npy reads and writes numpy's files: one array (.npy), or several by name (.npz).
//
//	x, err := npy.ReadFile("x.npy")
//	set, err := data.FromFloats(dev, x.Float32(), x.Shape[1], data.Labels(labels))
//
// The format is numpy's own (numpy/lib/format.py, versions 1 to 3): numbers of every width in either byte order, in rows or, as Fortran has
// them, in columns, which are turned into rows. Arrays of objects, texts and records are errors.
package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/internal/atomicfile"
)

// An Array is numbers in rows: the last index moves fastest.
type Array struct {
	Shape []int  // empty for a single number
	Type  string // numpy's: "f4", "f8", "i8", "u1", "b1"; the kind and the bytes of a number

	raw   []byte
	order binary.ByteOrder
}

// Len is the number of numbers.
func (a *Array) Len() int { return len(a.raw) / a.size() }

func (a *Array) size() int { return int(a.Type[1] - '0') }

const magic = "\x93NUMPY"

// maxHeader bounds what describes an array: numpy's own limit is 10,000 characters.
const maxHeader = 1 << 16

var (
	descr   = regexp.MustCompile(`'descr'\s*:\s*'([<>|=])([a-zA-Z])(\d+)'`)
	other   = regexp.MustCompile(`'descr'\s*:\s*('[^']*'|\[)`)
	fortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	shape   = regexp.MustCompile(`'shape'\s*:\s*\(([\d\s,L]*)\)`)
)

// Read reads an array. Memory is taken as the file has the bytes for it, whatever its header says.
func Read(r io.Reader) (*Array, error) {
	a, columns, n, err := header(r)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	var raw bytes.Buffer
	got, err := io.CopyN(&raw, r, n)
	if err == io.EOF {
		err = fmt.Errorf("%d bytes of numbers, %d are to be there for %v of %s: %w", got, n, a.Shape, a.Type, io.ErrUnexpectedEOF)
	}
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	if a.raw = raw.Bytes(); columns && len(a.Shape) > 1 {
		a.raw = inRows(a.raw, a.Shape, a.size())
	}
	return a, nil
}

// header reads what describes the array, and says how many bytes of numbers follow.
func header(r io.Reader) (a *Array, columns bool, n int64, err error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || string(start[:6]) != magic {
		return nil, false, 0, errors.New("this is no file of numpy's: it does not begin as one")
	}
	size := make([]byte, 2)
	if start[6] > 1 {
		size = make([]byte, 4)
	}
	if start[6] < 1 || start[6] > 3 {
		return nil, false, 0, fmt.Errorf("version %d of the format; 1 to 3 are known", start[6])
	}
	if _, err := io.ReadFull(r, size); err != nil {
		return nil, false, 0, fmt.Errorf("the header: %w", io.ErrUnexpectedEOF)
	}
	length := uint64(binary.LittleEndian.Uint16(size))
	if len(size) == 4 {
		length = uint64(binary.LittleEndian.Uint32(size))
	}
	if length > maxHeader {
		return nil, false, 0, fmt.Errorf("a header of %d bytes; %d is the most", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, false, 0, fmt.Errorf("the header: %w", io.ErrUnexpectedEOF)
	}
	return parse(string(text))
}

func parse(text string) (a *Array, columns bool, n int64, err error) {
	d, f, s := descr.FindStringSubmatch(text), fortran.FindStringSubmatch(text), shape.FindStringSubmatch(text)
	if d == nil {
		if o := other.FindStringSubmatch(text); o != nil {
			return nil, false, 0, fmt.Errorf("an array of %s: numbers can be read, no objects, texts or records", o[1])
		}
	}
	if d == nil || f == nil || s == nil {
		return nil, false, 0, fmt.Errorf("the header %.100q says no type, order and shape", text)
	}
	a = &Array{Type: d[2] + d[3], order: binary.LittleEndian}
	if d[1] == ">" {
		a.order = binary.BigEndian
	}
	if !strings.Contains(" f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1 ", " "+a.Type+" ") {
		return nil, false, 0, fmt.Errorf("an array of %s: f4, f8, i1 to i8, u1 to u8 and b1 can be read", a.Type)
	}
	n = int64(a.size())
	for field := range strings.SplitSeq(s[1], ",") {
		if field = strings.TrimSuffix(strings.TrimSpace(field), "L"); field == "" {
			continue
		}
		k, err := strconv.ParseInt(field, 10, 64)
		if err != nil || k > 0 && n > math.MaxInt64/8/k {
			return nil, false, 0, fmt.Errorf("a shape of (%s)", s[1])
		}
		a.Shape = append(a.Shape, int(k))
		n *= k
	}
	return a, f[1] == "True", n, nil
}

// inRows turns an array that lies column by column.
func inRows(raw []byte, shape []int, size int) []byte {
	out := make([]byte, len(raw))
	at := make([]int, len(shape))
	for i := 0; i < len(raw); i += size {
		place := 0
		for d := range shape {
			place = place*shape[d] + at[d]
		}
		copy(out[place*size:][:size], raw[i:])
		for d := range at { // the first index moves fastest
			if at[d]++; at[d] < shape[d] {
				break
			}
			at[d] = 0
		}
	}
	return out
}

// float is number i.
func (a *Array) float(i int) float64 {
	p := a.raw[i*a.size():]
	switch a.Type {
	case "f4":
		return float64(math.Float32frombits(a.order.Uint32(p)))
	case "f8":
		return math.Float64frombits(a.order.Uint64(p))
	case "u1", "b1":
		return float64(p[0])
	case "u2":
		return float64(a.order.Uint16(p))
	case "u4":
		return float64(a.order.Uint32(p))
	case "u8":
		return float64(a.order.Uint64(p))
	case "i1":
		return float64(int8(p[0]))
	case "i2":
		return float64(int16(a.order.Uint16(p)))
	case "i4":
		return float64(int32(a.order.Uint32(p)))
	}
	return float64(int64(a.order.Uint64(p)))
}

// Float32 is the numbers as float32, rounded where they are wider.
func (a *Array) Float32() []float32 {
	out := make([]float32, a.Len())
	for i := range out {
		out[i] = float32(a.float(i))
	}
	return out
}

// Float64 is the numbers as float64; whole numbers beyond 2⁵³ are rounded.
func (a *Array) Float64() []float64 {
	out := make([]float64, a.Len())
	for i := range out {
		out[i] = a.float(i)
	}
	return out
}

// Labels is the numbers as class numbers. One that is not whole, or not between 0 and 2³²−1, is an error; −100 to −1, which stand for
// no class, become numbers from 2³²−100 on, which losses can be told to ignore.
func (a *Array) Labels() ([]uint32, error) {
	out := make([]uint32, a.Len())
	for i := range out {
		v := a.float(i)
		if v != math.Trunc(v) || v < -100 || v > math.MaxUint32 {
			return nil, fmt.Errorf("npy: number %d is %v, which is no class number", i, v)
		}
		out[i] = uint32(int64(v))
	}
	return out, nil
}

// Bytes is the numbers of an array of u1 or b1, as images are; an error of other types.
func (a *Array) Bytes() ([]byte, error) {
	if a.Type != "u1" && a.Type != "b1" {
		return nil, fmt.Errorf("npy: an array of %s is none of bytes", a.Type)
	}
	return a.raw, nil
}

// ReadFile is Read of a file, whose name its errors have. What follows the array is an error.
func ReadFile(path string) (*Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	defer f.Close()
	a, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if n, _ := f.Read(make([]byte, 1)); n > 0 {
		return nil, fmt.Errorf("%s: npy: there is more in it than %v numbers of %s", path, a.Shape, a.Type)
	}
	return a, nil
}

// Number is what arrays are made of.
type Number interface {
	float32 | float64 | int32 | int64 | uint8 | uint32
}

// Write writes data as an array of that shape, rows first. Shape and data that do not fit are misuse, and panic.
func Write[T Number](w io.Writer, data []T, shape ...int) error {
	n := 1
	text := ""
	for _, s := range shape {
		n *= s
		text += fmt.Sprintf("%d, ", s)
	}
	if n != len(data) {
		panic(fmt.Sprintf("npy: %d numbers in a shape of %v", len(data), shape))
	}
	if len(shape) > 1 {
		text = strings.TrimSuffix(text, ", ")
	} else {
		text = strings.TrimSuffix(text, " ")
	}
	var zero T
	code := map[any]string{float32(0): "<f4", float64(0): "<f8", int32(0): "<i4", int64(0): "<i8", uint8(0): "|u1", uint32(0): "<u4"}[any(zero)]
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", code, text)
	dict += strings.Repeat(" ", 63-(len(magic)+4+len(dict))%64) + "\n" // to a multiple of 64 bytes, as numpy
	head := append([]byte(magic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(dict)))
	if _, err := w.Write(append(head, dict...)); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, data)
}

// WriteFile is Write to a file, which is there whole or not at all.
func WriteFile[T Number](path string, data []T, shape ...int) error {
	return atomicfile.Write(path, func(f *os.File) error { return Write(f, data, shape...) })
}
