package data_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
)

// numberedStream is numbered with its rows in a file behind a header of five bytes.
func numberedStream(t *testing.T, dev backend.Backend, n int) *data.Set {
	t.Helper()
	raw, labels := make([]byte, 5, 5+8*n), make([]uint32, n)
	for i := range labels {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(i)))
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(2*i)))
		labels[i] = uint32(i % 7)
	}
	name := filepath.Join(t.TempDir(), "rows")
	if err := os.WriteFile(name, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	rows, err := data.FileRows(f, 5, backend.F32, n, 2)
	if err != nil {
		t.Fatal(err)
	}
	set, err := data.Stream(dev, rows, data.Labels(labels))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestStreamOrder: a streamed set hands out the rows of a resident one, epoch by epoch, ragged ends and all.
func TestStreamOrder(t *testing.T) {
	const n = 101
	for _, dev := range []backend.Backend{ref.Open(), cpu.Open()} {
		resident, streamed := numbered(t, dev, n), numberedStream(t, dev, n)
		if !streamed.Streamed() || resident.Streamed() || streamed.Len() != n || streamed.Cols() != 2 || streamed.Classes() != 7 {
			t.Errorf("a stream of %d rows of %d in %d classes", streamed.Len(), streamed.Cols(), streamed.Classes())
		}
		for _, cfg := range []data.FeedConfig{{Rows: 8, Steps: 3, Shuffle: true, Seed: 5}, {Rows: 101, Steps: 1, Shuffle: true}, {Rows: 10, Steps: 4}, {Rows: 1, Steps: 200}} {
			for number := range 3 {
				want, got := epoch(t, dev, resident, cfg, number), epoch(t, dev, streamed, cfg, number)
				if !slices.Equal(got, want) {
					t.Errorf("%+v, epoch %d: %v, want %v", cfg, number, got, want)
				}
			}
		}
		if l, _, _, err := streamed.ReadTarget(); err != nil || len(l) != n || l[50] != 1 {
			t.Errorf("labels %v, %v", l, err)
		}
		streamed.Release()
		resident.Release()
		if s := dev.Stats(); s.LiveBuffers != 0 {
			t.Errorf("%d buffers are left", s.LiveBuffers)
		}
		dev.Close()
	}
}

// TestStreamParts: bytes, values, weights and codes all come with their rows.
func TestStreamParts(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	x := []byte{0, 255, 255, 0, 0, 255}
	rows, err := data.ByteRows(x, 2)
	if err != nil {
		t.Fatal(err)
	}
	set, err := data.Stream(dev, rows, data.Values([]float32{1, 2, 3, 4, 5, 6}, 2).And(data.Labels([]uint32{2, 1, 0})).
		Weighted([]float32{7, 8, 9}).Codes([]uint32{10, 11, 12}, 1))
	if err != nil {
		t.Fatal(err)
	}
	f, err := set.Feed(data.FeedConfig{Rows: 2, Steps: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	if err := f.Seek(0, 1); err != nil { // a row of the second batch is past the end
		t.Fatal(err)
	}
	p, err := backend.Record(dev, backend.Step{Calls: f.Calls, Steps: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	p.Run(1)
	for _, c := range []struct {
		t    backend.Tensor
		want []float32
	}{{f.X, []float32{1, 0, 0, 1}}, {f.Values, []float32{3, 4, 5, 6}}, {f.Weights, []float32{8, 9}}} {
		got := make([]float32, len(c.want))
		if err := backend.Read(dev, got, c.t.Buf, c.t.Off); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", err, got, c.want)
		}
	}
	for _, c := range []struct {
		t    backend.Tensor
		want []uint32
	}{{f.Labels, []uint32{1, 0, 0, 0}}, {f.Codes, []uint32{11, 12, 0, 0}}} {
		got := make([]uint32, len(c.want))
		if err := backend.Read(dev, got, c.t.Buf, c.t.Off); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", err, got, c.want)
		}
	}
	if n := set.FeedBytes(data.FeedConfig{Rows: 2, Steps: 2}); n != dev.Stats().LiveBytes {
		t.Errorf("FeedBytes says %d, the feed takes %d", n, dev.Stats().LiveBytes)
	}
}

func TestStreamErrors(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, make([]byte, 19), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(short)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	three, err := data.FileRows(f, 1, backend.U8, 3, 6)
	if err != nil {
		t.Fatal(err)
	}
	for want, make := range map[string]func() error{
		"short has 19 bytes, want 20 for 2 rows of 2 F32 from byte 4": func() error { _, err := data.FileRows(f, 4, backend.F32, 2, 2); return err },
		"rows of U32: they can be of F32 or U8":                       func() error { _, err := data.FileRows(f, 0, backend.U32, 1, 1); return err },
		"0 rows of 2 values from byte 0":                              func() error { _, err := data.FileRows(f, 0, backend.F32, 0, 2); return err },
		"values from byte 8 of a file":                                func() error { _, err := data.FileRows(f, 8, backend.F32, math.MaxInt/2, 2); return err },
		"3 values are no whole number of rows of 2":                   func() error { _, err := data.FloatRows([]float32{1, 2, 3}, 2); return err },
		"1 values are no whole number of rows of 0":                   func() error { _, err := data.ByteRows([]byte{1}, 0); return err },
		"3 rows, but 2 labels":                                        func() error { _, err := data.Stream(dev, three, data.Labels([]uint32{1, 2})); return err },
	} {
		if err := make(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error that says %q", err, want)
		}
	}
	// A file that shrinks later, or is no regular one, says so at the row that is not there.
	rows, err := data.FileRows(bytes.NewReader(make([]byte, 17)), 1, backend.U8, 3, 6)
	if err != nil {
		t.Fatal(err)
	}
	set, err := data.Stream(dev, rows, data.Labels([]uint32{0, 1, 0}))
	if err != nil {
		t.Fatal(err)
	}
	feed, err := set.Feed(data.FeedConfig{Rows: 1, Steps: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Release()
	for range 2 {
		if err := feed.Seek(0, 0); err == nil || err.Error() != "data: row 2 of 3: "+io.ErrUnexpectedEOF.Error() {
			t.Errorf("%v", err)
		}
	}
	if err := feed.Seek(0, 2); err == nil {
		t.Error("the row that is not there was read")
	}
}
