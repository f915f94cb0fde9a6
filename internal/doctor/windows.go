package doctor

// windows has no files to look at: what the program was built with and what OpenGL answers is all that there is.
func (e *exam) windows() {
	if !e.builtIn() {
		step := "go build -tags gl ./cmd/mlpbench"
		if !e.HasTool("gcc") {
			step = "winget install BrechtSanders.WinLibs.POSIX.UCRT   (a C compiler, MinGW-w64), then in a new shell: " + step
		}
		if !e.CGO {
			step = "in PowerShell, with $env:CGO_ENABLED=1: " + step
		}
		e.add(Lack, "build", "built without OpenGL", step)
		return
	}
	e.ok("build", "with OpenGL")
	if !e.GPU {
		e.add(Lack, "OpenGL", "no driver with OpenGL 4.3 for a GPU",
			"install the GPU's driver from its maker (NVIDIA, AMD or Intel), and run this on the machine's own desktop: Remote Desktop may hide the GPU")
	}
}
