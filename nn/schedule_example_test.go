package nn_test

import (
	"fmt"

	"github.com/gloss-ml/gloss/nn"
)

// A warm-up of 100 steps, then half a period of the cosine down to a hundredth of the rate.
func ExampleWarmup() {
	opt := nn.Adam(1e-3)
	opt.Schedule = nn.Warmup(100, nn.CosineDecay(900, 0.01))
	for _, step := range []int64{0, 50, 100, 550, 1000} {
		rate, err := opt.Rate(step)
		fmt.Printf("step %4d: %.6f %v\n", step, rate, err)
	}
	opt.Schedule = nn.Warmup(100, nn.CosineDecay(900, 1.5))
	fmt.Println(opt.Check())
	// Output:
	// step    0: 0.000000 <nil>
	// step   50: 0.000500 <nil>
	// step  100: 0.001000 <nil>
	// step  550: 0.000505 <nil>
	// step 1000: 0.000010 <nil>
	// schedule Warmup(100, CosineDecay(900, 1.5)): CosineDecay(900, 1.5): floor 1.5: 0 to 1 is needed
}

// The rate and, the other way round, Adam's first beta go through one cycle, as with PyTorch's OneCycleLR.
func ExampleOneCycle() {
	cycle := nn.OneCycle(1000)
	opt := nn.Adam(0.01) // the highest rate
	opt.Schedule = cycle
	opt.Beta1, opt.MomentumSchedule = 0.95, cycle.Momentum(0.85/0.95)
	for _, step := range []int64{0, 299, 999} {
		fmt.Printf("rate %.7f, beta1 %.2f\n", opt.LR*cycle.Factor(step), opt.Beta1*opt.MomentumSchedule.Factor(step))
	}
	// Output:
	// rate 0.0004000, beta1 0.95
	// rate 0.0100000, beta1 0.85
	// rate 0.0000000, beta1 0.95
}

// A schedule that counts epochs, here of 250 steps: a tenth of the rate after epochs 10 and 20.
func ExamplePerEpoch() {
	s := nn.PerEpoch(250, nn.MultiStepDecay(0.1, 10, 20))
	fmt.Printf("%.2f %.2f %.2f\n", s.Factor(2499), s.Factor(2500), s.Factor(5000))
	// Output: 1.00 0.10 0.01
}

// A schedule of one's own.
func ExampleScheduleFunc() {
	opt := nn.SGD(0.1)
	opt.Schedule = nn.ScheduleFunc(func(step int64) float64 { return 1 / (1 + 0.01*float64(step)) }) // Keras' InverseTimeDecay
	rate, err := opt.Rate(100)
	fmt.Println(rate, err)
	// Output: 0.05 <nil>
}

// The schedules, by their factors at some steps of a training of 1000.
func ExampleSchedule() {
	for _, s := range []nn.Schedule{
		nn.ConstantFactor(0.5), nn.StepDecay(300, 0.1), nn.MultiStepDecay(0.5, 200, 800), nn.ExponentialDecay(0.999), nn.LinearRamp(1, 0.1, 1000),
		nn.PolynomialDecay(1000, 2, 0), nn.InverseSqrtDecay(100), nn.CosineDecay(1000, 0), nn.CosineRestarts(250, 2, 0),
		nn.OneCycle(1000), nn.Warmup(100, nn.ConstantFactor(1)),
	} {
		fmt.Printf("%-35v", s)
		for step := int64(0); step <= 900; step += 300 {
			fmt.Printf(" %.3f", s.Factor(step))
		}
		fmt.Println()
	}
	// Output:
	// ConstantFactor(0.5)                 0.500 0.500 0.500 0.500
	// StepDecay(300, 0.1)                 1.000 0.100 0.010 0.001
	// MultiStepDecay(0.5, 200, 800)       1.000 0.500 0.500 0.250
	// ExponentialDecay(0.999)             1.000 0.741 0.549 0.406
	// LinearRamp(1, 0.1, 1000)            1.000 0.730 0.460 0.190
	// PolynomialDecay(1000, 2, 0)         1.000 0.490 0.160 0.010
	// InverseSqrtDecay(100)               0.010 0.576 0.408 0.333
	// CosineDecay(1000, 0)                1.000 0.794 0.345 0.024
	// CosineRestarts(250, 2, 0)           1.000 0.976 0.206 0.946
	// OneCycle(1000)                      0.040 1.000 0.609 0.049
	// Warmup(100, ConstantFactor(1))      0.000 1.000 1.000 1.000
}
