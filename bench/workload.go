// Package bench measures devices at the work that training is made of: products, optimizer steps, whole training
// steps, and the time to an accuracy on real data.
//
// A [Workload] has a name that says everything about it, as in "train/784-128-10/b32/adam"; [Parse] reads names.
// [Measure] runs one on several devices in turn, after each device's result was compared with the float64 reference:
// a wrong result is an error and never a number. Reports are a [Table] for people, and [WriteJSON], [WriteCSV] and
// [WriteGoBench] for programs; [WriteComparison] sets one beside an older one. Package bench/plot draws them.
package bench

import "github.com/gloss-ml/gloss/backend"

// A Workload is something to measure devices at. Its unit is one product, one call, or one training step.
type Workload interface {
	// Name says everything about the workload: Parse of it gives the workload again.
	Name() string
	// Work is what one unit comes to.
	Work() Work
	// Case draws the inputs and has the reference compute what devices have to make of them.
	Case() (Case, error)
}

// Work is the size of a unit. What nobody counts is 0.
type Work struct {
	Flops   float64 // floating point operations, a multiply-add being two
	Samples float64 // rows of a training step
}

// A Case is a workload with its inputs on the host.
type Case interface {
	// Open puts the inputs on a device and builds the calls.
	Open(dev backend.Backend) (Job, error)
}

// A Job is a case on a device.
type Job interface {
	// Check compares the device's result with the reference and returns the largest difference, with an error if it is
	// larger than rounding explains. It comes first, once.
	Check() (maxError float64, err error)
	// Run runs n units. They need not be finished when it returns.
	Run(n int) error
	// Release gives the memory back.
	Release()
}
