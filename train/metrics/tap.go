package metrics

import "github.com/gloss-ml/gloss/backend"

// What a step leaves in its slot: Σ|y|, which says whether an output is not finite, and then the parts in the order of slots.

// slots visits the sums that batches add to, in the order of a slot.
func (s *sums) slots(visit func(sum []float64)) {
	exact, loss := []float64{s.exact}, []float64{s.loss}
	if s.part&counts != 0 && s.task == Classes {
		visit(s.confusion)
	} else if s.part&counts != 0 {
		visit(s.said)
		visit(s.hit)
		visit(exact)
	}
	visit(s.top)
	if s.part&losses != 0 {
		visit(loss)
	}
	visit(s.square)
	visit(s.abs)
	s.exact, s.loss = exact[0], loss[0]
}

func (s *sums) width() int {
	n := 1
	s.slots(func(v []float64) { n += len(v) })
	return n
}

// add takes in the slot of a step.
func (s *sums) add(slot []float32) {
	s.slots(func(sum []float64) {
		for i := range sum {
			sum[i] += float64(slot[i])
		}
		slot = slot[len(sum):]
	})
}

// build appends the calls, in the order of slots.
func (t *Tap) build(s *sums) {
	at := 0
	place := func(rows, cols int) backend.Tensor {
		d := backend.Mat(t.out, at, rows, cols).Advanced(t.width)
		at += rows * cols
		return d
	}
	y := backend.Load(t.batch.Outputs)
	t.sum(backend.OverAll, backend.Result{Dst: place(1, 1), Map: backend.Chain{y, backend.Abs()}})
	switch {
	case s.part&counts != 0 && s.task == Classes:
		t.confusion(place(s.cols, s.cols))
	case s.part&counts != 0:
		t.decisions(place(1, s.cols), place(1, s.cols), place(1, 1))
	}
	if len(s.ks) > 0 {
		t.top(s.ks, place)
	}
	if s.part&losses != 0 {
		t.loss(s.task, place(1, 1))
	}
	if s.part&squares != 0 {
		e := backend.Chain{y, backend.Sub(t.batch.Values)}
		t.sum(backend.OverRows, backend.Result{Dst: place(1, s.cols), Map: t.weighed(e.Then(backend.Square()))},
			backend.Result{Dst: place(1, s.cols), Map: t.weighed(e.Then(backend.Abs()))})
	}
}

// confusion scatters the one-hot row of what each row is predicted as to its label's row. A label past the end is passed over.
func (t *Tap) confusion(dst backend.Tensor) {
	m, n := t.batch.Outputs.Rows, t.batch.Outputs.Cols
	class := backend.Mat(t.buffer(backend.U32, m), 0, m, 1)
	onehot := t.tensor(m, n)
	t.sum(backend.OverCols, backend.Result{Dst: class, By: backend.ArgMax, Map: backend.Chain{backend.Load(t.batch.Outputs)}})
	t.add(&backend.Gather{Dst: onehot, Table: t.identity(n), Index: class, Then: t.weighed(nil)})
	t.add(&backend.Scatter{Dst: dst, Src: onehot, Index: t.batch.Labels})
}

// decisions counts, of outputs that each decide by their sign, what is said, what of it is so, and the rows that are right throughout.
func (t *Tap) decisions(said, hit, exact backend.Tensor) {
	m, n := t.batch.Outputs.Rows, t.batch.Outputs.Cols
	yes, right := t.tensor(m, n), t.tensor(m, 1)
	t.add(&backend.Each{Dst: yes, Do: backend.Chain{backend.Fill(0), backend.AddSign(1, t.batch.Outputs), backend.Clamp(0, 1)}})
	t.sum(backend.OverRows, backend.Result{Dst: said, Map: t.weighed(backend.Chain{backend.Load(yes)})},
		backend.Result{Dst: hit, Map: t.weighed(backend.Chain{backend.Load(yes), backend.Mul(t.batch.Values)})})
	wrong := backend.Chain{backend.Load(yes), backend.Sub(t.batch.Values), backend.Abs()}
	t.sum(backend.OverCols, backend.Result{Dst: right, Map: wrong, Then: t.weighed(backend.Chain{backend.Affine(-1, 1), backend.Clamp(0, 1)})})
	t.sum(backend.OverAll, backend.Result{Dst: exact, Map: backend.Chain{backend.Load(right)}})
}

