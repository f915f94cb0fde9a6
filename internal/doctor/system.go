package doctor

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// system is what kind of Linux this is.
type system struct {
	files     bool // its files were looked at
	name      string
	ids       []string // os-release's ID and ID_LIKE
	container string   // how to start one: "docker", "podman", "kubernetes", "lxc"; "" outside
	wsl       int      // Windows' subsystem for Linux, its version
}

// read is a file's content, empty where there is none.
func (e *exam) read(name string) string {
	b, _ := fs.ReadFile(e.Files, name)
	return string(b)
}

func (e *exam) exists(name string) bool {
	_, err := fs.Stat(e.Files, name)
	return err == nil
}

func (e *exam) glob(pattern string) []string {
	names, _ := fs.Glob(e.Files, pattern)
	return names
}

func (e *exam) identify() {
	e.sys.files = true
	release := map[string]string{}
	for line := range strings.Lines(e.read("etc/os-release")) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			release[key] = strings.Trim(value, `"'`)
		}
	}
	e.sys.ids = strings.Fields(release["ID"] + " " + release["ID_LIKE"])
	if e.sys.name = release["PRETTY_NAME"]; e.sys.name == "" {
		e.sys.name = "Linux"
	}
	e.System = e.sys.name
	if v := e.read("proc/version"); strings.Contains(v, "WSL2") || e.exists("dev/dxg") {
		e.sys.wsl = 2
	} else if strings.Contains(strings.ToLower(v), "microsoft") {
		e.sys.wsl = 1
	}
	switch e.sys.container = e.containerKind(); {
	case e.sys.container != "":
		e.System += " in a container (" + e.sys.container + ")"
	case e.sys.wsl == 1:
		e.System += " in WSL 1"
	case e.sys.wsl == 2:
		e.System += " in WSL 2"
	}
}

func (e *exam) containerKind() string {
	kind := e.Getenv("container") // set by systemd-nspawn, podman and lxc
	groups := e.read("proc/1/cgroup")
	switch {
	case e.Getenv("KUBERNETES_SERVICE_HOST") != "" || strings.Contains(groups, "kubepods"):
		return "kubernetes"
	case e.exists("run/.containerenv") || kind == "podman":
		return "podman"
	case e.exists(".dockerenv") || strings.Contains(groups, "docker"):
		return "docker"
	case kind != "" || strings.Contains(groups, "lxc"):
		return "lxc"
	}
	return ""
}

// library finds a shared library where the loader would look; "" where there is none.
func (e *exam) library(name string) string {
	triple := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[e.Arch] + "-linux-gnu"
	dirs := strings.Split(e.Getenv("LD_LIBRARY_PATH"), ":")
	dirs = append(dirs, "/usr/local/lib/"+triple, "/usr/local/lib64", "/usr/local/lib", "/usr/lib/"+triple, "/lib/"+triple,
		"/usr/lib64", "/lib64", "/usr/lib", "/lib", "/usr/local/nvidia/lib64", "/usr/lib/wsl/lib", "/run/opengl-driver/lib")
	for _, dir := range dirs {
		if !path.IsAbs(dir) {
			continue
		}
		if file := path.Join(dir, name); e.exists(file[1:]) {
			return file
		}
	}
	return ""
}

// card is a display adapter on the PCI bus.
type card struct {
	id     string // "10DE:2335"
	driver string // of the kernel; "" where none has taken it
}

func (c card) vendor() string { return strings.ToLower(c.id[:min(4, len(c.id))]) }

// vendors are those whose GPUs OpenGL 4.3 has drivers for.
var vendors = map[string]string{"10de": "NVIDIA", "1002": "AMD", "8086": "Intel"}

// findCards reads what Linux knows of the PCI bus, which containers see too.
func (e *exam) findCards() {
	for _, file := range e.glob("sys/bus/pci/devices/*/uevent") {
		value := map[string]string{}
		for line := range strings.Lines(e.read(file)) {
			key, v, _ := strings.Cut(strings.TrimSpace(line), "=")
			value[key] = v
		}
		// Class 3 is display, written without leading zeros: 30000, 30200.
		if class := value["PCI_CLASS"]; len(class) == 5 && class[0] == '3' {
			e.cards = append(e.cards, card{value["PCI_ID"], value["DRIVER"]})
		}
	}
}

// renderNodes are the device files of GPUs. The kernel's test drivers have some too, with no GPU behind them, and so have
// the display adapters of virtual machines, mostly without one: those that have one show it through OpenGL itself.
func (e *exam) renderNodes() (nodes []string) {
	for _, node := range e.glob("dev/dri/renderD*") {
		about := e.read("sys/class/drm/" + path.Base(node) + "/device/uevent")
		if !slices.ContainsFunc([]string{"vgem", "vkms", "virtio_gpu", "vmwgfx", "vboxvideo"}, func(driver string) bool { return strings.Contains(about, driver) }) {
			nodes = append(nodes, "/"+node)
		}
	}
	return nodes
}
