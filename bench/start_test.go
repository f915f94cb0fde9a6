package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
)

// firstHere makes a process of this test one that Start measures, of the kind that it names; firstLog is where it writes what it found.
const firstHere, firstLog = "GLOSS_TEST_FIRST", "GLOSS_TEST_FIRST_LOG"

// TestFirstChild is such a process. It fills the caches that it finds empty.
func TestFirstChild(t *testing.T) {
	kind := os.Getenv(firstHere)
	if kind == "" {
		t.Skip("the tests of Start start this")
	}
	found := ""
	for _, name := range []string{"GLOSS_CACHE", "MESA_SHADER_CACHE_DIR", "__GL_SHADER_DISK_CACHE_PATH"} {
		file := filepath.Join(os.Getenv(name), name)
		_, err := os.Stat(file)
		found += fmt.Sprint(err == nil, " ")
		must(0, os.WriteFile(file, nil, 0o666))
	}
	log := must(os.OpenFile(os.Getenv(firstLog), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666))
	must(fmt.Fprintln(log, found))
	told := must(TakeFirst(cpu.Open()))
	switch kind {
	case "fails":
		fmt.Fprintln(os.Stderr, "no device here")
		os.Exit(3)
	case "silent":
		os.Exit(0)
	case "wrong":
		told.Loss *= 1.001
	}
	must(0, json.NewEncoder(os.Stdout).Encode(told))
}

func startOf(t *testing.T, ctx context.Context, kind string) (results []Result, found []string, err error) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	s := Start{Device: "cpu", Command: func(ctx context.Context) *exec.Cmd {
		c := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestFirstChild$")
		c.Env = append(os.Environ(), firstHere+"="+kind, firstLog+"="+log, "GORACE=atexit_sleep_ms=0") // a second for each, else
		return c
	}}
	results, err = s.Run(ctx)
	text, _ := os.ReadFile(log)
	return results, strings.Split(strings.TrimSpace(string(text)), " \n"), err
}

// TestStart wants as many processes of each kind, and in the caches of each what its name says.
func TestStart(t *testing.T) {
	results, found, err := startOf(t, context.Background(), "right")
	if err != nil || len(results) != 3 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for i, stock := range []string{"cold", "programs", "warm"} {
		r := results[i]
		if r.Workload != "start/784-128-10/b32/adam/"+stock || r.Device != "cpu" || r.Info.Device != "cpu" || r.Err != nil {
			t.Errorf("%+v", r)
		}
		if n := len(r.Seconds); n != len(results[0].Seconds) || n < 3 || !(slices.Min(r.Seconds) > 0) {
			t.Errorf("%s: %v s", stock, r.Seconds)
		}
	}
	want := []string{"false false false"} // this fills them
	for range results[0].Seconds {
		want = append(want, "false false false", "true false false", "true true true")
	}
	if !slices.Equal(found, want) {
		t.Errorf("the processes found %q", found)
	}
}

// TestStartFailures has no time of a process that failed.
func TestStartFailures(t *testing.T) {
	for kind, want := range map[string]string{"fails": "exit status 3: no device here", "silent": "EOF", "wrong": "the result is wrong: the loss"} {
		results, _, err := startOf(t, context.Background(), kind)
		if err != nil || len(results) != 3 {
			t.Fatalf("%s: %d results, %v", kind, len(results), err)
		}
		for _, r := range results {
			if r.Err == nil || !strings.Contains(r.Err.Error(), want) || len(r.Seconds) > 0 {
				t.Errorf("%s: %v s, error %v, want one that says %q", r.Workload, r.Seconds, r.Err, want)
			}
		}
	}
}

func TestStartInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if results, _, err := startOf(t, ctx, "right"); len(results) > 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d results, %v", len(results), err)
	}
}
