//go:build purego || !(amd64 || arm64)

package gemm

import "github.com/gloss-ml/gloss/backend/cpu/internal/isa"

func native(isa.Set) *set { return nil }
