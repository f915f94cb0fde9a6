package backend_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// busy is a device that is not done before it is told to.
type busy struct {
	backend.Backend
	done chan struct{}
}

func (b busy) Sync() error {
	<-b.done
	return b.Backend.Sync()
}

func TestSyncContext(t *testing.T) {
	dev := busy{ref.Open(), make(chan struct{})}
	why := errors.New("the user waits")
	ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, why)
	defer cancel()
	for range 2 { // the second time it is late already
		if err := backend.SyncContext(ctx, dev); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, why) {
			t.Fatal(err)
		}
	}
	close(dev.done)
	fresh, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, ctx := range []context.Context{context.Background(), fresh} {
		if err := backend.SyncContext(ctx, dev); err != nil {
			t.Errorf("done: %v", err)
		}
	}
}
