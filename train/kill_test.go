//go:build unix

package train_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/train"
)

// killFolder is the environment variable that makes a process of this test a training to be killed.
const killFolder = "GLOSS_TEST_KILL"

// killEvery is the one with the number of steps from checkpoint to checkpoint.
const killEvery = "GLOSS_TEST_KILL_EVERY"

// killRun is long enough to be killed in. With a checkpoint every 2 steps it writes most of the time, with one every 40 it
// computes.
func killRun(dir string, every int) *run {
	r := newRun(cpu.Open(), dir)
	r.cfg.Epochs = 6 * every
	r.cfg.Checkpoint.EverySteps = every
	return r
}

// TestKillChild is the training that TestKill kills, in a process of its own.
func TestKillChild(t *testing.T) {
	dir, every := os.Getenv(killFolder), 0
	if dir == "" {
		t.Skip("TestKill starts this")
	}
	if _, err := fmt.Sscan(os.Getenv(killEvery), &every); err != nil {
		t.Fatal(err)
	}
	r := killRun(dir, every)
	if _, err := r.fit(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := r.model.Save(filepath.Join(dir, "final.safetensors"), nil); err != nil {
		t.Fatal(err)
	}
}

// TestKill kills trainings at random moments, while they compute and while they write, and has each go on until it is done:
// all end in the bytes of the one that was not killed. The environment variable GLOSS_LONG has it kill a hundred times.
func TestKill(t *testing.T) {
	kills := 8
	switch {
	case os.Getenv("GLOSS_LONG") != "":
		kills = 100
	case testing.Short():
		kills = 3
	}
	for _, every := range []int{4, 40} {
		t.Run(fmt.Sprintf("every %d steps", every), func(t *testing.T) { killOften(t, kills/2, every) })
	}
}

func killOften(t *testing.T, kills, every int) {
	whole := t.TempDir()
	want := killRun(whole, every)
	begin := time.Now()
	must(want.fit(context.Background()))
	length := time.Since(begin)
	end := filepath.Join(whole, "final.safetensors")
	if err := want.model.Save(end, nil); err != nil {
		t.Fatal(err)
	}
	var killed, writing, early, runs int
	for ; killed < kills; runs++ {
		dir := t.TempDir()
		for {
			wait := time.Duration(rand.Float64() * float64(length))
			if killed >= kills {
				wait = time.Minute
			}
			if killChild(t, dir, every, wait) {
				break
			}
			killed++
			writing += len(must(filepath.Glob(filepath.Join(dir, "*.tmp-*"))))
			early += intact(t, dir)
		}
		sameEnd(t, last(t, dir), last(t, whole))
		if got, want := must(os.ReadFile(filepath.Join(dir, "final.safetensors"))), must(os.ReadFile(end)); string(got) != string(want) {
			t.Error("another model's bytes than those of the training that was not killed")
		}
		if left := must(filepath.Glob(filepath.Join(dir, "*.tmp-*"))); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	t.Logf("%d kills in %d trainings of about %v: %d while a checkpoint was being written, %d before the first", killed, runs, length.Round(time.Millisecond), writing, early)
}

// intact reads all checkpoints of a training that was killed, and returns 1 where there was none yet.
func intact(t *testing.T, dir string) (early int) {
	all := steps(t, dir)
	for _, path := range all {
		if _, err := train.ReadCheckpoint(path); err != nil {
			t.Errorf("after a kill: %v", err)
		}
	}
	if len(all) == 0 {
		return 1
	}
	return 0
}

// killChild runs the training in a folder and kills it after a while. It reports whether the training was done first.
func killChild(t *testing.T, dir string, every int, wait time.Duration) (done bool) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestKillChild$")
	c.Env = append(os.Environ(), killFolder+"="+dir, fmt.Sprint(killEvery, "=", every))
	var out strings.Builder
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(wait, func() { c.Process.Kill() })
	defer kill.Stop()
	err := c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return false
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return true
}

// TestTwoProcesses: a folder is one training's at a time, whichever process that is in.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	r := killRun(dir, 2)
	r.cfg.Epochs = 1
	r.cfg.Callbacks = append(r.cfg.Callbacks, train.Callback{Batch: func(b train.Batch) error {
		if b.Epoch.Steps > 3 {
			return nil
		}
		c := exec.Command(os.Args[0], "-test.run=^TestKillChild$")
		c.Env = append(os.Environ(), killFolder+"="+dir, killEvery+"=2")
		out, err := c.CombinedOutput()
		if err == nil || !strings.Contains(string(out), fmt.Sprintf("in use by another process %d", os.Getpid())) {
			t.Errorf("%v\n%s", err, out)
		}
		if _, err := newRun(cpu.Open(), dir).fit(context.Background()); err == nil || !strings.Contains(err.Error(), "in use") {
			t.Errorf("in one process: %v", err)
		}
		return nil
	}})
	must(r.fit(context.Background()))
}
