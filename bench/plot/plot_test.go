package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/bench"
)

var (
	machine = bench.Machine{Build: "v1.2.3 go1.26 linux/amd64", CPU: "Example(R) CPU 9000 @ 3.00GHz", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}

	infos = map[string]backend.Info{
		"gonum": {Name: "Example(R) CPU 9000 @ 3.00GHz", Driver: "gonum's Sgemm", Workers: 8},
		"cpu":   {Name: "Example(R) CPU 9000 @ 3.00GHz", Workers: 1},
		"gl":    {Name: "Example <GeForce> & Co. 5090"},
		"gl:1":  {Name: "llvmpipe (LLVM 19.1.7, 512 bits)", Software: true},
	}
)

func result(workload, device string, seconds ...float64) bench.Result {
	return bench.Result{Workload: workload, Device: device, Info: infos[device], Seconds: seconds}
}

// rows makes n workloads whose ratios to gonum spread evenly, on a logarithmic scale, from least to most.
func rows(n int, least, most float64, devices ...string) (all []bench.Result) {
	for i := range n {
		name := fmt.Sprintf("train/784-%d-10/b%d/adam", 128*(i+1), 32<<(i%4))
		ratio := least
		for _, d := range devices {
			if d == "gonum" {
				all = append(all, result(name, d, 0.01*float64(i+1)))
				continue
			}
			share := float64(len(all)%97) / float64(max(1, n*len(devices)-1))
			ratio = least * pow(most/least, share)
			all = append(all, result(name, d, 0.01*float64(i+1)/ratio))
		}
	}
	return all
}

const longName = "train/784-2048-2048-2048-2048-2048-1024-512-10/b1024/adam/mse"

// charts are what people may get to see.
func charts() map[string][]bench.Result {
	twelve := rows(12, 0.02, 90, "gonum", "cpu", "gl", "gl:1")
	twelve[9].Err, twelve[15].Slow = errors.New("the result is wrong"), true
	long := append(rows(1, 1.5, 4, "gonum", "cpu", "gl"), result(longName, "gonum", 2), result(longName, "cpu", 1), result(longName, "gl", 0.4))
	monster := result("train/"+strings.Repeat("1234567890", 20), "a-device-of-a-long-name", 1)
	monster.Info.Name = strings.Repeat("Long Renderer\x00\x1b ", 20)
	noBase := rows(2, 1, 3, "gonum", "cpu", "gl")
	noBase[0].Err = errors.New("wrong")
	return map[string][]bench.Result{
		"1-row":          rows(1, 1.7, 1.7, "gonum", "cpu"),
		"1-row-software": rows(1, 0.2, 1.9, "gonum", "cpu", "gl:1"),
		"2-rows":         rows(2, 0.8, 5, "gonum", "cpu", "gl"),
		"12-rows":        twelve,
		"12-rows-linear": rows(12, 0.7, 6, "gonum", "cpu", "gl"),
		"all-slower":     rows(2, 0.0001, 0.4, "gonum", "cpu", "gl:1"),
		"long-names":     long,
		"monster":        {monster},
		"times":          rows(2, 0.5, 1.9, "cpu", "gl"),
		"times-log":      append(rows(3, 0.5, 90, "cpu", "gl"), result("gemm/nn/8x9x10", "cpu", 3e-7)),
		"one-device":     rows(2, 1, 1, "gonum"),
		"no-base":        noBase,
	}
}

// TestWrite writes all charts in both formats, to the folder that GLOSS_PLOTS names for those who want to look at them.
func TestWrite(t *testing.T) {
	dir := os.Getenv("GLOSS_PLOTS")
	for name, results := range charts() {
		var svg, image bytes.Buffer
		if err := errors.Join(Write(&svg, "svg", machine, results), Write(&image, "png", machine, results)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := bytes.Count(svg.Bytes(), []byte("<text")); n == 0 || bytes.Count(svg.Bytes(), []byte("Arial,Helvetica,sans-serif")) != n {
			t.Errorf("%s names no font for where Liberation Sans is not", name)
		}
		text := checkSVG(t, name, svg.Bytes())
		for _, want := range []string{machine.CPU, results[0].Workload[:6], "2026-03-04"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
		if got := strings.Contains(text, "software renderer"); got != (strings.Contains(name, "software") || name == "12-rows" || name == "all-slower") {
			t.Errorf("%s: software renderer %v", name, got)
		}
		cfg, err := png.Decode(&image)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b := cfg.Bounds(); b.Dx() != 2000 || b.Dy() < 300 || b.Dy() > 3000 {
			t.Errorf("%s: %v pixels", name, b)
		}
		if r, g, b, a := cfg.At(1, 1).RGBA(); r&g&b&a != 0xffff {
			t.Errorf("%s: the ground is not white", name)
		}
		if dir != "" {
			var again bytes.Buffer
			if err := errors.Join(png.Encode(&again, cfg), os.WriteFile(filepath.Join(dir, name+".png"), again.Bytes(), 0o666),
				os.WriteFile(filepath.Join(dir, name+".svg"), svg.Bytes(), 0o666)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// checkSVG wants well-formed XML of a size, and returns its texts.
func checkSVG(t *testing.T, name string, svg []byte) string {
	t.Helper()
	var texts strings.Builder
	sized := false
	for dec := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			for _, a := range e.Attr {
				sized = sized || e.Name.Local == "svg" && a.Name.Local == "width" && a.Value == "720pt"
			}
		case xml.CharData:
			texts.Write(e)
			texts.WriteByte('\n')
		}
	}
	if !sized {
		t.Errorf("%s is no SVG of 720 points' width", name)
	}
	return texts.String()
}

// TestOnlyHere: programs that do not draw hold nothing to draw with.
func TestOnlyHere(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "github.com/gloss-ml/gloss/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		pkg, deps, _ := strings.Cut(line, " ")
		where := strings.TrimPrefix(pkg, "github.com/gloss-ml/gloss/")
		draws := where == "bench/plot" || where == "train/curves" || where == "internal/draw"
		if strings.Contains(deps, "gonum.org/v1/plot") && !draws && !strings.HasPrefix(where, "cmd/") {
			t.Errorf("%s holds gonum/plot", where)
		}
	}
}

func TestNothing(t *testing.T) {
	bad, slow := result("w", "cpu", 1), result("w", "gl")
	bad.Err, slow.Slow = errors.New("wrong"), true
	for _, results := range [][]bench.Result{nil, {bad}, {bad, slow}} {
		if err := Write(io.Discard, "svg", machine, results); err != ErrNothing {
			t.Errorf("%v: %v", results, err)
		}
	}
	if err := Write(io.Discard, "pdf", machine, rows(1, 1, 1, "cpu")); err == nil {
		t.Error("there is a format pdf")
	}
}

func TestFormat(t *testing.T) {
	for file, want := range map[string]string{"a.svg": "svg", "a.b/c.PNG": "png", "a.pdf": "", "svg": "", "a.svg/b": "", "": ""} {
		got, err := Format(file)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", file, got, err)
		}
	}
}
