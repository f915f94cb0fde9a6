package logs_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/logs"
)

// records checks and takes the frames off an event file, as TensorFlow's reader does.
func records(t *testing.T, path string) (all [][]byte) {
	t.Helper()
	sum := func(b []byte) uint32 {
		c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
		return (c>>15 | c<<17) + 0xa282ead8
	}
	for b := must(os.ReadFile(path)); len(b) > 0; {
		n := binary.LittleEndian.Uint64(b)
		if sum(b[:8]) != binary.LittleEndian.Uint32(b[8:]) {
			t.Fatalf("%s: record %d: the length's checksum is wrong", path, len(all))
		}
		data := b[12 : 12+n]
		if sum(data) != binary.LittleEndian.Uint32(b[12+n:]) {
			t.Fatalf("%s: record %d: the checksum is wrong", path, len(all))
		}
		all, b = append(all, data), b[16+n:]
	}
	return all
}

// fields decodes a protobuf message: values by field, of type uint64, float64, float32 or []byte.
func fields(t *testing.T, b []byte) map[int][]any {
	t.Helper()
	out := map[int][]any{}
	varint := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			t.Fatal("a message ends in a number")
		}
		b = b[n:]
		return v
	}
	for len(b) > 0 {
		key := varint()
		var v any
		switch key & 7 {
		case 0:
			v = varint()
		case 1:
			v, b = math.Float64frombits(binary.LittleEndian.Uint64(b)), b[8:]
		case 2:
			n := varint()
			v, b = b[:n], b[n:]
		case 5:
			v, b = math.Float32frombits(binary.LittleEndian.Uint32(b)), b[4:]
		default:
			t.Fatalf("wire type %d", key&7)
		}
		out[int(key>>3)] = append(out[int(key>>3)], v)
	}
	return out
}

// curves are the scalars of an event file by tag: "step:value".
func curves(t *testing.T, path string) (scalars map[string][]string, histograms map[string]map[int][]any) {
	t.Helper()
	scalars, histograms = map[string][]string{}, map[string]map[int][]any{}
	for i, r := range records(t, path) {
		e := fields(t, r)
		if i == 0 {
			if string(e[3][0].([]byte)) != "brain.Event:2" || e[1][0].(float64) < 1.7e9 {
				t.Errorf("the first event is %v", e)
			}
			continue
		}
		step := e[2][0].(uint64)
		for _, v := range fields(t, e[5][0].([]byte))[1] {
			value := fields(t, v.([]byte))
			tag := string(value[1][0].([]byte))
			if h := value[5]; h != nil {
				histograms[fmt.Sprint(tag, ":", step)] = fields(t, h[0].([]byte))
			} else {
				scalars[tag] = append(scalars[tag], fmt.Sprint(step, ":", value[2][0]))
			}
		}
	}
	return scalars, histograms
}

func eventFiles(t *testing.T, dir string) []string {
	t.Helper()
	files := must(filepath.Glob(filepath.Join(dir, "*")))
	for _, f := range files {
		if !regexp.MustCompile(`^events\.out\.tfevents\.\d{10}\..+$`).MatchString(filepath.Base(f)) {
			t.Errorf("a file is called %s", f)
		}
	}
	return files
}

func TestTensorBoard(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "first")
	h, err := fit(true, logs.TensorBoard(dir, logs.Number("twice", func(e train.Epoch) float64 { return 2 * e.Loss }), logs.Histograms(2), logs.EveryLook()))
	if err != nil {
		t.Fatal(err)
	}
	scalars, histograms := curves(t, eventFiles(t, dir)[0])
	want := map[string]func(train.Epoch) float64{
		"loss/train": func(e train.Epoch) float64 { return e.Loss }, "accuracy/train": func(e train.Epoch) float64 { return e.Accuracy },
		"loss/validation":     func(e train.Epoch) float64 { return e.Validation.Loss },
		"accuracy/validation": func(e train.Epoch) float64 { return e.Validation.Accuracy },
		"twice":               func(e train.Epoch) float64 { return 2 * e.Loss }, "samples_per_second": train.Epoch.SamplesPerSecond,
		"metrics/f1_macro": func(e train.Epoch) float64 { return e.Metrics[0].Value },
	}
	for tag, of := range want {
		var points []string
		for _, e := range h {
			points = append(points, fmt.Sprint(4*e.Number, ":", float32(of(e))))
		}
		if !slices.Equal(scalars[tag], points) {
			t.Errorf("%s: %v, want %v", tag, scalars[tag], points)
		}
	}
	if len(scalars) != len(want)+3 || len(scalars["look/loss"]) != 9 || fmt.Sprint(scalars["learning_rate"]) != "[4:0.5 8:0.25 12:0.125]" {
		t.Errorf("%v", scalars)
	}
	for _, tag := range []string{"weights/0.weight:4", "gradients/2.bias:12", "weights/2.weight:12"} {
		if histograms[tag] == nil {
			t.Errorf("there is no %s", tag)
		}
	}
	if len(histograms) != 2*2*4 {
		t.Errorf("%d histograms", len(histograms))
	}
}

// TestTensorBoardAgain: each training has a file of its own, also within a second.
func TestTensorBoardAgain(t *testing.T) {
	dir := t.TempDir()
	log := logs.TensorBoard(dir)
	for range 3 {
		if _, err := fit(false, log); err != nil {
			t.Fatal(err)
		}
	}
	files := eventFiles(t, dir)
	if len(files) != 3 {
		t.Errorf("%q", files)
	}
	for _, f := range files {
		if s, _ := curves(t, f); len(s["loss/train"]) != 3 || s["loss/validation"] != nil || strings.Contains(fmt.Sprint(s), "look") {
			t.Errorf("%v", s)
		}
	}
}
