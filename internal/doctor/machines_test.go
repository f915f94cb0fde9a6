package doctor

import (
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/gl"
)

// TestMachines has a machine of every kind. Its first thing to do is the whole step.
func TestMachines(t *testing.T) {
	const aptBuild = "apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev pkg-config libgl-dev && go build -tags gl ./cmd/mlpbench"
	working := []string{debian, pci("10DE:2684", "nvidia"), kernel, ctl, gpu0, egl, glvnd, eglNV, jsonNV}
	for _, c := range []struct {
		name  string
		box   box
		first string   // "" where the GPU can be used
		says  []string // besides
	}{
		{"a GPU that works", box{files: working, tags: "gl", found: []gl.Found{geforce, soft}}, "",
			[]string{"580.95.05", "gl:0", "a GPU\n", "gl:1", "avx2 fma", "Used now: gl, NVIDIA GeForce RTX 4090"}},
		{"works, but GLOSS_DEVICE=cpu", box{files: working, tags: "gl", found: []gl.Found{geforce}, env: []string{"GLOSS_DEVICE=cpu"}}, "",
			[]string{"programs that name no device open cpu: AMD EPYC", "→ unset GLOSS_DEVICE", "Used now: cpu, AMD EPYC"}},
		{"works, but GLOSS_DEVICE=cuda", box{files: working, tags: "gl", found: []gl.Found{geforce}, env: []string{"GLOSS_DEVICE=cuda"}}, "",
			[]string{"LACK", `no device is called "cuda"`, "Used now: nothing, for GLOSS_DEVICE=cuda opens no device"}},

		// How the program was built.
		{"without the tag", box{files: append(working, headers), why: noTag}, "go build -tags gl ./cmd/mlpbench", []string{"built without -tags gl\n", "not tried"}},
		{"without the tag or a compiler, Debian", box{files: working, why: noTag, bare: true, root: true}, aptBuild,
			[]string{"lacks a C compiler, pkg-config, libGL's headers"}},
		{"the same, no root", box{files: working, why: noTag, bare: true},
			"sudo apt-get update && sudo apt-get install -y --no-install-recommends gcc libc6-dev pkg-config libgl-dev && go build -tags gl ./cmd/mlpbench", nil},
		{"Fedora", box{files: []string{fedora, pci("1002:744C", "amdgpu"), render}, why: noTag},
			"sudo dnf install -y gcc pkgconf-pkg-config libglvnd-devel libX11-devel && go build -tags gl ./cmd/mlpbench", []string{"→ sudo dnf install -y libglvnd-egl mesa-libEGL mesa-dri-drivers"}},
		{"Arch", box{files: []string{arch, pci("8086:A780", "i915"), render}, why: noTag},
			"sudo pacman -S --needed gcc pkgconf libglvnd libx11 && go build -tags gl ./cmd/mlpbench", nil},
		{"a system that is not known", box{files: []string{alpine, pci("8086:A780", "i915"), render}, why: noTag},
			"install with this system's package manager: a C compiler, pkg-config and libGL's headers, then: go build -tags gl ./cmd/mlpbench", nil},

		// The kernel's side.
		{"NVIDIA without a driver, Debian", box{files: []string{debian, pci("10DE:2684", ""), egl, jsonMesa}, tags: "gl", found: []gl.Found{soft}, root: true},
			`add contrib, non-free and non-free-firmware to the components in /etc/apt/sources.list*, then: apt-get update && apt-get install -y "linux-headers-$(dpkg --print-architecture)" nvidia-driver && reboot`,
			[]string{"a software renderer"}},
		{"NVIDIA without a driver, Mint", box{files: []string{mint, pci("10DE:2684", "")}, tags: "gl", found: []gl.Found{soft}},
			"sudo apt-get update && sudo apt-get install -y ubuntu-drivers-common && sudo ubuntu-drivers install && sudo reboot", nil},
		{"NVIDIA without a driver, Fedora", box{files: []string{fedora, pci("10DE:2684", "")}, tags: "gl", found: []gl.Found{soft}},
			"enable RPM Fusion (https://rpmfusion.org/Configuration), then: sudo dnf install -y akmod-nvidia && sudo akmods --force && sudo reboot", nil},
		{"NVIDIA without a driver, Rocky", box{files: []string{rocky, pci("10DE:2684", "")}, tags: "gl", found: []gl.Found{soft}},
			"install NVIDIA's driver as https://docs.nvidia.com/datacenter/tesla/driver-installation-guide says, then: sudo reboot", nil},
		{"NVIDIA without a driver, Arch", box{files: []string{arch, pci("10DE:2684", "")}, tags: "gl", found: []gl.Found{soft}},
			"sudo pacman -S --needed nvidia-open nvidia-utils && sudo reboot", nil},
		{"AMD without a driver", box{files: []string{debian, pci("1002:744C", "")}, tags: "gl", found: []gl.Found{soft}}, "sudo modprobe amdgpu", []string{"firmware-linux-nonfree"}},
		{"Intel without a driver", box{files: []string{ubuntu, pci("8086:A780", "")}, tags: "gl", found: []gl.Found{soft}}, "sudo modprobe i915", nil},
		{"nomodeset", box{files: []string{debian, pci("1002:744C", "amdgpu")}, tags: "gl", found: []gl.Found{soft}}, "remove nomodeset", nil},
		{"handed to a virtual machine", box{files: []string{debian, pci("10DE:2684", "vfio-pci")}, tags: "gl", found: []gl.Found{soft}}, "run this inside that virtual machine", nil},
		{"no device files", box{files: []string{debian, pci("10DE:2684", "nvidia"), kernel, eglNV, jsonNV}, tags: "gl", found: []gl.Found{soft}},
			"sudo modprobe nvidia && sudo nvidia-modprobe -c 0", nil},
		{"not in the group", box{files: []string{debian, pci("1002:744C", "amdgpu"), render, egl, jsonMesa}, tags: "gl", found: []gl.Found{broken, soft}, locked: "/" + render},
			`sudo usermod -aG "$(stat -c %G /dev/dri/renderD128)" "$USER"`, []string{"the driver does not start"}},
		{"two GPUs, one works", box{files: append(working, strings.Replace(pci("1002:744C", ""), "01:00", "02:00", 1)), tags: "gl", found: []gl.Found{geforce}}, "",
			[]string{"LACK", "→ sudo modprobe amdgpu"}},
		{"no GPU", box{files: []string{debian, pci("1A03:2000", "ast"), egl, jsonMesa}, tags: "gl", found: []gl.Found{soft}}, "nothing; this machine shows no GPU", []string{"no GPU of NVIDIA, AMD or Intel (PCI 1A03:2000)"}},
		{"a virtual machine", box{files: []string{debian, pci("1AF4:1050", "virtio-pci"), render, "sys/class/drm/renderD128/device/uevent=DRIVER=virtio_gpu\n"},
			tags: "gl", found: []gl.Found{soft}}, "nothing; this machine shows no GPU", nil},
		{"a GPU that is not on PCI", box{files: []string{debian, render, egl}, tags: "gl", found: []gl.Found{soft}, locked: "/" + render}, "sudo usermod", nil},
		{"no GPU and nothing else", box{files: []string{debian}, why: noTag, bare: true}, "nothing; this machine shows no GPU", []string{"note  build"}},
	} {
		check(t, c.name, &c.box, c.first, c.says)
	}
}

