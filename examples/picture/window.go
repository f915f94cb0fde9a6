//go:build cgo && glfw && (linux || windows)

package main

import (
	"fmt"
	"image"
	"math"
	"runtime"
	"time"

	gpu "github.com/go-gl/gl/v4.3-core/gl"
	"github.com/go-gl/glfw/v3.3/glfw"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
)

// GLFW wants the main thread, which is the one that init runs on.
func init() { runtime.LockOSThread() }

// perFrame is what training may take of a frame, of the 16.7 ms that there are at 60 frames a second.
const perFrame = 9 * time.Millisecond

// show trains in a window's context until the window is closed.
func show(o options, img *image.RGBA, name string) error {
	window, err := openWindow("gloss learns "+name, img.Bounds().Size())
	if err != nil {
		return err
	}
	defer glfw.Terminate()
	dev, err := gl.Open(gl.Lend(glfw.GetProcAddress))
	if err != nil {
		return err
	}
	defer dev.Close() // while there is a context
	l, err := newLearner(dev, img, o.batch)
	if err != nil {
		return err
	}
	s, err := newScreen(img, l)
	if err != nil {
		return err
	}
	fmt.Printf("training on %s (%s)\n", dev.Info().Name, dev.Info().Driver)
	rate := newRate()
	for perStep := 1; !window.ShouldClose() && (o.steps == 0 || l.steps < o.steps); {
		began := time.Now()
		n := perStep
		if o.steps > 0 {
			n = min(n, o.steps-l.steps)
		}
		if err := l.learn(n); err != nil {
			return err
		}
		// As many steps as fit into a frame, approached by halves: a single frame may be an odd one.
		fit := float64(n) * perFrame.Seconds() / time.Since(began).Seconds()
		perStep = min(max(1, (perStep+int(fit))/2), 2*perStep)
		l.paint.Run(1)
		if err := gl.Work(dev); err != nil {
			return err
		}
		width, height := window.GetFramebufferSize()
		s.draw(image.Pt(width, height), [2]string{
			name, fmt.Sprintf("the network after %s steps, %.1f dB", thousands(l.steps), -10*math.Log10(l.loss)),
		}, fmt.Sprintf("%.0f frames/s, %s steps/s, trained and drawn on %s", rate.frames, thousands(int(rate.steps)), short(dev.Info())))
		window.SwapBuffers()
		glfw.PollEvents()
		rate.frame(l.steps)
	}
	fmt.Printf("%s after %d steps: %.1f dB, %.0f frames/s\n", name, l.steps, -10*math.Log10(l.loss), rate.frames)
	if o.output == "" {
		return nil
	}
	return write(o.output, s.grab())
}

// openWindow makes a window with a context that can run compute shaders, current on this thread.
func openWindow(title string, picture image.Point) (window *glfw.Window, err error) {
	defer func() {
		// The binding panics where it does not expect an error, as after a display server that it could not reach.
		if p := recover(); p != nil {
			err = fmt.Errorf("no window: %v (is there a display? on a server: xvfb-run, or build without -tags glfw)", p)
		}
	}()
	if err := glfw.Init(); err != nil {
		return nil, err
	}
	glfw.WindowHint(glfw.ContextVersionMajor, 4)
	glfw.WindowHint(glfw.ContextVersionMinor, 3)
	glfw.WindowHint(glfw.OpenGLProfile, glfw.OpenGLCoreProfile)
	zoom := max(1, 480/max(picture.X, picture.Y))
	size := layout{picture: picture, zoom: zoom}.size()
	window, err = glfw.CreateWindow(size.X, size.Y, title, nil, nil)
	if err != nil || window == nil {
		glfw.Terminate()
		return nil, fmt.Errorf("no window with OpenGL 4.3, which compute shaders need: %v", err)
	}
	window.MakeContextCurrent()
	glfw.SwapInterval(1)
	return window, gpu.InitWithProcAddrFunc(glfw.GetProcAddress)
}

func short(i backend.Info) string {
	if i.Software {
		return i.Name + ", which is this CPU"
	}
	return i.Name
}

// rate counts frames and steps over the last half second.
type rate struct {
	frames, steps float64 // a second
	since         time.Time
	count, before int
}

func newRate() *rate { return &rate{since: time.Now()} }

func (r *rate) frame(steps int) {
	r.count++
	if took := time.Since(r.since).Seconds(); took > 0.5 || r.frames == 0 {
		r.frames, r.steps = float64(r.count)/took, float64(steps-r.before)/took
		r.since, r.count, r.before = time.Now(), 0, steps
	}
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
