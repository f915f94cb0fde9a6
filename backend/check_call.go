package backend

import "math"

// What each call asks of its operands, beyond what holds for all.

func (c *MatMul) check(k *checker) {
	m, ka := c.A.Rows, c.A.Cols
	if c.TransA {
		m, ka = ka, m
	}
	kb, n := c.B.Rows, c.B.Cols
	if c.TransB {
		kb, n = n, kb
	}
	if ka != kb {
		k.fail("inner dimensions %d and %d differ", ka, kb)
	}
	k.need("Dst", &c.Dst, F32, m, n)
	k.need("A", &c.A, F32, c.A.Rows, c.A.Cols)
	k.need("B", &c.B, F32, c.B.Rows, c.B.Cols)
	k.chain("Then", c.Then, m, n)
}

func (c *Each) check(k *checker) {
	k.domain("the domain", c.Dst.Rows, c.Dst.Cols)
	k.optional("Dst", &c.Dst, F32, c.Dst.Rows, c.Dst.Cols)
	k.chain("Do", c.Do, c.Dst.Rows, c.Dst.Cols)
}

func (c *Reduce) check(k *checker) {
	if c.Axis > OverCols {
		k.fail("unknown axis %d", c.Axis)
	}
	k.domain("the domain", c.Rows, c.Cols)
	m, n := c.Shape()
	for i := range c.Out {
		r := &c.Out[i]
		if i == 1 && !r.Dst.Present() && r.Map == nil && r.Then == nil {
			continue
		}
		switch {
		case r.By > ArgMax:
			k.fail("unknown fold %d", r.By)
		case r.By == ArgMax:
			if r.Then != nil {
				k.fail("ArgMax takes no Then")
			}
			k.need("Dst", &r.Dst, U32, m, n)
		default:
			k.need("Dst", &r.Dst, F32, m, n)
		}
		if r.Beta != 0 && r.By != Sum {
			k.fail("Beta goes with Sum")
		}
		k.chain("Map", r.Map, c.Rows, c.Cols)
		k.chain("Then", r.Then, m, n)
	}
}

func (c *Xent) check(k *checker) {
	m, n := c.Logits.Rows, c.Logits.Cols
	k.need("Logits", &c.Logits, F32, m, n)
	if n == 0 {
		k.fail("no classes")
	}
	if c.Label.Present() == c.Target.Present() {
		k.fail("one of Label and Target has to be there")
	}
	if !(c.Smooth >= 0 && c.Smooth <= 1) || c.Smooth != 0 && c.Target.Present() {
		k.fail("Smooth %v: 0 to 1, with Label", c.Smooth)
	}
	k.optional("Label", &c.Label, U32, m, 1)
	k.optional("Target", &c.Target, F32, m, n)
	k.optional("Weight", &c.Weight, F32, m, 1)
	k.optional("Class", &c.Class, F32, 1, n)
	k.optional("Scale", &c.Scale, F32, 1, 1)
	k.optional("Loss", &c.Loss, F32, 1, 1)
	k.optional("Grad", &c.Grad, F32, m, n)
	k.optional("Correct", &c.Correct, F32, 1, 1)
	if !c.Loss.Present() && !c.Grad.Present() && !c.Correct.Present() {
		k.fail("none of Loss, Grad and Correct is there")
	}
	if c.Then != nil && !c.Loss.Present() {
		k.fail("Then goes with Loss")
	}
	k.chain("Then", c.Then, 1, 1)
}

func (c *Gather) check(k *checker) {
	m, n := c.Dst.Rows, c.Dst.Cols
	k.need("Index", &c.Index, U32, m, c.Index.Cols)
	if !c.Table.Present() || !c.Dst.Present() {
		k.fail("Dst or Table is missing")
	}
	kind := F32
	if c.Table.Buf.Kind() == U32 {
		kind = U32
		if c.Index.Cols != 1 || c.Then != nil {
			k.fail("integers are gathered one by one, with no Then")
		}
	}
	k.shape("Dst", &c.Dst, kind, m, n)
	k.shape("Table", &c.Table, c.Table.Buf.Kind(), c.Table.Rows, n)
	k.chain("Then", c.Then, m, n)
}

func (c *Scatter) check(k *checker) {
	n := c.Dst.Cols
	k.need("Dst", &c.Dst, F32, c.Dst.Rows, n)
	k.need("Src", &c.Src, F32, c.Src.Rows, n)
	k.need("Index", &c.Index, U32, c.Src.Rows, c.Index.Cols)
}

func (c *Permute) check(k *checker) {
	k.need("Dst", &c.Dst, U32, c.Dst.Rows, c.Dst.Cols)
	k.need("Key", &c.Key, U32, 1, 4)
	if c.N < 0 || c.N > math.MaxInt32 {
		k.fail("N is %d, want 0 to 2³¹−1", c.N)
	}
}
