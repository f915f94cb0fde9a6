package nn

import (
	"errors"
	"fmt"
	"math"

	"github.com/gloss-ml/gloss/backend"
)

// LBFGSOptimizer is L-BFGS for full batches (Liu and Nocedal, 1989), run by a [Minimizer]. It is no [Optimizer]: its steps
// depend on losses, which no row of constants can. The direction is d = −H·g, H from the last History pairs of steps s and
// differences of gradients y by the two-loop recursion, starting from sᵀy/yᵀy of the newest (Nocedal and Wright, 2006,
// algorithm 7.4); a pair with sᵀy ≤ 1e-10 is left out. The step is t·d, t by a line search that ends with the strong Wolfe
// conditions (algorithms 3.5 and 3.6 with cubic interpolation, c₁ 1e-4, c₂ 0.9, 25 trials at most). All as PyTorch's
// LBFGS(line_search_fn='strong_wolfe') computes it.
type LBFGSOptimizer struct {
	LR          float64 // the first trial of t; of the very first iteration LR·min(1, 1/Σ|g|)
	Iterations  int     // the most of a Step
	Evaluations int     // of loss and gradient: no further iteration of a Step after so many; 0 stands for 5/4 of Iterations
	History     int     // pairs that are kept, each twice the size of the parameters
	// A Step ends where the largest |g| is not above GradTolerance, where the largest change of a parameter is not above
	// ChangeTolerance, and where the loss changes by less or the slope along d is less steep than that.
	GradTolerance, ChangeTolerance float64
	FixedStep                      bool // no line search, t is its first trial: PyTorch's line_search_fn=None, its default
}

// LBFGS has PyTorch's defaults, LR 1, 20 iterations, 25 evaluations, 100 pairs, tolerances 1e-7 and 1e-9, but with the line
// search, without which L-BFGS is at the mercy of LR.
func LBFGS() *LBFGSOptimizer {
	return &LBFGSOptimizer{LR: 1, Iterations: 20, History: 100, GradTolerance: 1e-7, ChangeTolerance: 1e-9}
}

func (o *LBFGSOptimizer) String() string { return "LBFGS" }

// Check says what is wrong with the settings.
func (o *LBFGSOptimizer) Check() error {
	switch {
	case o.Iterations < 1:
		return fmt.Errorf("%d iterations: at least 1 is needed", o.Iterations)
	case o.Evaluations < 0:
		return fmt.Errorf("%d evaluations: at least 1 is needed, or 0 for 5/4 of the iterations", o.Evaluations)
	case o.History < 1:
		return fmt.Errorf("a history of %d pairs: at least 1 is needed", o.History)
	}
	return firstError(positive("learning rate", o.LR), nonNegative("gradient tolerance", o.GradTolerance),
		nonNegative("change tolerance", o.ChangeTolerance))
}

// evaluations is the number after which no iteration starts.
func (o *LBFGSOptimizer) evaluations() int {
	if o.Evaluations == 0 {
		return o.Iterations + o.Iterations/4
	}
	return o.Evaluations
}

// A Minimizer minimises a plan's loss by L-BFGS. All vectors stay on the device, and the recursion with its coefficients;
// the host reads losses, slopes and norms, a few numbers for each evaluation. It is used by one goroutine at a time, and
// nothing else may run the plan or change the parameters while a Step runs.
type Minimizer struct {
	// Each is called after each iteration, with the parameters where that has brought them, if it is not nil. Its error ends
	// the Step and is what Step returns.
	Each func(MinimizerResult) error

	opt     *LBFGSOptimizer
	plan    *Plan
	dev     backend.Backend
	program *backend.Program // the plan and what is measured behind it
	arena   arena
	v       vectors

	now          point            // where the parameters are
	before       int              // the slot of the gradient that the last direction was made from
	pairs, spare []*curvaturePair // oldest first; those to use again
	iterations   int              // of all Steps
	unseen       bool             // the last step was not followed by an evaluation
}

// MinimizerResult is how a Step has gone so far.
type MinimizerResult struct {
	First, Loss float64 // at the start and at the last evaluation that counted, which FixedStep has before its last step
	Correct     float64 // rows that were right at Loss; 0 for losses without labels
	Iterations  int
	Evaluations int
	Converged   bool // a tolerance has been met
}

