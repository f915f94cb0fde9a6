package nn

import "testing"

type yesOrNo struct{ Loss }

func (yesOrNo) Logits() bool { return true }

func TestDescribe(t *testing.T) {
	ignoring := &CrossEntropyLoss{Ignore: true, IgnoreIndex: 3}
	for _, c := range []struct {
		loss Loss
		want LossInfo
	}{
		{MSE(), LossInfo{Heads: 1, Ignored: -1}},
		{Hinge(), LossInfo{Heads: 1, Ignored: -1}},
		{PoissonNLL(), LossInfo{Heads: 1, Ignored: -1}},
		{CrossEntropy(), LossInfo{Heads: 1, Ignored: -1}},
		{&CrossEntropyLoss{Probabilities: true}, LossInfo{Probabilities: true, Heads: 1, Ignored: -1}},
		{&CrossEntropyLoss{Ignore: true, IgnoreIndex: -100}, LossInfo{Heads: 1, Ignored: -1}},
		{Sum(ignoring), LossInfo{Heads: 1, Ignored: 3}},
		{&NLLLoss{Ignore: true}, LossInfo{Heads: 1}},
		{BCEWithLogits(2), LossInfo{Logits: true, Heads: 1, Ignored: -1}},
		{Sum(Focal(0.25, 2)), LossInfo{Logits: true, Heads: 1, Ignored: -1}},
		{Losses(Part{Outputs: 2, Loss: BCEWithLogits()}), LossInfo{Logits: true, Heads: 1, Ignored: -1}},
		{Losses(Part{Outputs: 2, Loss: MSE()}, Part{Outputs: 1, Loss: BCEWithLogits()}), LossInfo{Heads: 2, Ignored: -1}},
		{yesOrNo{MSE()}, LossInfo{Logits: true, Heads: 1, Ignored: -1}},
	} {
		if got := Describe(c.loss); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.loss, got, c.want)
		}
	}
}
