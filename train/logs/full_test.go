package logs_test

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gloss-ml/gloss/train/logs"
)

// TestFullDisk: /dev/full takes no byte.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	h, err := fit(false, logs.CSV("/dev/full"))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "/dev/full") || len(h) != 1 {
		t.Errorf("%d epochs, error %v", len(h), err)
	}
}
