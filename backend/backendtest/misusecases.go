package backendtest

import "github.com/gloss-ml/gloss/backend"

var wrongCalls = []struct {
	name string
	says []string
	make func(e *bench) backend.Call
}{
	{"inner dimensions", []string{"inner dimensions 4 and 3"}, func(e *bench) backend.Call {
		return &backend.MatMul{Dst: e.d, A: e.a, B: e.d}
	}},
	{"transposed", []string{"inner dimensions 3 and 4"}, func(e *bench) backend.Call {
		return &backend.MatMul{Dst: e.d, A: e.a, B: e.b, TransA: true}
	}},
	{"product's shape", []string{"Dst is 4×5, want 3×5"}, func(e *bench) backend.Call {
		return &backend.MatMul{Dst: e.b, A: e.a, B: e.b.RowSpan(0, 4)}
	}},
	{"no operand", []string{"B is missing"}, func(e *bench) backend.Call {
		return &backend.MatMul{Dst: e.d, A: e.a, B: backend.Tensor{Rows: 4, Cols: 5}}
	}},
	{"product of integers", []string{"A is U32, want F32"}, func(e *bench) backend.Call {
		return &backend.MatMul{Dst: e.d.Columns(0, 4), A: e.label, B: e.key}
	}},
	{"product onto its factor", []string{"Dst and A overlap"}, func(e *bench) backend.Call {
		return &backend.MatMul{Dst: e.a, A: e.a, B: e.b.Columns(0, 4)}
	}},
	{"overlapping columns", []string{"overlap"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.wide.Columns(0, 5), Do: backend.Chain{backend.Load(e.wide.Columns(4, 9))}}
	}},
	{"onto its own broadcast", []string{"overlap"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.wide, Do: backend.Chain{backend.Load(e.wide.Columns(7, 8))}}
	}},
	{"two results in one place", []string{"overlap"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.d, Do: backend.Chain{backend.Fill(1), backend.Keep(e.d)}}
	}},
	{"constants that are written", []string{"overlap"}, func(e *bench) backend.Call {
		c := e.wide.RowSpan(1, 2).Columns(3, 5)
		return &backend.Each{Dst: c, Do: backend.Chain{backend.Fill(1), backend.SGD(e.one, e.d.RowSpan(0, 1).Columns(0, 2), c)}}
	}},
	{"broadcast of 4 to 5", []string{"Then[1].add.0", "1×4", "3×5"}, func(e *bench) backend.Call {
		return &backend.MatMul{Dst: e.d, A: e.a, B: e.b, Then: backend.Chain{backend.ReLU(), backend.Add(e.bias.Columns(0, 4))}}
	}},
	{"kept in a row", []string{"Do[1].keep.0", "1×5", "3×5"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.d, Do: backend.Chain{backend.Fill(1), backend.Keep(e.bias)}}
	}},
	{"constants too short", []string{"Do[1].sgd.2", "1×1"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: backend.Tensor{Rows: 3, Cols: 5}, Do: backend.Chain{backend.Load(e.d), backend.SGD(e.one, e.many[0], e.sum)}}
	}},
	{"key of floats", []string{"Do[0].uniform.0", "F32, want U32"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.d, Do: backend.Chain{backend.UniformFill(0, 1, 0, e.bias.Columns(0, 4))}}
	}},
	{"key of three", []string{"Do[0].normal.0", "1×3"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.d, Do: backend.Chain{backend.NormalFill(0, 1, 0, e.key.Columns(0, 3))}}
	}},
	{"no op", []string{"Do[1] is no op"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.d, Do: backend.Chain{backend.Fill(1), {}}}
	}},
	{"an operand too few", []string{"Do[0].load.0 is missing"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.d, Do: backend.Chain{{Op: backend.Find("load")}}}
	}},
	{"an operand too many", []string{"Do[0].relu takes 0 operands"}, func(e *bench) backend.Call {
		f := backend.ReLU()
		f.Arg[0] = e.bias
		return &backend.Each{Dst: e.d, Do: backend.Chain{f}}
	}},
	{"past the end", []string{"Dst covers elements"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.d.RowSpan(2, 40), Do: backend.Chain{backend.Fill(1)}}
	}},
	{"before the start", []string{"Dst covers elements -"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.d.RowSpan(-9, -8), Do: backend.Chain{backend.Fill(1)}}
	}},
	{"a negative size", []string{"negative"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: e.d.RowSpan(2, 1), Do: backend.Chain{backend.Fill(1)}}
	}},
	{"a negative domain", []string{"-1×2"}, func(e *bench) backend.Call {
		return &backend.Each{Dst: backend.Tensor{Rows: -1, Cols: 2}, Do: backend.Chain{backend.Fill(1)}}
	}},
	{"overlapping rows", []string{"rows that overlap"}, func(e *bench) backend.Call {
		d := e.d
		d.Stride = 4
		return &backend.Each{Dst: d, Do: backend.Chain{backend.Fill(1)}}
	}},
	{"nine buffers", []string{"more than 8 distinct buffers"}, func(e *bench) backend.Call {
		c := &backend.Each{Dst: e.many[0]}
		for i := 1; i < 9; i++ {
			c.Do = append(c.Do, backend.Add(e.many[i]))
		}
		return c
	}},
	{"reduced shape", []string{"Dst is 1×5, want 3×1"}, func(e *bench) backend.Call {
		return &backend.Reduce{Rows: 3, Cols: 5, Axis: backend.OverCols, Out: [2]backend.Result{{Dst: e.bias, Map: backend.Chain{backend.Load(e.d)}}}}
	}},
	{"reduced map", []string{"Map[0].load.0", "3×4", "3×5"}, func(e *bench) backend.Call {
		return &backend.Reduce{Rows: 3, Cols: 5, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: e.bias, Map: backend.Chain{backend.Load(e.a)}}}}
	}},
	{"beta with max", []string{"Beta goes with Sum"}, func(e *bench) backend.Call {
		return &backend.Reduce{Rows: 3, Cols: 5, Out: [2]backend.Result{{Dst: e.sum, By: backend.Max, Beta: 1, Map: backend.Chain{backend.Load(e.d)}}}}
	}},
	{"a chain on places", []string{"ArgMax takes no Then"}, func(e *bench) backend.Call {
		return &backend.Reduce{Rows: 3, Cols: 5, Axis: backend.OverCols, Out: [2]backend.Result{{Dst: e.label, By: backend.ArgMax, Map: backend.Chain{backend.Load(e.d)}, Then: backend.Chain{backend.ReLU()}}}}
	}},
	{"places in floats", []string{"Dst is F32, want U32"}, func(e *bench) backend.Call {
		return &backend.Reduce{Rows: 3, Cols: 5, Out: [2]backend.Result{{Dst: e.sum, By: backend.ArgMax, Map: backend.Chain{backend.Load(e.d)}}}}
	}},
	{"reduced onto its operand", []string{"overlap"}, func(e *bench) backend.Call {
		return &backend.Reduce{Rows: 1, Cols: 5, Axis: backend.OverRows, Out: [2]backend.Result{{Dst: e.bias, Map: backend.Chain{backend.Load(e.bias)}}}}
	}},
	{"an axis too many", []string{"axis 3"}, func(e *bench) backend.Call {
		return &backend.Reduce{Rows: 3, Cols: 5, Axis: 3, Out: [2]backend.Result{{Dst: e.sum, Map: backend.Chain{backend.Load(e.d)}}}}
	}},
	{"neither label nor target", []string{"one of Label and Target"}, func(e *bench) backend.Call {
		return &backend.Xent{Logits: e.d, Loss: e.sum}
	}},
	{"label and target", []string{"one of Label and Target"}, func(e *bench) backend.Call {
		return &backend.Xent{Logits: e.d, Label: e.label, Target: e.many[0], Loss: e.sum}
	}},
	{"no output", []string{"none of Loss, Grad and Correct"}, func(e *bench) backend.Call {
		return &backend.Xent{Logits: e.d, Label: e.label}
	}},
	{"weights for classes", []string{"Weight is 1×5, want 3×1"}, func(e *bench) backend.Call {
		return &backend.Xent{Logits: e.d, Label: e.label, Weight: e.bias, Loss: e.sum}
	}},
	{"smoothed soft targets", []string{"Smooth 0.1"}, func(e *bench) backend.Call {
		return &backend.Xent{Logits: e.d, Target: e.many[0], Smooth: 0.1, Loss: e.sum}
	}},
	{"gradient onto the target", []string{"Target and Grad overlap"}, func(e *bench) backend.Call {
		return &backend.Xent{Logits: e.d, Target: e.many[0], Grad: e.many[0]}
	}},
	{"a chain without a loss", []string{"Then goes with Loss"}, func(e *bench) backend.Call {
		return &backend.Xent{Logits: e.d, Label: e.label, Correct: e.sum, Then: backend.Chain{backend.Affine(2, 0)}}
	}},
	{"no classes", []string{"no classes"}, func(e *bench) backend.Call {
		return &backend.Xent{Logits: e.d.Columns(2, 2), Label: e.label, Loss: e.sum}
	}},
	{"indices of another length", []string{"Index is 2×1, want 3×1"}, func(e *bench) backend.Call {
		return &backend.Gather{Dst: e.many[0], Table: e.d, Index: e.label.RowSpan(0, 2)}
	}},
	{"a table of another width", []string{"Table is 3×4, want 3×5"}, func(e *bench) backend.Call {
		return &backend.Gather{Dst: e.many[0], Table: e.a, Index: e.label}
	}},
	{"integers into floats", []string{"Dst is F32, want U32"}, func(e *bench) backend.Call {
		return &backend.Gather{Dst: e.d.Columns(0, 1), Table: e.key.Columns(0, 1), Index: e.label}
	}},
	{"bytes into bytes", []string{"Dst is U8, want F32"}, func(e *bench) backend.Call {
		return &backend.Gather{Dst: e.image.RowSpan(0, 1), Table: e.image, Index: e.label.RowSpan(0, 1)}
	}},
	{"scattered widths", []string{"Src is 3×4, want 3×5"}, func(e *bench) backend.Call {
		return &backend.Scatter{Dst: e.d, Src: e.a, Index: e.label}
	}},
	{"scattered onto itself", []string{"overlap"}, func(e *bench) backend.Call {
		return &backend.Scatter{Dst: e.d, Src: e.d, Index: e.label}
	}},
	{"a permutation of less than nothing", []string{"N is -1", "2³¹"}, func(e *bench) backend.Call {
		return &backend.Permute{Dst: e.label, Key: e.key, N: -1}
	}},
	{"a permutation of floats", []string{"Dst is F32, want U32"}, func(e *bench) backend.Call {
		return &backend.Permute{Dst: e.bias, Key: e.key, N: 5}
	}},
}

