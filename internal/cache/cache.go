// Package cache says where gloss keeps what it can make again: compiled programs, measured rates.
package cache

import (
	"os"
	"path/filepath"
)

// Dir is the folder for one kind of it: in the folder that GLOSS_CACHE names, or else in gloss in the user's folder of
// caches; "" where GLOSS_CACHE is "off" or there is no such folder.
func Dir(kind string) string {
	switch dir := os.Getenv("GLOSS_CACHE"); dir {
	case "off":
		return ""
	case "":
	default:
		return filepath.Join(dir, kind)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "gloss", kind)
}
