package cpu

import "github.com/gloss-ml/gloss/backend/cpu/internal/f32"

// Losses that read a target, and their gradients, which read the prediction before it.
var lossKernels = map[string]struct {
	cost float64
	run  func(s *scratch, l *link, v []float32, first int)
}{
	"bce": {15, func(s *scratch, _ *link, v []float32, _ int) {
		f32.BCE(v, spread(s, 0, len(v)), spread(s, 1, len(v)))
	}},
	"bce_grad": {6, func(s *scratch, _ *link, v []float32, _ int) {
		f32.BCEGrad(v, spread(s, 0, len(v)), spread(s, 1, len(v)), spread(s, 2, len(v)))
	}},
	"poisson": {4, func(s *scratch, l *link, v []float32, first int) {
		if l.p[0] != 0 { // with the target's factorial
			define(s, l, v, first)
			return
		}
		f32.Poisson(v, spread(s, 0, len(v)))
	}},
	"poisson_grad": {4, func(s *scratch, _ *link, v []float32, _ int) {
		f32.PoissonGrad(v, spread(s, 0, len(v)), spread(s, 1, len(v)))
	}},
	"pinball": {1, func(s *scratch, _ *link, v []float32, _ int) {
		f32.Pinball(v, spread(s, 0, len(v)), spread(s, 1, len(v)))
	}},
	"pinball_grad": {2, func(s *scratch, _ *link, v []float32, _ int) {
		f32.PinballGrad(v, spread(s, 0, len(v)), spread(s, 1, len(v)), spread(s, 2, len(v)))
	}},
	"add_sign": {1, func(s *scratch, l *link, v []float32, _ int) {
		f32.AddSign(v, float32(l.p[0]), spread(s, 0, len(v)))
	}},
}
