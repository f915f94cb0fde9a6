package doctor

import (
	"encoding/json"
	"path"
	"strings"
)

// nvidiaFiles checks what NVIDIA's own driver needs of the file system. In a container all of it is put there by
// NVIDIA's toolkit, by what NVIDIA_DRIVER_CAPABILITIES says.
func (e *exam) nvidiaFiles() {
	if v := e.nvidiaVersion(); v != "" {
		e.ok("nvidia", "kernel driver %s", v)
	}
	nodes := e.glob("dev/nvidia[0-9]*")
	switch inside := e.sys.container != ""; {
	case e.sys.wsl > 0: // Windows has the driver
	case e.exists("dev/nvidiactl") && len(nodes) > 0:
		for _, node := range append(nodes, "dev/nvidiactl") {
			e.permission("/" + node)
		}
	case inside:
		e.add(Lack, "/dev/nvidia*", "the GPU is not handed to this container", e.giveNVIDIA()+"   (the host needs NVIDIA's container toolkit)")
		return
	default:
		e.add(Lack, "/dev/nvidia*", "the driver's device files are missing", e.root("modprobe nvidia", "nvidia-modprobe -c 0"))
	}
	if e.GPU || e.sys.wsl > 0 {
		return
	}
	switch lib := e.library("libEGL_nvidia.so.0"); {
	case lib != "":
		e.ok("nvidia", "EGL driver %s", lib)
	case e.sys.container != "":
		has := e.Getenv("NVIDIA_DRIVER_CAPABILITIES")
		if has == "" {
			has = "not set, so it has no graphics"
		}
		e.add(Lack, "nvidia", "libEGL_nvidia.so.0 is not in this container: NVIDIA_DRIVER_CAPABILITIES has to have graphics or be all (it is "+has+")", e.giveNVIDIA())
	default:
		e.add(Lack, "nvidia", "libEGL_nvidia.so.0 is missing: the driver was installed without its OpenGL part", e.install(e.nvidiaLibraries()))
	}
}

// libraries checks the way from libEGL to a driver, where OpenGL itself has not shown that it works.
func (e *exam) libraries() {
	if e.GPU {
		e.ok("libEGL", "loads")
		return
	}
	egl := e.library("libEGL.so.1")
	switch {
	case e.missing != nil && e.builtIn() && strings.Contains(e.missing.Error(), "libEGL.so.1: ") || egl == "" && !e.builtIn():
		names := e.pkg.mesa
		if e.nvidia {
			names = e.pkg.egl
		}
		e.add(Lack, "libEGL", "libEGL.so.1 is not to be found", e.install(names))
		return
	case !e.builtIn():
		e.ok("libEGL", "%s (not tried: OpenGL is not in this program)", egl)
	default:
		e.ok("libEGL", "loads")
	}
	e.drivers()
}

// drivers checks which vendors' drivers libEGL is told of.
func (e *exam) drivers() {
	vendors, from := e.registered()
	var names []string
	has := func(what string) bool { return strings.Contains(strings.ToLower(strings.Join(names, " ")), what) }
	for _, file := range vendors {
		var icd struct {
			ICD struct {
				Path string `json:"library_path"`
			}
		}
		text := e.read(strings.TrimPrefix(file, "/"))
		if err := json.Unmarshal([]byte(text), &icd); err != nil || icd.ICD.Path == "" {
			e.add(Note, "drivers", file+" names no library, so libEGL passes over it", "")
			continue
		}
		names = append(names, icd.ICD.Path)
		e.ok("drivers", "%s: %s", file, icd.ICD.Path)
	}
	if from != "" {
		text := from + " is set, and libEGL knows no drivers but those that it names"
		if e.nvidia && !has("nvidia") || e.mesa && !has("mesa") || len(names) == 0 {
			e.add(Lack, "drivers", text, e.unset(from))
		} else {
			e.add(Note, "drivers", text, "")
		}
		return
	}
	if e.nvidia && !has("nvidia") && e.library("libEGL_nvidia.so.0") != "" {
		const file = "/usr/share/glvnd/egl_vendor.d/10_nvidia.json"
		e.add(Lack, "drivers", "libEGL is not told of NVIDIA's driver", e.root("mkdir -p "+path.Dir(file),
			`sh -c 'echo "{\"file_format_version\":\"1.0.0\",\"ICD\":{\"library_path\":\"libEGL_nvidia.so.0\"}}" >`+file+`'`))
	}
	// Where libEGL is Mesa's own, without libglvnd between, nothing is registered.
	if glvnd := e.library("libGLdispatch.so.0") != ""; e.mesa && glvnd && !has("mesa") {
		e.add(Lack, "drivers", "Mesa's drivers, which AMD's and Intel's GPUs need, are not there", e.install(e.pkg.mesa))
	} else if glvnd && len(names) == 0 && !e.nvidia {
		e.add(Note, "drivers", "none is registered with libEGL, not even a software renderer", e.install(e.pkg.mesa))
	}
}