// NewMinimizer prepares L-BFGS for a plan with Train and no State, whose inputs and target hold all of the data. Random
// masks, as those of [Dropout], are the same at each evaluation; the running statistics of [BatchNorm] move with each.
func NewMinimizer(p *Plan, opt *LBFGSOptimizer) (*Minimizer, error) {
	switch {
	case p == nil || opt == nil:
		return nil, errors.New("nn: a minimizer needs a plan and an optimizer")
	case !p.cfg.Train:
		return nil, errors.New("nn: LBFGS: a plan with Train is needed")
	case p.cfg.State != nil:
		return nil, errors.New("nn: LBFGS: the plan has a State, which would update the parameters too")
	}
	if err := opt.Check(); err != nil {
		return nil, fmt.Errorf("nn: %v: %w", opt, err)
	}
	m := &Minimizer{opt: opt, plan: p, dev: p.model.dev, arena: arena{dev: p.model.dev}}
	if err := m.build(); err != nil {
		m.Release()
		return nil, fmt.Errorf("nn: %v: %w", opt, err)
	}
	return m, nil
}

// Release gives the vectors back; plan and model stay.
func (m *Minimizer) Release() {
	if m != nil {
		m.program.Release()
		m.arena.release()
	}
}

// Step does up to Iterations iterations; the next one goes on with the same history. A loss or gradient that is not finite
// is an error and leaves the weights where the iteration before had them; after an error the history starts anew.
func (m *Minimizer) Step() (r MinimizerResult, err error) {
	if err := m.opt.Check(); err != nil {
		return r, fmt.Errorf("nn: %v: %w", m.opt, err)
	}
	if m.now, err = m.evaluate(m.free()); err != nil {
		m.forget(m.unseen)
		return r, fmt.Errorf("nn: %v: %w", m.opt, err)
	}
	m.unseen = false
	r = MinimizerResult{First: m.now.loss, Loss: m.now.loss, Correct: m.now.correct, Evaluations: 1}
	r.Converged = m.now.largest <= m.opt.GradTolerance
	for done := r.Converged; !done; {
		r.Iterations++
		if done, err = m.iterate(&r); err != nil {
			m.forget(true)
			return r, fmt.Errorf("nn: %v: iteration %d: %w", m.opt, r.Iterations, err)
		}
		r.Loss, r.Correct = m.now.loss, m.now.correct
		if m.Each != nil {
			if err := m.Each(r); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// iterate chooses a direction and goes along it.
func (m *Minimizer) iterate(r *MinimizerResult) (done bool, err error) {
	m.save()
	if err := m.direction(); err != nil {
		return false, err
	}
	s, err := m.read()
	if err != nil {
		return false, err
	}
	start, size, t := m.now, s[atSize], m.opt.LR
	start.t, start.slope = 0, s[atSlope]
	if m.iterations == 0 {
		t *= math.Min(1, 1/s[atSum])
	}
	m.iterations++
	if start.slope > -m.opt.ChangeTolerance {
		r.Converged = true
		return true, nil
	}
	if m.opt.FixedStep {
		err = m.fixed(t, r)
	} else {
		err = m.search(start, t, size, r)
	}
	if err != nil {
		return false, err
	}
	return m.ends(r, size, start.loss), nil
}

// fixed goes t along the direction. What that leads to is left to the next Step after the last iteration of this one.
func (m *Minimizer) fixed(t float64, r *MinimizerResult) (err error) {
	m.move(t)
	m.now.t = t
	if m.unseen = r.Iterations == m.opt.Iterations; m.unseen {
		return nil
	}
	r.Evaluations++
	m.now, err = m.evaluate(m.free())
	m.now.t = t
	return err
}

// search goes as far along the direction as the line search says, t the first trial and size the largest |d|.
func (m *Minimizer) search(start point, t, size float64, r *MinimizerResult) (err error) {
	line := lineSearch{start: start, size: size, at: func(t float64, kept ...point) (point, error) {
		r.Evaluations++
		m.move(t)
		p, err := m.evaluate(m.free(kept...))
		p.t = t
		return p, err
	}}
	if m.now, err = line.run(t); err != nil {
		return err
	}
	m.move(m.now.t)
	return nil
}

// ends reports whether an iteration, from a loss along a direction of a size, was the Step's last.
func (m *Minimizer) ends(r *MinimizerResult, size, loss float64) bool {
	o := m.opt
	r.Converged = !m.unseen && m.now.largest <= o.GradTolerance
	if r.Converged || r.Iterations == o.Iterations || r.Evaluations >= o.evaluations() {
		return true
	}
	r.Converged = size*m.now.t <= o.ChangeTolerance || math.Abs(m.now.loss-loss) < o.ChangeTolerance
	return r.Converged
}
