package metrics

import "fmt"

// Average says how a metric of one class, or of one label of a multi-label task, becomes one number.
type Average uint8

const (
	// Positive is the value of the positive class of a binary task: one logit, or class 1 of two.
	Positive Average = iota
	// Macro is the mean over the classes. A class that neither occurs nor is predicted is left out, as scikit-learn leaves it
	// out where it is not told the labels.
	Macro
	// Micro is the value of all decisions taken together.
	Micro
	// Weighted is the mean over the classes by the weight of their rows.
	Weighted
)

func (a Average) String() string {
	if a > Weighted {
		return fmt.Sprintf("Average(%d)", uint8(a))
	}
	return [...]string{"positive", "macro", "micro", "weighted"}[a]
}

// named is "f1" or "f1_macro", with what is wrong with the average.
func (a Average) named(name string) Metric {
	m := Metric{name: name}
	if a != Positive {
		m.name += "_" + a.String()
	}
	if a > Weighted {
		m.err = fmt.Errorf("unknown average %d", a)
	}
	return m
}

// fits reports what keeps the average from going with a task.
func (a Average) fits(t Task, outputs int) error {
	if err := classified(t, outputs); err != nil {
		return err
	}
	if two := t == Classes && outputs == 2 || t == Binary && outputs == 1; a == Positive && !two {
		return fmt.Errorf("%d outputs have no positive class: Macro, Micro or Weighted is needed", outputs)
	}
	return nil
}

// classified is the fits of metrics that every task with classes has.
func classified(t Task, _ int) error {
	if t == Regression {
		return fmt.Errorf("it wants labels, or a loss of logits as BCEWithLogits, and the task is a regression")
	}
	return nil
}

// exclusive is the fits of metrics of classes that exclude each other.
func exclusive(t Task, outputs int) error {
	if t == Binary && outputs > 1 {
		return fmt.Errorf("it wants classes that exclude each other, and the %d outputs are labels of their own", outputs)
	}
	return classified(t, outputs)
}

// continuous is the fits of metrics of a regression.
func continuous(t Task, _ int) error {
	if t != Regression {
		return fmt.Errorf("it wants a regression, and the task is %v", t)
	}
	return nil
}

// tally is the weight of the rows that have a class, of those predicted to, and of those where both are so.
type tally struct{ is, said, hit float64 }

// ratio is 0 where there is nothing to divide by: scikit-learn's zero_division.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func (t tally) precision() float64 { return ratio(t.hit, t.said) }
func (t tally) recall() float64    { return ratio(t.hit, t.is) }
func (t tally) f1() float64        { return ratio(2*t.hit, t.is+t.said) }

// mean is the average of f over the classes.
func (a Average) mean(classes []tally, f func(tally) float64) float64 {
	var sum, weight float64
	var all tally
	for _, c := range classes {
		all = tally{all.is + c.is, all.said + c.said, all.hit + c.hit}
		switch {
		case a == Weighted:
			sum += c.is * f(c)
			weight += c.is
		case c.is+c.said > 0:
			sum += f(c)
			weight++
		}
	}
	switch a {
	case Micro:
		return f(all)
	case Positive:
		return f(classes[1])
	}
	return ratio(sum, weight)
}