// TestLibraries has machines whose kernel does its part.
func TestLibraries(t *testing.T) {
	nv := []string{debian, pci("10DE:2684", "nvidia"), kernel, ctl, gpu0}
	amd := []string{debian, pci("1002:744C", "amdgpu"), render}
	with := func(files []string, more ...string) []string { return append(append([]string{}, files...), more...) }
	server := "var/lib/dpkg/status=Package: nvidia-kernel-common-580-server\nStatus: install ok installed\n"
	for _, c := range []struct {
		name  string
		box   box
		first string
		says  []string
	}{
		{"no libEGL, NVIDIA", box{files: with(nv, eglNV, jsonNV), tags: "gl", why: noEGL, root: true}, "apt-get update && apt-get install -y --no-install-recommends libegl1.", nil},
		{"no libEGL, AMD", box{files: amd, tags: "gl", why: noEGL, root: true}, "apt-get update && apt-get install -y --no-install-recommends libegl1 libegl-mesa0 libgl1-mesa-dri", nil},
		{"no EGL driver of NVIDIA's, Debian", box{files: with(nv, egl, glvnd, jsonMesa), tags: "gl", found: []gl.Found{soft}, root: true},
			"apt-get update && apt-get install -y --no-install-recommends nvidia-driver-libs", nil},
		{"the same, Ubuntu", box{files: append([]string{ubuntu}, nv[1:]...), tags: "gl", found: []gl.Found{soft}, root: true}, "apt-get update && apt-get install -y --no-install-recommends libnvidia-gl-580.", nil},
		{"the same, Ubuntu, server", box{files: append([]string{ubuntu, server}, nv[1:]...), tags: "gl", found: []gl.Found{soft}, root: true}, "apt-get update && apt-get install -y --no-install-recommends libnvidia-gl-580-server.", nil},
		{"NVIDIA is not registered", box{files: with(nv, egl, glvnd, eglNV, jsonMesa), tags: "gl", found: []gl.Found{soft}, root: true},
			`mkdir -p /usr/share/glvnd/egl_vendor.d && sh -c 'echo "{\"file_format_version\":\"1.0.0\",\"ICD\":{\"library_path\":\"libEGL_nvidia.so.0\"}}" >/usr/share/glvnd/egl_vendor.d/10_nvidia.json'`, nil},
		{"only Mesa by a variable", box{files: with(nv, egl, glvnd, eglNV, jsonNV, jsonMesa), tags: "gl", found: []gl.Found{soft},
			env: []string{"__EGL_VENDOR_LIBRARY_FILENAMES=/usr/share/glvnd/egl_vendor.d/50_mesa.json"}}, "unset __EGL_VENDOR_LIBRARY_FILENAMES", nil},
		{"no driver by a variable", box{files: with(nv, egl, glvnd, eglNV, jsonNV), tags: "gl", why: noDriver, env: []string{"__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent"}},
			"unset __EGL_VENDOR_LIBRARY_FILENAMES", []string{"/nonexistent names no library"}},
		{"folders by a variable", box{files: with(nv, egl, glvnd, eglNV, jsonNV), tags: "gl", why: noDriver, env: []string{"__EGL_VENDOR_LIBRARY_DIRS=/opt/none"}}, "unset __EGL_VENDOR_LIBRARY_DIRS", nil},
		{"Mesa is not there", box{files: with(amd, egl, glvnd), tags: "gl", why: noDriver}, "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 libegl-mesa0 libgl1-mesa-dri", nil},
		{"Mesa in software by a variable", box{files: with(amd, egl, glvnd, jsonMesa), tags: "gl", found: []gl.Found{soft}, env: []string{"LIBGL_ALWAYS_SOFTWARE=1"}}, "unset LIBGL_ALWAYS_SOFTWARE", nil},
		{"too old", box{files: with(amd, egl, glvnd, jsonMesa), tags: "gl", found: []gl.Found{old, soft}, root: true}, "apt-get update && apt-get install -y --no-install-recommends libegl1 libegl-mesa0", []string{"less than OpenGL 4.3"}},
		{"nobody knows why, AMD", box{files: with(amd, egl, glvnd, jsonMesa), tags: "gl", found: []gl.Found{broken, soft}}, "sudo apt-get update", []string{"no way to a driver leads to the GPU"}},
		{"nobody knows why, NVIDIA", box{files: with(nv, egl, glvnd, eglNV, jsonNV), tags: "gl", found: []gl.Found{broken, soft}}, "sudo apt-get update", []string{"reboot after an upgrade"}},
	} {
		check(t, c.name, &c.box, c.first, c.says)
	}
}

