package auto

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
)

var (
	tiny  = Job{Widths: []int{2, 8, 1}, Batch: 4}
	large = Job{Widths: []int{784, 1024, 1024, 10}, Batch: 512}
)

// made-up rates of two cores, and of a GPU that is slow to begin.
func madeUp(b backend.Backend, _ string) (rates, error) {
	if b.Info().Device == "cpu" {
		return rates{Call: 0.3e-6, MultiplyAdd: 1e-11, Byte: 1e-10}, nil
	}
	return rates{Call: 4e-6, MultiplyAdd: 1e-13, Byte: 2e-12}, nil
}

func TestChooseFor(t *testing.T) {
	for name, c := range map[string]struct {
		name string
		job  Job
		want string // the choice, or a part of it
	}{
		"tiny": {"", tiny, "cpu: AMD EPYC, 2 workers (auto: for 2-8-1 at 4 rows some 3.1µs a step, 40µs on NVIDIA GeForce RTX 4090/PCIe/SSE2)"},
		"large": {"auto", large, "gl: NVIDIA GeForce RTX 4090/PCIe/SSE2 (auto: the first OpenGL GPU; for 784-1024-1024-10 at 512 rows some 470µs a step, " +
			"33ms on the CPU)"},
		"a GPU by name":         {"gl", tiny, "gl: NVIDIA GeForce RTX 4090/PCIe/SSE2 (asked for as gl)"},
		"the CPU by name":       {"cpu", large, "cpu: AMD EPYC, 2 workers (asked for as cpu)"},
		"begun on the CPU":      {"auto", Job{large.Widths, 512, "cpu, AMD EPYC, kernels for AVX2"}, "cpu: AMD EPYC, 2 workers (auto: the checkpoint was begun on the CPU)"},
		"begun on the GPU":      {"auto", Job{tiny.Widths, 4, "gl, " + nvidia.Renderer + ", NVIDIA, OpenGL 4.6"}, "(auto: the checkpoint was begun on it)"},
		"begun on another GPU":  {"auto", Job{tiny.Widths, 4, "gl, Other, Mesa"}, "(auto: the first OpenGL GPU; the checkpoint was begun on Other)"},
		"begun on another kind": {"auto", Job{tiny.Widths, 4, "ref, float64, Go"}, "cpu: AMD EPYC, 2 workers (auto: for 2-8-1 at 4 rows some"},
	} {
		m, opened, closed := machineWith("", nil, nvidia)
		m.rates = madeUp
		b, choice, err := m.choose(c.name, &c.job)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(choice.String(), c.want) {
			t.Errorf("%s: %s\nwant %s", name, choice, c.want)
		}
		if *opened != *closed+1 || b.Info() != choice.Info {
			t.Errorf("%s: %d opened, %d closed, %v is returned", name, *opened, *closed, b.Info())
		}
	}
	// Where there is no GPU nothing is measured.
	m, _, _ := machineWith("", nil, llvmpipe)
	m.rates = func(backend.Backend, string) (rates, error) { t.Error("measured"); return rates{}, nil }
	if _, choice, err := m.choose("", &large); err != nil || choice.Info.Device != "cpu" {
		t.Errorf("%v, %v", choice, err)
	}
	// And where a device fails meanwhile, the GPU is what auto chose.
	m, _, _ = machineWith("", nil, nvidia)
	m.rates = func(b backend.Backend, _ string) (rates, error) { return rates{}, errors.New("lost") }
	if _, choice, err := m.choose("", &tiny); err != nil || choice.Info.Device != "gl" {
		t.Errorf("%v, %v", choice, err)
	}
	for _, j := range []Job{{}, {Widths: []int{3, 2}}, {Widths: []int{3, 0, 2}, Batch: 1}} {
		if _, _, err := ChooseFor("cpu", j); err == nil {
			t.Errorf("%+v is no job", j)
		}
	}
}

// TestRates: they are measured once, and again where the file is damaged, of another device, or cannot be kept.
func TestRates(t *testing.T) {
	dev := cpu.Open(cpu.Workers(1))
	defer dev.Close()
	dir := filepath.Join(t.TempDir(), "rates")
	first, err := ratesOf(dev, dir)
	if err != nil || !first.plausible() {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := ratesOf(dev, dir); err != nil || again != first {
		t.Errorf("measured again: %+v, %+v, %v", again, first, err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "cpu-*.json"))
	if len(files) != 1 {
		t.Fatalf("%v", files)
	}
	two := cpu.Open(cpu.Workers(2))
	defer two.Close()
	if _, err := ratesOf(two, dir); err != nil {
		t.Error(err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "cpu-*.json")); len(files) != 2 {
		t.Errorf("two workers share the file of one: %v", files)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "{", string(whole[:len(whole)/2]), `{"Version":1}`, strings.Replace(string(whole), `"Workers":1`, `"Workers":64`, 1),
		strings.Replace(string(whole), `"Call":`, `"Call":-`, 1), strings.Repeat(" ", maxRates+10)} {
		if err := os.WriteFile(files[0], []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if r, err := ratesOf(dev, dir); err != nil || !r.plausible() {
			t.Errorf("%.40q: %+v, %v", text, r, err)
		}
		if k, err := readRates(files[0]); err != nil || k.Device != dev.Info() {
			t.Errorf("%.40q was not replaced: %+v, %v", text, k, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, nowhere := range []string{"", file, filepath.Join(file, "below")} {
		if r, err := ratesOf(dev, nowhere); err != nil || !r.plausible() {
			t.Errorf("%q: %+v, %v", nowhere, r, err)
		}
	}
	if s := dev.Stats(); s.LiveBuffers != 0 {
		t.Errorf("%d buffers are left", s.LiveBuffers)
	}
}
