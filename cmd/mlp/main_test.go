package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mlp": main})
}

// TestScripts is mlp as its users have it. Each script starts in a folder with flowers.csv, 240 rows of three kinds that
// nearly do not overlap, and flats.csv, 300 with a price, in the manner of a spreadsheet of half of Europe.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: func(e *testscript.Env) error {
		e.Setenv("GLOSS_DEVICE", "cpu")
		e.Setenv("GLOSS_CACHE", "off")
		if cache, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil { // else the standard library is compiled again
			e.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
		}
		return tables(e.WorkDir)
	}})
}

func tables(dir string) error {
	r := rand.New(rand.NewPCG(1, 2))
	var flowers, flats, towns strings.Builder
	flowers.WriteString("length,width,color,species\n")
	for i := range 240 {
		k := i % 3
		color := []string{"red", "blue", ""}[r.IntN(3)]
		fmt.Fprintf(&flowers, "%.2f,%.2f,%s,%s\n", 5+float64(k)+0.3*r.NormFloat64(), 1+2*float64(k)+0.4*r.NormFloat64(), color, []string{"alba", "rosea", "lutea"}[k])
	}
	flats.WriteString("id;area;kind;price\n")
	for i := range 300 {
		area, kind := 30+170*r.Float64(), r.IntN(2)
		price := 1000 * area * (1 + 0.5*float64(kind))
		fmt.Fprintf(&flats, "%d;%s;%s;%.0f\n", i, strings.Replace(fmt.Sprintf("%.1f", area), ".", ",", 1), []string{"flat", "house"}[kind], price)
	}
	towns.WriteString("size,town,rent\n") // more towns than a column each is given
	for i := range 400 {
		fmt.Fprintf(&towns, "%d,t%d,%d\n", 20+r.IntN(80), i%40, 300+10*(i%40))
	}
	for name, table := range map[string]*strings.Builder{"flowers.csv": &flowers, "flats.csv": &flats, "towns.csv": &towns} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(table.String()), 0o666); err != nil {
			return err
		}
	}
	return pictures(filepath.Join(dir, "pictures"), r)
}

// pictures writes forty of 8×8 pixels, half of them dark.
func pictures(dir string, r *rand.Rand) error {
	for i := range 40 {
		name, at := "dark", 20
		if i%2 == 1 {
			name, at = "light", 200
		}
		img := image.NewGray(image.Rect(0, 0, 8, 8))
		for p := range img.Pix {
			img.Pix[p] = byte(at + r.IntN(40))
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name, fmt.Sprint(i, ".png")), b.Bytes(), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// TestInterrupt: Ctrl-C ends a training with the model so far and the line that goes on with it, which then ends in the model of one that
// was left alone.
func TestInterrupt(t *testing.T) {
	t.Setenv("GLOSS_DEVICE", "cpu")
	dir := t.TempDir()
	if err := tables(dir); err != nil {
		t.Fatal(err)
	}
	args := func(name string) []string {
		return []string{"train", filepath.Join(dir, "flowers.csv"), "-epochs", "12", "-patience", "100", "-seed", "4",
			"-o", filepath.Join(dir, name), "-checkpoint", filepath.Join(dir, "runs "+name)}
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), args("whole"), stdio{out: &out, err: &errs}); code != exitOK {
		t.Fatalf("status %d\n%s", code, errs.String())
	}
	ctx, cancel := context.WithCancel(context.Background())
	errs.Reset()
	after := &trigger{Buffer: &errs, at: "epoch  3/12", do: cancel}
	if code := run(ctx, args("cut"), stdio{out: &out, err: after}); code != exitFailed {
		t.Fatalf("status %d\n%s", code, errs.String())
	}
	if again := "mlp resume " + filepath.Join(dir, "runs cut") + " goes on with it"; !strings.Contains(errs.String(), again) {
		t.Errorf("%s\nwant %q", errs.String(), again)
	}
	cut, err := os.ReadFile(filepath.Join(dir, "cut"))
	if err != nil {
		t.Fatalf("the model so far: %v", err)
	}
	if code := run(context.Background(), args("cut"), stdio{out: &out, err: &errs}); code != exitFailed || !strings.Contains(errs.String(), "has checkpoints of a training") {
		t.Errorf("a second training in the folder ends with %d\n%s", code, errs.String())
	}
	if code := run(context.Background(), []string{"resume", filepath.Join(dir, "runs cut")}, stdio{out: &out, err: &errs}); code != exitOK {
		t.Fatalf("status %d\n%s", code, errs.String())
	}
	whole, err := os.ReadFile(filepath.Join(dir, "whole"))
	if err != nil {
		t.Fatal(err)
	}
	resumed, err := os.ReadFile(filepath.Join(dir, "cut"))
	if err != nil || !bytes.Equal(resumed, whole) || bytes.Equal(resumed, cut) {
		t.Errorf("resumed, the model is another: %v", err)
	}
}

// trigger does something when a text was written.
type trigger struct {
	*bytes.Buffer
	at string
	do func()
}

func (w *trigger) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(w.at)) {
		w.do()
	}
	return w.Buffer.Write(p)
}
