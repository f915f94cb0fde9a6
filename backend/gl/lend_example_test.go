package gl_test

import (
	"log"
	"runtime"
	"unsafe"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/gl"
)

// A program with a window trains in the window's context and draws from the buffers that it trains. The calls that are
// left out are those of its windowing library; examples/picture is such a program, with GLFW.
func ExampleLend() {
	var getProcAddress func(name string) unsafe.Pointer // glfw.GetProcAddress
	runtime.LockOSThread()
	// window.MakeContextCurrent()
	dev, err := gl.Open(gl.Lend(getProcAddress))
	if err != nil {
		log.Print(err)
		return
	}
	defer dev.Close()
	pixels, err := backend.Alloc(dev, backend.F32, 640*480)
	if err != nil {
		log.Print(err)
		return
	}
	for range 60 { // frames
		// Queue what a frame computes: programs that Run, backend.Do, trainer.Advance.
		if err := gl.Work(dev); err != nil {
			log.Print(err)
			return
		}
		_ = gl.Object(pixels) // bind it and draw; then swap the window's buffers
	}
}
