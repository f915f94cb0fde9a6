package train_test

import (
	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
)

// f32Device computes in float32, where large numbers overflow.
func f32Device() backend.Backend { return cpu.Open() }
