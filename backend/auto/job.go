package auto

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/internal/cache"
)

// A Job is what a device is chosen for.
type Job struct {
	Widths []int // of the network, the inputs first, as in 784, 128, 10
	Batch  int   // rows of a step
	// Device is what a checkpoint that the training goes on from says that it ran on (train.CheckpointDevice); "" for none.
	// "auto" takes that again, if it is there: on another device a training goes on, but not to the same bits.
	Device string
}

func (j Job) String() string {
	var w []string
	for _, n := range j.Widths {
		w = append(w, strconv.Itoa(n))
	}
	return fmt.Sprintf("%s at %d rows", strings.Join(w, "-"), j.Batch)
}

func (j *Job) check() error {
	if len(j.Widths) < 2 || j.Batch < 1 {
		return fmt.Errorf("auto: a job of widths %v and %d rows: inputs, outputs and rows are needed", j.Widths, j.Batch)
	}
	for _, n := range j.Widths {
		if n < 1 {
			return fmt.Errorf("auto: a job of widths %v: each has to be 1 or more", j.Widths)
		}
	}
	return nil
}

// ChooseFor is [Choose] that knows what is to be trained. "auto" then takes the CPU also where there is a GPU, for networks
// and batches that the CPU is faster at: small ones, whose steps are over before a GPU has begun. What either device takes
// is measured once, in some 20 milliseconds each, and kept with the machine's caches, by device and driver; the choice says
// what it expects of both. Of a network with other layers between, give the widths of the linear ones.
func ChooseFor(name string, job Job) (backend.Backend, Choice, error) {
	if err := job.check(); err != nil {
		return nil, Choice{}, err
	}
	return here.choose(name, &job)
}

// suits decides between a GPU and the CPU for a job, and closes the one that it does not return.
func (m *machine) suits(gpu backend.Backend, why string, job *Job) (backend.Backend, string) {
	cpu := m.cpu()
	if began, name, ok := strings.Cut(job.Device, ", "); ok {
		name, _, _ = strings.Cut(name, ", ")
		switch {
		case began == cpu.Info().Device:
			gpu.Close()
			return cpu, "the checkpoint was begun on the CPU"
		case began == gpu.Info().Device:
			cpu.Close()
			if name != gpu.Info().Name {
				return gpu, fmt.Sprintf("%s; the checkpoint was begun on %s", why, name)
			}
			return gpu, "the checkpoint was begun on it"
		}
	}
	dir := cache.Dir("rates")
	rc, err := m.rates(cpu, dir)
	rg, failed := m.rates(gpu, dir)
	if err != nil || failed != nil {
		// Nothing is known of which is faster. A GPU that has failed says so again, to whoever uses it.
		cpu.Close()
		return gpu, why
	}
	c, g := rc.step(*job), rg.step(*job)
	if c < g {
		name := short(gpu.Info().Name)
		gpu.Close()
		return cpu, fmt.Sprintf("for %s some %v a step, %v on %s", job, about(c), about(g), name)
	}
	cpu.Close()
	return gpu, fmt.Sprintf("%s; for %s some %v a step, %v on the CPU", why, job, about(g), about(c))
}

// about is a time of two digits.
func about(seconds float64) time.Duration {
	d := time.Duration(seconds * float64(time.Second))
	unit := time.Duration(1)
	for d/unit >= 100 {
		unit *= 10
	}
	return d.Round(unit)
}
