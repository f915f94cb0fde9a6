package nn_test

import (
	"fmt"

	"github.com/gloss-ml/gloss/nn"
)

// Cross-entropy whose rare second class weighs more, with labels that are not quite believed and rows of label −100 left
// out.
func ExampleCrossEntropy() {
	loss := nn.CrossEntropy()
	loss.ClassWeights = []float64{1, 5, 1}
	loss.Smoothing = 0.1
	loss.Ignore, loss.IgnoreIndex = true, -100
	for _, outputs := range []int{3, 2} {
		targets, err := loss.Targets(outputs)
		fmt.Println(targets.Labels, "label,", err)
	}
	// Output:
	// 1 label, <nil>
	// 1 label, 3 class weights for 2 outputs
}

// A model of ten classes and a price: the second head's loss weighs a tenth.
func ExampleLosses() {
	loss := nn.Losses(
		nn.Part{Outputs: 10, Loss: nn.CrossEntropy()},
		nn.Part{Outputs: 1, Loss: nn.Huber(1), Weight: 0.1},
	)
	fmt.Println(loss)
	targets, err := loss.Targets(11)
	fmt.Println(targets.Labels, "label below", targets.Classes[0], "and", targets.Values, "value,", err)
	// Output:
	// Losses(CrossEntropy of 10, Huber(1) of 1)
	// 1 label below 10 and 1 value, <nil>
}

// The losses, and how many labels and values a row each compares six outputs with.
func ExampleLoss() {
	for _, loss := range []nn.Loss{
		nn.CrossEntropy(), nn.NLL(), nn.BCEWithLogits(), nn.BCEWithLogits(3), nn.Focal(0.25, 2), nn.Hinge(), nn.KLDiv(),
		nn.MSE(), nn.MAE(), nn.Huber(1), nn.SmoothL1(1), nn.LogCosh(), nn.Quantile(0.05, 0.25, 0.5, 0.75, 0.95, 0.99),
		nn.GaussianNLL(), nn.PoissonNLL(), nn.Sum(nn.MSE()),
	} {
		targets, err := loss.Targets(6)
		fmt.Printf("%-40v %d labels, %d values %v\n", loss, targets.Labels, targets.Values, err)
	}
	// Output:
	// CrossEntropy                             1 labels, 0 values <nil>
	// NLL                                      1 labels, 0 values <nil>
	// BCEWithLogits                            0 labels, 6 values <nil>
	// BCEWithLogits[3]                         0 labels, 6 values <nil>
	// Focal(0.25, 2)                           0 labels, 6 values <nil>
	// Hinge                                    0 labels, 6 values <nil>
	// KLDiv                                    0 labels, 6 values <nil>
	// MSE                                      0 labels, 6 values <nil>
	// MAE                                      0 labels, 6 values <nil>
	// Huber(1)                                 0 labels, 6 values <nil>
	// SmoothL1(1)                              0 labels, 6 values <nil>
	// LogCosh                                  0 labels, 6 values <nil>
	// Quantile[0.05 0.25 0.5 0.75 0.95 0.99]   0 labels, 1 values <nil>
	// GaussianNLL                              0 labels, 3 values <nil>
	// PoissonNLL                               0 labels, 6 values <nil>
	// Sum(MSE)                                 0 labels, 6 values <nil>
}
