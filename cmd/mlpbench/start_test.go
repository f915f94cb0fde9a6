package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestStart(t *testing.T) {
	t.Setenv("GLOSS_TEST_MLPBENCH", "1") // for the processes that it starts
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	code, stdout, stderr := mlpbench("-start", "-device", "cpu")
	if code != exitOK || stderr != "" {
		t.Fatalf("status %d, %q", code, stderr)
	}
	contains(t, "the report", stdout, "start/784-128-10/b32/adam: from the start", "\ncpu\n  cold ", "\n  programs ", "\n  warm ", " processes\n")

	code, stdout, _ = mlpbench("-start", "-device", "cpu,gonum", "-format", "json")
	var list []struct {
		Workload, Device, Renderer string
		Median                     float64 `json:"median_s"`
	}
	if err := json.Unmarshal([]byte(stdout), &list); err != nil || code != exitOK || len(list) != 6 {
		t.Fatalf("status %d, %v, %s", code, err, stdout)
	}
	if r := list[5]; r.Workload != "start/784-128-10/b32/adam/warm" || r.Device != "gonum" || r.Renderer == "" || !(r.Median > 0) {
		t.Errorf("%+v", r)
	}
}

// TestFirst is what -start starts.
func TestFirst(t *testing.T) {
	code, stdout, stderr := mlpbench("first", "cpu")
	if code != exitOK || stderr != "" || !strings.HasPrefix(stdout, `{"Info":{"Device":"cpu"`) || strings.Count(stdout, "\n") != 1 {
		t.Errorf("status %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, stderr = mlpbench("first", "cuda"); code != exitFailed || stdout != "" || !strings.Contains(stderr, `no device is called "cuda"`) {
		t.Errorf("status %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, stderr = mlpbench("first"); code != exitUsage || stdout != "" || !strings.Contains(stderr, "usage: mlpbench first DEVICE") {
		t.Errorf("status %d, %q, %q", code, stdout, stderr)
	}
}
