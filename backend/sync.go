package backend

import (
	"context"
	"fmt"
)

// SyncContext is b.Sync that waits no longer than ctx lasts: for programs that must go on, or say something, where a device does
// not come to an end. What was queued still runs, and the device is as good as before: a later Sync waits for the rest. The error
// wraps ctx's and its cause. On a thread that was lent to the device use [Backend.Sync]: what is queued runs on it.
func SyncContext(ctx context.Context, b Backend) error {
	if ctx.Done() == nil {
		return b.Sync()
	}
	if err := late(ctx); err != nil {
		return err
	}
	synced := make(chan error, 1)
	go func() { synced <- b.Sync() }()
	select {
	case err := <-synced:
		return err
	case <-ctx.Done():
		return late(ctx)
	}
}

func late(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != err {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return fmt.Errorf("the device is still at work: %w", err)
}
