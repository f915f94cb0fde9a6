package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// linux examines from the outside in: how the program was built, which GPUs there are and whether the kernel drives
// them, whether this process may use them, and the libraries that lead to them.
func (e *exam) linux() {
	e.identify()
	e.choosePackages()
	e.findCards()
	e.build()
	e.hardware()
	if e.sys.wsl > 0 {
		e.windowsBelow()
	}
	if e.nvidia {
		e.nvidiaFiles()
	}
	if e.mesa && e.sys.wsl == 0 { // under WSL the way is /dev/dxg
		e.nodes()
	}
	e.libraries()
	e.environment()
	e.unexplained()
}

// build says whether OpenGL is in the program, and what building it lacks. The first lines of the build are the ones
// that newcomers need, so what is there is named only by what is not.
func (e *exam) build() {
	with := ""
	if e.Tags != "" {
		with = " (tags " + e.Tags + ")"
	}
	if e.builtIn() {
		e.ok("build", "with OpenGL%s", with)
		return
	}
	text, step := "without -tags gl", "go build -tags gl ./cmd/mlpbench"
	if e.tagged() {
		text = "with -tags gl, but without cgo"
	}
	if !e.CGO {
		step = "CGO_ENABLED=1 " + step // Go leaves cgo out where it finds no C compiler
	}
	var lacks []string
	if !e.HasTool("gcc") && !e.HasTool("cc") && !e.HasTool("clang") {
		lacks = append(lacks, "a C compiler")
	}
	if !e.HasTool("pkg-config") && !e.HasTool("pkgconf") {
		lacks = append(lacks, "pkg-config")
	}
	if !e.exists("usr/include/GL/glx.h") {
		lacks = append(lacks, "libGL's headers")
	}
	if len(lacks) > 0 {
		text += "; building with it lacks " + strings.Join(lacks, ", ")
		and := " && "
		if e.pkg.install == nil {
			and = ", then: "
		}
		step = e.install(e.pkg.build) + and + step
	}
	e.add(Lack, "build", "built "+text, step)
}

func (e *exam) tagged() bool {
	for tag := range strings.SplitSeq(e.Tags, ",") {
		if tag == "gl" || tag == "glfw" {
			return true
		}
	}
	return false
}

func (e *exam) builtIn() bool { return e.missing == nil || e.CGO && e.tagged() }

// hardware finds GPUs and whether the kernel drives each. What a container lacks of its host's is said once.
func (e *exam) hardware() {
	for _, c := range e.cards {
		name, known := vendors[c.vendor()]
		if !known {
			e.add(Note, "GPU", fmt.Sprintf("a display adapter that is no GPU of NVIDIA, AMD or Intel (PCI %s)", c.id), "")
			continue
		}
		e.Present = true
		what := fmt.Sprintf("%s (PCI %s)", name, c.id)
		switch {
		case c.driver == "vfio-pci":
			e.add(Lack, "GPU", what+" is handed on to a virtual machine (vfio-pci)", "run this inside that virtual machine, or give the GPU back to the host")
			continue
		case c.driver == "" && e.sys.container != "":
			e.add(Lack, "GPU", what+" has no kernel driver", "install the driver on the container's host; nothing in here can")
		case c.driver == "":
			e.add(Lack, "GPU", what+" has no kernel driver", e.driverStep(name))
		default:
			e.ok("GPU", "%s, kernel driver %s", what, c.driver)
		}
		proprietary := name == "NVIDIA" && c.driver != "nouveau"
		e.nvidia, e.mesa = e.nvidia || proprietary && c.driver != "", e.mesa || !proprietary && c.driver != ""
	}
	if e.nvidiaVersion() != "" || len(e.glob("dev/nvidia[0-9]*")) > 0 {
		e.nvidia, e.Present = true, true
	}
	if len(e.renderNodes()) > 0 {
		e.mesa, e.Present = e.mesa || !e.nvidia, true
	}
	if e.Present || e.sys.wsl > 0 {
		return
	}
	if e.sys.container != "" && len(e.glob("sys/bus/pci/devices/*")) == 0 {
		// Whether the host has a GPU cannot be seen from here.
		e.Present = true
		e.add(Lack, "GPU", "none in this container: neither /dev/dri nor /dev/nvidia*", "if the host has a GPU: "+e.giveNVIDIA()+"   (AMD, Intel: "+e.giveDRI()+")")
		return
	}
	e.add(Note, "GPU", "none that Linux shows: no known GPU on the PCI bus, neither /dev/dri nor /dev/nvidia*", "")
}

// driverStep installs or loads the kernel's driver.
func (e *exam) driverStep(vendor string) string {
	switch vendor {
	case "NVIDIA":
		return e.pkg.before + e.root(e.pkg.nvidia...)
	case "AMD":
		return e.root("modprobe amdgpu") + "   (if that changes nothing: " + e.install(e.pkg.firmware) + ", reboot, and see dmesg)"
	}
	return e.root("modprobe i915") + "   (newest GPUs: xe; if that changes nothing: " + e.install(e.pkg.firmware) + ", reboot, and see dmesg)"
}

// nodes checks the device files that Mesa's drivers open.
func (e *exam) nodes() {
	nodes := e.renderNodes()
	switch {
	case len(nodes) == 0 && e.sys.container != "":
		e.add(Lack, "/dev/dri", "no render node: the GPU is not handed to this container", e.giveDRI())
	case len(nodes) == 0:
		e.add(Lack, "/dev/dri", "no render node, though the kernel has a driver for the GPU", "remove nomodeset from the kernel's command line and reboot   (dmesg says more)")
	}
	for _, node := range nodes {
		e.permission(node)
	}
}

// permission says whether this process may open a device file.
func (e *exam) permission(file string) {
	err := e.OpenRW(file)
	group := `"$(stat -c %G ` + file + `)"`
	switch {
	case err == nil:
		e.ok(file, "opens")
	case !errors.Is(err, fs.ErrPermission):
		e.add(Lack, file, "does not open: "+err.Error(), "see what the kernel says of it: "+e.root("dmesg"))
	case e.sys.container != "":
		// Inside, the group may have no name and the user cannot be changed.
		e.add(Lack, file, "this user may not open it", e.giveDRI()+` --group-add "$(stat -c %g `+file+`)"   (stat on the host)`)
	default:
		e.add(Lack, file, "this user may not open it", e.root(`usermod -aG `+group+` "$USER"`)+"   (then log out and in)")
	}
}

// giveDRI starts the container with the device files of AMD's and Intel's GPUs.
func (e *exam) giveDRI() string {
	switch e.sys.container {
	case "kubernetes":
		return "give the pod a GPU: a resource limit of the device plugin, amd.com/gpu: 1 or gpu.intel.com/i915: 1"
	case "lxc":
		return "on the host: lxc config device add CONTAINER gpu gpu"
	}
	return e.sys.container + " run --device /dev/dri"
}

// giveNVIDIA starts the container with NVIDIA's GPU and the part of the driver that OpenGL needs.
func (e *exam) giveNVIDIA() string {
	switch e.sys.container {
	case "kubernetes":
		return "give the pod the resource limit nvidia.com/gpu: 1 and the variable NVIDIA_DRIVER_CAPABILITIES=all"
	case "lxc":
		return "on the host: lxc config set CONTAINER nvidia.runtime=true nvidia.driver.capabilities=all && lxc config device add CONTAINER gpu gpu"
	case "podman":
		return "podman run --device nvidia.com/gpu=all -e NVIDIA_DRIVER_CAPABILITIES=all"
	}
	return "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all"
}
