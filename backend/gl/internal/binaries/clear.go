package binaries

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// temporary begins the names of files that are being written. One that is a day old was left behind.
const temporary = "writing-"

// clearOut removes what was left behind, and of the programs those that were not used for longest until the rest has at most
// most bytes. Other files are not its own. What cannot be removed stays: another process may have been faster.
func clearOut(dir string, most int64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var all []fs.FileInfo
	var bytes int64
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil || !info.Mode().IsRegular():
		case strings.HasPrefix(e.Name(), temporary):
			if time.Since(info.ModTime()) > 24*time.Hour {
				os.Remove(filepath.Join(dir, e.Name()))
			}
		case strings.HasSuffix(e.Name(), ending):
			all = append(all, info)
			bytes += info.Size()
		}
	}
	slices.SortFunc(all, func(a, b fs.FileInfo) int { return cmp.Compare(a.ModTime().UnixNano(), b.ModTime().UnixNano()) })
	for _, info := range all {
		if bytes <= most {
			return
		}
		if os.Remove(filepath.Join(dir, info.Name())) == nil {
			bytes -= info.Size()
		}
	}
}
