//go:build linux

package tabular_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gloss-ml/gloss/data/tabular"
)

// TestConvertGigabyte: a CSV file of 1 GB is converted in a process that never holds 200 MB. It takes a minute, and 1.6 GB of disk.
func TestConvertGigabyte(t *testing.T) {
	if path := os.Getenv("GLOSS_TEST_CONVERT"); path != "" { // the process
		c, err := tabular.Convert(func() (io.ReadCloser, error) { return os.Open(path) }, tabular.Conversion{Recipe: tabular.Recipe{Target: "y"}, Holdout: 0.1, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("rows:", c.Train.Len()+c.Holdout.Len())
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		return
	}
	if os.Getenv("GLOSS_LONG") == "" {
		t.Skip("GLOSS_LONG is not set")
	}
	path := filepath.Join(t.TempDir(), "large.csv")
	rows, err := writeTable(path, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(os.Args[0], "-test.run=^TestConvertGigabyte$", "-test.v")
	c.Env = append(os.Environ(), "GLOSS_TEST_CONVERT="+path)
	out, err := c.CombinedOutput()
	var got int
	if err == nil {
		_, err = fmt.Sscanf(string(out), "=== RUN   TestConvertGigabyte\nrows: %d", &got)
	}
	if err != nil || got != rows {
		t.Fatalf("%d rows, want %d: %v\n%s", got, rows, err, out)
	}
	resident := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	t.Logf("%d rows, %d MB resident, %v", rows, resident/1e6, c.ProcessState.UserTime())
	if resident >= 200e6 {
		t.Errorf("%d MB were resident", resident/1e6)
	}
}

// writeTable writes rows of thirty numbers, two texts and a class until the file has so many bytes.
func writeTable(path string, size int64) (rows int, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 30 {
		fmt.Fprintf(w, "x%d,", i)
	}
	fmt.Fprintln(w, "color,town,y")
	var row []byte
	for at := int64(0); at < size; rows++ {
		row = row[:0]
		for range 30 {
			row = fmt.Appendf(row, "%.5g,", r.NormFloat64())
		}
		row = fmt.Appendf(row, "%s,t%d,%c\n", []string{"red", "green", ""}[r.IntN(3)], r.IntN(20), 'a'+r.IntN(3))
		w.Write(row) // its errors are Flush's
		at += int64(len(row))
	}
	return rows, errors.Join(w.Flush(), f.Close())
}
