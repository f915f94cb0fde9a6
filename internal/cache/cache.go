// Package cache says where gloss keeps what it can make again: compiled programs, measured rates.
package cache

import (
	"os"
	"path/filepath"
)

// Root is the folder of all kinds: what GLOSS_CACHE names, or else gloss in the user's folder of caches; "" where
// GLOSS_CACHE is "off" or there is no such folder.
func Root() string {
	switch dir := os.Getenv("GLOSS_CACHE"); dir {
	case "off":
		return ""
	case "":
	default:
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "gloss")
}

// Dir is the folder for one kind, "" for none.
func Dir(kind string) string {
	root := Root()
	if root == "" {
		return ""
	}
	return filepath.Join(root, kind)
}

// Check makes the folder, where it is not there yet, and a file in it, which it removes.
func Check() error {
	root := Root()
	if root == "" {
		return nil
	}
	if err := os.MkdirAll(root, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(root, "check-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	return f.Close()
}
