//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"errors"
	"fmt"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// ErrContextLost is what the driver answers to everything once it has given the context up.
var ErrContextLost = errors.New("gl: GL_CONTEXT_LOST: the driver gave the context up (a reset, or a kernel that ran too long)")

// resetStatus finds the function that tells about resets, nil where the driver has none. go-gl loads it but does not
// insist on it, and calling what was not loaded would end the process.
func resetStatus(c context, info *Info) func() uint32 {
	if (info.Major > 4 || info.Minor >= 5 || extension("GL_KHR_robustness")) && c.ProcAddress("glGetGraphicsResetStatus") != nil {
		return gl.GetGraphicsResetStatus
	}
	if extension("GL_ARB_robustness") && c.ProcAddress("glGetGraphicsResetStatusARB") != nil {
		return gl.GetGraphicsResetStatusARB
	}
	return nil
}

// check takes what the device has to say against itself: a reset, or a pending error. On the thread only.
func (d *Device) check() error {
	if d.lost {
		return ErrContextLost
	}
	if d.reset != nil {
		if s := d.reset(); s != gl.NO_ERROR {
			d.lost = true
			why := map[uint32]string{
				gl.GUILTY_CONTEXT_RESET: "by what this program ran", gl.INNOCENT_CONTEXT_RESET: "by another program",
			}[s]
			if why == "" {
				why = "for a reason that the driver does not know"
			}
			return fmt.Errorf("%w; the GPU was reset %s", ErrContextLost, why)
		}
	}
	err := glError()
	d.lost = err == ErrContextLost
	if d.lost {
		return err
	}
	switch said := d.messages(); {
	case err == nil:
		return said
	case said != nil:
		return fmt.Errorf("%w: %w", err, said)
	}
	return err
}

// earlier is check for those who are about to make a call whose error is for them alone: what is pending is not theirs.
func (d *Device) earlier() error {
	if err := d.check(); err != nil {
		return fmt.Errorf("%w in one of the last commands%s", err, hint(d))
	}
	return nil
}

func hint(d *Device) string {
	if d.debug {
		return ""
	}
	return " (GLOSS_GLDEBUG=1 finds which)"
}

// private is what a command returns that keeps err to whoever asked: nil, unless the context is lost, which is everybody's.
func (d *Device) private(err error) error {
	if errors.Is(err, ErrContextLost) {
		d.lost = true
		return err
	}
	return nil
}

// drain waits for the device itself at the end of the thread's life, so that Close tells how the last work went.
func (d *Device) drain() {
	defer func() {
		if p := recover(); p != nil {
			d.fail(fmt.Errorf("gl: panic while closing: %v", p))
		}
	}()
	if d.lost {
		return
	}
	d.timer.end()
	gl.Finish()
	d.timer.collect()
	if err := d.check(); err != nil {
		d.fail(fmt.Errorf("%w, found while closing", err))
	}
}

// Hold stops the thread until resume is called, and returns once it stands still: tests fill the queue meanwhile.
func (d *Device) Hold() (resume func()) {
	c := &holdCmd{waiter: newWaiter(), leave: make(chan struct{})}
	d.queue.put(c)
	<-c.done
	return func() { close(c.leave) }
}

type holdCmd struct {
	waiter
	leave chan struct{}
}

func (c *holdCmd) run(*Device) error {
	c.done <- nil
	<-c.leave
	return nil
}

func (c *holdCmd) finish(error) {
	select {
	case c.done <- nil: // it never ran
	default:
	}
}