// registered are the files that name drivers to libEGL, and the variable that says so where one does.
func (e *exam) registered() (files []string, variable string) {
	if list := e.Getenv("__EGL_VENDOR_LIBRARY_FILENAMES"); list != "" {
		return strings.Split(list, ":"), "__EGL_VENDOR_LIBRARY_FILENAMES"
	}
	dirs := []string{"/etc/glvnd/egl_vendor.d", "/usr/share/glvnd/egl_vendor.d"}
	if list := e.Getenv("__EGL_VENDOR_LIBRARY_DIRS"); list != "" {
		dirs, variable = strings.Split(list, ":"), "__EGL_VENDOR_LIBRARY_DIRS"
	}
	for _, dir := range dirs {
		for _, f := range e.glob(strings.TrimPrefix(path.Join(dir, "*.json"), "/")) {
			files = append(files, "/"+f)
		}
	}
	return files, variable
}

// environment finds variables that keep Mesa from the GPU.
func (e *exam) environment() {
	if e.GPU {
		return
	}
	for _, name := range []string{"LIBGL_ALWAYS_SOFTWARE", "GALLIUM_DRIVER", "MESA_LOADER_DRIVER_OVERRIDE", "MESA_GL_VERSION_OVERRIDE",
		"MESA_EXTENSION_OVERRIDE", "LIBGL_DRIVERS_PATH", "GBM_BACKENDS_PATH"} {
		v := e.Getenv(name)
		if v == "" || name == "GALLIUM_DRIVER" && v == "d3d12" || name == "LIBGL_ALWAYS_SOFTWARE" && (v == "0" || v == "false") {
			continue
		}
		e.add(Lack, "variable", name+"="+v+" steers Mesa, perhaps away from the GPU", e.unset(name))
	}
}

// windowsBelow checks what WSL needs of Windows.
func (e *exam) windowsBelow() {
	e.Present = true
	switch {
	case e.sys.wsl == 1:
		e.add(Lack, "WSL", "version 1 has no GPU", "in PowerShell: wsl --set-version DISTRIBUTION 2   (wsl -l -v lists them)")
		return
	case !e.exists("dev/dxg"):
		e.add(Lack, "WSL", "/dev/dxg is missing: Windows hands no GPU on", "in PowerShell: wsl --update; wsl --shutdown   (and install the GPU's newest driver in Windows)")
		return
	case e.library("libd3d12.so") == "":
		e.add(Lack, "WSL", "libd3d12.so is missing: Windows hands no Direct3D on", "in PowerShell: wsl --update; wsl --shutdown")
	default:
		e.ok("WSL", "/dev/dxg and libd3d12.so are there")
	}
	e.mesa = true
	if e.missing != nil || e.GPU {
		return
	}
	if e.Getenv("GALLIUM_DRIVER") == "" {
		e.add(Lack, "WSL", "Mesa has not chosen its Direct3D driver", "export GALLIUM_DRIVER=d3d12")
	} else {
		e.add(Lack, "WSL", "Mesa's Direct3D driver offers no OpenGL 4.3 here", e.install(e.pkg.mesa)+"   (where that is the newest: a newer distribution)")
	}
}

// unexplained adds a step where there is a GPU that does not work and no reason was found.
func (e *exam) unexplained() {
	if e.GPU || !e.Present || e.first() != nil {
		return
	}
	for _, f := range e.found {
		if f.Err != nil && strings.Contains(f.Err.Error(), "offers no OpenGL") {
			e.add(Lack, "OpenGL", "the driver offers less than OpenGL 4.3", e.install(e.pkg.mesa)+"   (if it is the newest already, the GPU is too old)")
			return
		}
	}
	text := "no way to a driver leads to the GPU, and everything that it needs seems to be there"
	if e.nvidia {
		e.add(Lack, "OpenGL", text, e.install(e.nvidiaLibraries())+"   (the libraries' version has to be the kernel driver's: reboot after an upgrade)")
	} else {
		e.add(Lack, "OpenGL", text, e.install(e.pkg.mesa))
	}
}
