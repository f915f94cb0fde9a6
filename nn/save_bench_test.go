package nn

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend/cpu"
)

// BenchmarkSave saves 100 MB of a model and Adam's vectors, each time beside a plain write and fsync of as many bytes,
// both to files that are not there yet: the
// ratio of the medians is what the format, the checksum and the copy from the device cost.
func BenchmarkSave(b *testing.B) {
	dev := cpu.Open()
	defer dev.Close()
	m := modelOf(b, dev, 4096, Linear(2048))
	s, err := NewState(m, Adam(0.1))
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	path := filepath.Join(dir, "state")
	var saves, writes []time.Duration
	var plain []byte
	for b.Loop() {
		begin := time.Now()
		if err := s.Save(path, Extra{}); err != nil {
			b.Fatal(err)
		}
		saves = append(saves, time.Since(begin))
		os.Remove(path)
		if plain == nil {
			plain = bytes.Repeat([]byte("gloss123"), 3*4*(4096*2048+2048)/8)
		}
		begin = time.Now()
		f, err := os.Create(filepath.Join(dir, "plain"))
		if err == nil {
			_, err = f.Write(plain)
		}
		if err == nil {
			err = f.Sync()
		}
		if err != nil {
			b.Fatal(err)
		}
		writes = append(writes, time.Since(begin))
		f.Close()
		os.Remove(f.Name())
	}
	slices.Sort(saves)
	slices.Sort(writes)
	save, write := saves[len(saves)/2], writes[len(writes)/2]
	b.SetBytes(int64(len(plain)))
	b.ReportMetric(float64(save)/float64(write), "×write")
	b.ReportMetric(save.Seconds()*1e3, "ms/save")
	b.ReportMetric(write.Seconds()*1e3, "ms/write")
}
