//go:build !(linux && (amd64 || arm64))

package safetensors

import "os"

func flush(*os.File, int64, int64) {}