func TestContainersAndOthers(t *testing.T) {
	nv := []string{ubuntu, docker, pci("10DE:2335", "nvidia"), egl, glvnd, jsonMesa}
	with := func(files []string, more ...string) []string { return append(append([]string{}, files...), more...) }
	wsl := []string{ubuntu, "proc/version=Linux version 5.15.167.4-microsoft-standard-WSL2", egl, glvnd, jsonMesa}
	const run = "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all"
	for _, c := range []struct {
		name  string
		box   box
		first string
		says  []string
	}{
		{"a container without its host's NVIDIA", box{files: nv, tags: "gl", found: []gl.Found{soft}}, run, []string{"in a container (docker)", "container toolkit"}},
		{"capabilities", box{files: with(nv, kernel, ctl, gpu0), tags: "gl", found: []gl.Found{soft}, env: []string{"NVIDIA_DRIVER_CAPABILITIES=compute,utility"}}, run + ".", []string{"(it is compute,utility)"}},
		{"capabilities not set", box{files: with(nv, kernel, ctl, gpu0), tags: "gl", found: []gl.Found{soft}}, run + ".", []string{"not set, so it has no graphics"}},
		{"a container whose host has no driver", box{files: []string{ubuntu, docker, pci("10DE:2335", "")}, tags: "gl", found: []gl.Found{soft}}, "install the driver on the container's host", nil},
		{"AMD and no /dev/dri", box{files: []string{debian, docker, pci("1002:744C", "amdgpu")}, tags: "gl", found: []gl.Found{soft}}, "docker run --device /dev/dri", nil},
		{"AMD and another group", box{files: []string{debian, docker, pci("1002:744C", "amdgpu"), render}, tags: "gl", found: []gl.Found{soft}, locked: "/" + render},
			`docker run --device /dev/dri --group-add "$(stat -c %g /dev/dri/renderD128)"`, nil},
		{"podman", box{files: []string{fedora, "run/.containerenv", pci("10DE:2335", "nvidia")}, tags: "gl", found: []gl.Found{soft}}, "podman run --device nvidia.com/gpu=all", nil},
		{"kubernetes", box{files: nv[:3], tags: "gl", found: []gl.Found{soft}, env: []string{"KUBERNETES_SERVICE_HOST=10.0.0.1"}}, "give the pod the resource limit nvidia.com/gpu: 1", nil},
		{"lxc", box{files: nv[2:], tags: "gl", found: []gl.Found{soft}, env: []string{"container=lxc"}}, "on the host: lxc config set", nil},
		{"a container that shows nothing", box{files: []string{alpine, docker}, tags: "gl", why: noEGL}, "if the host has a GPU: " + run, []string{"docker run --device /dev/dri"}},
		{"a container on a host without a GPU", box{files: []string{debian, docker, pci("1A03:2000", "ast")}, tags: "gl", found: []gl.Found{soft}}, "nothing; this machine shows no GPU", nil},

		{"WSL 1", box{files: []string{ubuntu, "proc/version=Linux version 4.4.0-19041-Microsoft"}, tags: "gl", why: noEGL}, "in PowerShell: wsl --set-version DISTRIBUTION 2", []string{"in WSL 1"}},
		{"WSL 2 without a GPU", box{files: wsl, tags: "gl", found: []gl.Found{soft}}, "in PowerShell: wsl --update; wsl --shutdown", []string{"in WSL 2"}},
		{"WSL 2 on llvmpipe", box{files: with(wsl, "dev/dxg", "usr/lib/wsl/lib/libd3d12.so"), tags: "gl", found: []gl.Found{soft}}, "export GALLIUM_DRIVER=d3d12", nil},
		{"WSL 2, old Mesa", box{files: with(wsl, "dev/dxg", "usr/lib/wsl/lib/libd3d12.so"), tags: "gl", found: []gl.Found{old}, env: []string{"GALLIUM_DRIVER=d3d12"}},
			"sudo apt-get update", []string{"a newer distribution"}},
		{"WSL 2 without Mesa", box{files: append([]string{"dev/dxg", "usr/lib/wsl/lib/libd3d12.so"}, wsl[:2]...), tags: "gl", why: noEGL, root: true}, "apt-get update && apt-get install", nil},
		{"WSL 2 that works", box{files: with(wsl, "dev/dxg"), tags: "gl", found: []gl.Found{{Name: "surfaceless", Renderer: "D3D12 (NVIDIA GeForce RTX 4090)", Version: "4.6"}}}, "", nil},

		{"macOS", box{os: "darwin", why: "gl: device unavailable: OpenGL is not supported on darwin yet"}, "nothing on macOS", []string{"compute shaders", "darwin/amd64"}},
		{"Windows without OpenGL in the program", box{os: "windows", why: noTag, bare: true}, "winget install", []string{"go build -tags gl"}},
		{"Windows with a compiler", box{os: "windows", why: noTag}, "go build -tags gl", nil},
		{"Windows without cgo", box{os: "windows", why: noTag, noCGO: true}, "in PowerShell, with $env:CGO_ENABLED=1: go build", nil},
		{"Windows without a driver", box{os: "windows", tags: "gl", found: []gl.Found{noWindow}}, "install the GPU's driver from its maker", []string{"GLFW, a hidden window does not open: glfw: no OpenGL 4.3"}},
		{"Windows on Mesa's software", box{os: "windows", tags: "gl", found: []gl.Found{soft}}, "install the GPU's driver from its maker", nil},
		{"Windows with OpenGL", box{os: "windows", tags: "gl", found: []gl.Found{geforce}}, "", nil},
		{"FreeBSD", box{os: "freebsd", why: "gl: device unavailable: OpenGL is not supported on freebsd yet"}, "nothing on this system", nil},
	} {
		check(t, c.name, &c.box, c.first, c.says)
	}
}

func check(t *testing.T, name string, b *box, first string, says []string) {
	t.Helper()
	r := Examine(b.machine())
	var out strings.Builder
	if err := r.Write(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	shape(t, name, r, text)
	if _, step, _ := strings.Cut(r.Last()+".", "First thing to do: "); r.GPU != (first == "") || !strings.HasPrefix(step, first) {
		t.Errorf("%s: first %q, want %q\n%s", name, step, first, text)
	}
	for _, want := range says {
		if !strings.Contains(text, want) {
			t.Errorf("%s: does not say %q\n%s", name, want, text)
		}
	}
}
