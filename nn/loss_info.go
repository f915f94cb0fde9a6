package nn

// LossInfo is what a loss says of the outputs that it is for, beside its Targets: what metrics need to know.
type LossInfo struct {
	// Logits: each output is the logit of a yes or no of its own, against a value of 0 to 1, as for [BCEWithLogits] and
	// [Focal]. A loss of one's own says so by a method Logits() bool.
	Logits bool
	// Probabilities: the outputs are logits of classes, and the target is a probability for each.
	Probabilities bool
	// Heads is the number of parts of the outputs that have losses of their own: 1, or more for [Losses].
	Heads int
	// Ignored is the label that counts in no mean, −1 where there is none.
	Ignored int
}

// Describe is what a loss says of its outputs.
func Describe(loss Loss) LossInfo {
	info := LossInfo{Heads: 1, Ignored: -1}
	switch l := loss.(type) {
	case summed:
		return Describe(l.Loss)
	case losses:
		info.Heads = len(l)
		if len(l) == 1 {
			return Describe(l[0].Loss)
		}
	case *CrossEntropyLoss:
		info.Probabilities = l.Probabilities
		info.ignore(l.Ignore, l.IgnoreIndex)
	case *NLLLoss:
		info.ignore(l.Ignore, l.IgnoreIndex)
	case interface{ Logits() bool }:
		info.Logits = l.Logits()
	}
	return info
}

func (i *LossInfo) ignore(ignore bool, index int) {
	if ignore && index >= 0 {
		i.Ignored = index
	}
}

func (l pairLoss) Logits() bool { return l.logits }