// top counts the rows whose label has rank below each k. An output is before the label's where sign(y − y[label]) + ½ or, for those
// up to the label, − ½ is positive: after clamping to ±½ that is 1 or 0, and ties go to the last.
func (t *Tap) top(ks []int, place func(rows, cols int) backend.Tensor) {
	m, n := t.batch.Outputs.Rows, t.batch.Outputs.Cols
	own, ahead, ties, hit := t.tensor(m, n), t.tensor(m, n), t.tensor(m, n), t.tensor(m, 1)
	score, counted, rank := t.tensor(m, 1), t.tensor(m, 1), t.tensor(m, 1)
	y := backend.Load(t.batch.Outputs)
	t.add(&backend.Gather{Dst: own, Table: t.identity(n), Index: t.batch.Labels})
	t.add(&backend.Gather{Dst: ties, Table: t.table(n, n, func(i, j int) bool { return j > i }), Index: t.batch.Labels, Then: backend.Chain{backend.Affine(1, -0.5)}})
	t.sum(backend.OverCols, backend.Result{Dst: score, Map: backend.Chain{y, backend.Mul(own)}},
		backend.Result{Dst: counted, Map: backend.Chain{backend.Load(own)}, Then: t.weighed(nil)}) // 0 where the label is no class
	t.add(&backend.Each{Dst: ahead, Do: backend.Chain{y, backend.Sub(score)}})
	before := backend.Chain{backend.Load(ties), backend.AddSign(1, ahead), backend.Clamp(-0.5, 0.5), backend.Affine(1, 0.5)}
	t.sum(backend.OverCols, backend.Result{Dst: rank, Map: before})
	for _, k := range ks {
		t.add(&backend.Each{Dst: hit, Do: backend.Chain{backend.Load(rank), backend.Affine(-1, float32(k)), backend.Clamp(0, 1), backend.Mul(counted)}})
		t.sum(backend.OverAll, backend.Result{Dst: place(1, 1), Map: backend.Chain{backend.Load(hit)}})
	}
}

// loss sums cross-entropy; of several logits in a row the mean.
func (t *Tap) loss(task Task, dst backend.Tensor) {
	if task == Classes {
		t.add(&backend.Xent{Logits: t.batch.Outputs, Label: t.batch.Labels, Weight: t.batch.Weights, Loss: dst})
		return
	}
	one := t.table(1, 1, func(int, int) bool { return true })
	t.sum(backend.OverAll, backend.Result{
		Dst:  dst,
		Map:  t.weighed(backend.Chain{backend.Load(t.batch.Outputs), backend.BCE(t.batch.Values, one).Loss}),
		Then: backend.Chain{backend.Affine(1/float32(t.batch.Outputs.Cols), 0)},
	})
}

// sum appends a reduction of the outputs' domain, or for OverAll of the first operand's.
func (t *Tap) sum(axis backend.Axis, out ...backend.Result) {
	first := out[0].Map[0].Arg[0]
	c := &backend.Reduce{Rows: first.Rows, Cols: first.Cols, Axis: axis}
	copy(c.Out[:], out)
	t.add(c)
}

// weighed multiplies a chain's result by the rows' weights, where there are any.
func (t *Tap) weighed(c backend.Chain) backend.Chain {
	if t.batch.Weights.Present() {
		return c.Then(backend.Mul(t.batch.Weights))
	}
	return c
}

func (t *Tap) tensor(rows, cols int) backend.Tensor {
	return backend.Mat(t.buffer(backend.F32, rows*cols), 0, rows, cols)
}

func (t *Tap) identity(n int) backend.Tensor {
	return t.table(n, n, func(i, j int) bool { return i == j })
}

// table is 1 where is says so, else 0.
func (t *Tap) table(rows, cols int, is func(i, j int) bool) backend.Tensor {
	v := make([]float32, rows*cols)
	for i := range v {
		if is(i/cols, i%cols) {
			v[i] = 1
		}
	}
	d := t.tensor(rows, cols)
	if t.err == nil {
		backend.Write(t.dev, d.Buf, d.Off, v)
	}
	return d
}