// wrongSteps are right at step 0 of model 0 and wrong later.
var wrongSteps = []struct {
	name string
	says []string
	make func(e *bench) backend.Step
}{
	{"advances past the end", []string{"at step 4", "Dst"}, func(e *bench) backend.Step {
		c := &backend.Each{Dst: e.wide.RowSpan(0, 1).Columns(0, 30).Advanced(28), Do: backend.Chain{backend.Fill(1)}}
		return backend.Step{Calls: []backend.Call{c}, Steps: 5}
	}},
	{"advances before the start", []string{"at step 1", "covers elements -"}, func(e *bench) backend.Step {
		c := &backend.Each{Dst: e.d.RowSpan(0, 1).Advanced(-20), Do: backend.Chain{backend.Fill(1)}}
		return backend.Step{Calls: []backend.Call{c}, Steps: 2}
	}},
	{"a model past the end", []string{"of model 1"}, func(e *bench) backend.Step {
		d := e.d
		d.Model = 10
		return backend.Step{Calls: []backend.Call{&backend.Each{Dst: d, Do: backend.Chain{backend.Fill(1)}}}, Models: 2}
	}},
	{"runs into its operand", []string{"overlap"}, func(e *bench) backend.Step {
		row := e.wide.RowSpan(0, 1)
		c := &backend.Each{Dst: row.Columns(0, 5).Advanced(5), Do: backend.Chain{backend.Load(row.Columns(17, 22))}}
		return backend.Step{Calls: []backend.Call{c}, Steps: 5}
	}},
}
