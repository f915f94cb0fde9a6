package bench

import (
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gloss-ml/gloss/internal/host"
)

// A Machine is what a report says about where and when it was made.
type Machine struct {
	Build string // the module's version or commit, Go's version, the platform and the tags
	CPU   string
	Time  time.Time
}

// ThisMachine describes the program that runs, and the machine it runs on.
func ThisMachine() Machine {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return Machine{Build: build(info), CPU: host.CPU(), Time: time.Now().UTC().Truncate(time.Second)}
}

func build(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	version := info.Main.Version
	if commit := settings["vcs.revision"]; version == "" || version == "(devel)" {
		version = "devel"
		if commit != "" {
			version += " " + commit[:min(12, len(commit))]
		}
		if settings["vcs.modified"] == "true" {
			version += "+dirty"
		}
	}
	words := []string{version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if tags := settings["-tags"]; tags != "" {
		words = append(words, "tags="+tags)
	}
	return strings.Join(words, " ")
}
