package doctor

import (
	"slices"
	"strings"
)

// packages is what installs things on a family of Linux systems.
type packages struct {
	install  []string // commands, before the packages' names
	build    string   // a C compiler, pkg-config and libGL's headers
	egl      string   // the loader, libEGL.so.1
	mesa     string   // drivers for AMD and Intel, and the software renderer
	before   string   // what has to be done by hand before the commands of nvidia
	nvidia   []string // the commands that install NVIDIA's driver
	nvidiaGL string   // NVIDIA's libEGL and libGL; BRANCH stands for the driver's major version
	firmware string
}

var (
	apt    = []string{"apt-get update", "apt-get install -y --no-install-recommends"}
	dnf    = []string{"dnf install -y"}
	pacman = []string{"pacman -S --needed"}
)

// families are found by os-release's ID, then by its ID_LIKE, in the order that os-release gives.
var families = map[string]packages{
	"debian": {
		install: apt, build: "gcc libc6-dev pkg-config libgl-dev", egl: "libegl1", mesa: "libegl1 libegl-mesa0 libgl1-mesa-dri",
		before:   "add contrib, non-free and non-free-firmware to the components in /etc/apt/sources.list*, then: ",
		nvidia:   []string{"apt-get update", `apt-get install -y "linux-headers-$(dpkg --print-architecture)" nvidia-driver`, "reboot"},
		nvidiaGL: "nvidia-driver-libs", firmware: "firmware-linux-nonfree",
	},
	"ubuntu": {
		install: apt, build: "gcc libc6-dev pkg-config libgl-dev", egl: "libegl1", mesa: "libegl1 libegl-mesa0 libgl1-mesa-dri",
		nvidia:   []string{"apt-get update", "apt-get install -y ubuntu-drivers-common", "ubuntu-drivers install", "reboot"},
		nvidiaGL: "libnvidia-gl-BRANCH", firmware: "linux-firmware",
	},
	"fedora": {
		install: dnf, build: "gcc pkgconf-pkg-config libglvnd-devel libX11-devel", egl: "libglvnd-egl",
		mesa:     "libglvnd-egl mesa-libEGL mesa-dri-drivers",
		before:   "enable RPM Fusion (https://rpmfusion.org/Configuration), then: ",
		nvidia:   []string{"dnf install -y akmod-nvidia", "akmods --force", "reboot"},
		nvidiaGL: "xorg-x11-drv-nvidia-libs", firmware: "linux-firmware",
	},
	"rhel": {
		install: dnf, build: "gcc pkgconf-pkg-config libglvnd-devel libX11-devel", egl: "libglvnd-egl",
		mesa:     "libglvnd-egl mesa-libEGL mesa-dri-drivers",
		before:   "install NVIDIA's driver as https://docs.nvidia.com/datacenter/tesla/driver-installation-guide says, then: ",
		nvidia:   []string{"reboot"},
		nvidiaGL: "nvidia-driver-libs", firmware: "linux-firmware",
	},
	"arch": {
		install: pacman, build: "gcc pkgconf libglvnd libx11", egl: "libglvnd", mesa: "libglvnd mesa",
		nvidia:   []string{"pacman -S --needed nvidia-open nvidia-utils", "reboot"},
		nvidiaGL: "nvidia-utils", firmware: "linux-firmware",
	},
}

// unknown says what is wanted where the package manager is not known.
var unknown = packages{
	build: "a C compiler, pkg-config and libGL's headers", egl: "libEGL (of libglvnd or Mesa)", mesa: "Mesa's EGL and DRI drivers",
	before: "install NVIDIA's driver for this system (https://www.nvidia.com/drivers), then: ", nvidia: []string{"reboot"},
	nvidiaGL: "the OpenGL and EGL libraries of NVIDIA's driver", firmware: "linux-firmware",
}

func (e *exam) choosePackages() {
	e.pkg = unknown
	for _, id := range e.sys.ids {
		if p, ok := families[id]; ok {
			e.pkg = p
			break
		}
	}
}

// install is the command that installs packages.
func (e *exam) install(names string) string {
	if e.pkg.install == nil {
		return "install with this system's package manager: " + names
	}
	commands := slices.Clone(e.pkg.install)
	commands[len(commands)-1] += " " + names
	return e.root(commands...)
}

// root is a line of commands for root as this user has to type it.
func (e *exam) root(commands ...string) string {
	if e.Root {
		return strings.Join(commands, " && ")
	}
	return "sudo " + strings.Join(commands, " && sudo ")
}

// nvidiaLibraries are the packages with the user's side of NVIDIA's driver. Ubuntu has two of each branch.
func (e *exam) nvidiaLibraries() string {
	branch, _, _ := strings.Cut(e.nvidiaVersion(), ".")
	if branch == "" {
		branch = "NNN"
	}
	names := strings.ReplaceAll(e.pkg.nvidiaGL, "BRANCH", branch)
	if names != e.pkg.nvidiaGL && strings.Contains(e.read("var/lib/dpkg/status"), "Package: nvidia-kernel-common-"+branch+"-server\n") {
		names += "-server"
	}
	return names
}

// nvidiaVersion is the version of NVIDIA's kernel driver, as 580.95.05; "" where it is not loaded.
func (e *exam) nvidiaVersion() string {
	words := strings.Fields(e.read("proc/driver/nvidia/version"))
	// NVRM version: NVIDIA UNIX (Open) x86_64 Kernel Module  [for x86_64]  580.95.05  Release Build …
	i := slices.IndexFunc(words, func(w string) bool { return w[0] >= '0' && w[0] <= '9' && strings.Contains(w, ".") })
	if i < 0 {
		return ""
	}
	return words[i]
}
