package logs

import (
	"bytes"
	"encoding/binary"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/internal/need"
)

// TestRecord: the checksum is right for RFC 3720's example of 32 zeros (section B.4), and for nothing.
func TestRecord(t *testing.T) {
	crc := uint32(0x8a9136aa)
	if got := binary.LittleEndian.Uint32(masked(make([]byte, 32))); got != (crc>>15|crc<<17)+0xa282ead8 {
		t.Errorf("checksum %x", got)
	}
	if r := record(nil); len(r) != 16 || !bytes.Equal(r[12:], []byte{0xd8, 0xea, 0x82, 0xa2}) {
		t.Errorf("% x", r)
	}
}

// TestProtoc: protobuf's own tool reads what is written.
func TestProtoc(t *testing.T) {
	protoc, err := exec.LookPath("protoc")
	if err != nil {
		need.Lacking(t, "protoc", err)
	}
	e := event{
		time: time.Unix(1700000000, 250e6), step: 300, version: "brain.Event:2",
		scalars:    []scalar{{"loss/train", 0.5}, {"nan", float32(math.NaN())}},
		histograms: []histogram{{"weights/0.weight", []float32{-1, 2, 2}}, {"none", []float32{float32(math.NaN())}}, {"one", []float32{3, 3}}},
	}
	cmd := exec.Command(protoc, "--decode_raw")
	cmd.Stdin = bytes.NewReader(e.encode())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text := strings.Join(strings.Fields(string(out)), " ")
	for _, want := range []string{
		`1: 0x41d954fc40100000 2: 300 3: "brain.Event:2" 5 {`, // 1700000000.25
		`1 { 1: "loss/train" 2: 0x3f000000 }`,
		`1: "weights/0.weight" 5 { 1: 0xbff0000000000000 2: 0x4000000000000000 3: 0x4008000000000000 4: 0x4008000000000000 5: 0x4022000000000000 6:`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nis not in\n%s", want, text)
		}
	}
	if strings.Contains(text, `"none"`) {
		t.Error("there is a histogram of nothing")
	}
}

func TestHistogram(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		values         []float32
		limits, counts []float64 // where they are not all alike
		num            float64
	}{
		{[]float32{3, 3, inf}, []float64{3}, []float64{2}, 2},
		{[]float32{0, 30, 30, 1.5, float32(math.NaN())}, nil, []float64{1, 1, 29: 2}, 4},
		{[]float32{-math.MaxFloat32, math.MaxFloat32}, nil, []float64{1, 29: 1}, 2},
		{[]float32{0, 1e-45}, nil, []float64{1, 29: 1}, 2},
	} {
		m := histogram{"", c.values}.encode()
		packed := func(n int) (out []float64) {
			for i := range n {
				out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(m[len(m)-8*(n-i):])))
			}
			return out
		}
		num := math.Float64frombits(binary.LittleEndian.Uint64(m[2*9+1:]))
		counts := packed(len(c.counts))
		if num != c.num {
			t.Errorf("%v: %v values", c.values, num)
		}
		for i := range counts {
			if counts[i] != c.counts[i] {
				t.Errorf("%v: buckets %v", c.values, counts)
				break
			}
		}
	}
	if m := (histogram{"", []float32{inf}}).encode(); m != nil {
		t.Errorf("a histogram of nothing: % x", m)
	}
}
