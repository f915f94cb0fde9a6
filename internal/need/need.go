// Package need is for tests of what a machine may lack: they skip with the reason, and fail where the environment
// variable GLOSS_REQUIRE, as in "gl,mnist", says that it has to be there.
package need

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Required reports whether GLOSS_REQUIRE names what.
func Required(what string) bool {
	return slices.Contains(strings.Split(os.Getenv("GLOSS_REQUIRE"), ","), what)
}

// Lacking ends a test for want of what: err is the reason.
func Lacking(t testing.TB, what string, err error) {
	t.Helper()
	if Required(what) {
		t.Fatal(err)
	}
	t.Skip(err)
}

// MNIST is the folder of MNIST's four files, which the project does not hold: the one that GLOSS_MNIST names, or
// shared/data/mnist beside the checkout.
func MNIST(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("GLOSS_MNIST")
	if dir == "" {
		dir = filepath.Join(root(t), "..", "shared", "data", "mnist")
	}
	if _, err := os.Stat(dir); err != nil {
		Lacking(t, "mnist", errors.Join(errors.New("set GLOSS_MNIST to the folder of the four files to run this"), err))
	}
	return dir
}

// root is the folder of go.mod: tests run in that of their package.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatalf("no go.mod above the test's folder: %v", err)
	return ""
}
