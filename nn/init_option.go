package nn

import "errors"

// A ParamOption says how a layer makes its parameters, in place of the layer's default. An option that means nothing to
// a layer is an error of nn.New.
type ParamOption func(*paramOptions)

// WeightInit has the layer's weight start from init.
func WeightInit(init Initializer) ParamOption {
	return func(o *paramOptions) { o.weight = &init }
}

// BiasInit has the layer's bias start from init.
func BiasInit(init Initializer) ParamOption {
	return func(o *paramOptions) { o.bias = &init }
}

// NoBias leaves out the layer's bias.
func NoBias() ParamOption {
	return func(o *paramOptions) { o.noBias = true }
}

// paramOptions are a layer's options, resolved: nil where the layer's default stands.
type paramOptions struct {
	weight, bias *Initializer
	noBias       bool
	norm         normOptions
}

func resolve(opts []ParamOption) (o paramOptions) {
	for _, set := range opts {
		if set != nil {
			set(&o)
		}
	}
	return o
}

// check is for layers that have a weight and a bias.
func (o paramOptions) check() error {
	if o.noBias && o.bias != nil {
		return errors.New("NoBias and BiasInit contradict each other")
	}
	return o.noNorm()
}

// noNorm is for layers that normalise nothing.
func (o paramOptions) noNorm() error {
	if o.norm != (normOptions{}) {
		return errors.New("Epsilon, Momentum and NoAffine are for normalisations")
	}
	return nil
}

// or is the chosen initialiser, else the layer's default.
func or(chosen *Initializer, byDefault Initializer) Initializer {
	if chosen != nil {
		return *chosen
	}
	return byDefault
}
