//go:build !linux

package safetensors

import "os"

func flush(*os.File, int64, int64) {}
