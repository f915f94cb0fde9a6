package backend_test

import (
	"fmt"
	"log"
	"os"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// upload puts numbers on a device.
func upload(b backend.Backend, x ...float32) *backend.Buffer {
	buf, err := backend.Alloc(b, backend.F32, len(x))
	if err != nil {
		log.Fatal(err)
	}
	backend.Write(b, buf, 0, x)
	return buf
}

// A layer is one call: y = relu(x·w + bias).
func ExampleDo() {
	b := ref.Open()
	defer b.Close()
	x := backend.Mat(upload(b, 1, 2, 3, 4), 0, 2, 2)
	w := backend.Mat(upload(b, 1, 0, -1, 0, 1, 1), 0, 2, 3)
	bias := backend.Row(upload(b, 10, 20, -3), 0, 3)
	y := backend.Mat(upload(b, 0, 0, 0, 0, 0, 0), 0, 2, 3)

	backend.Do(b, &backend.MatMul{Dst: y, A: x, B: w, Then: backend.Chain{backend.Add(bias), backend.ReLU()}})

	out := make([]float32, 6)
	if err := backend.Read(b, out, y.Buf, 0); err != nil {
		log.Fatal(err)
	}
	fmt.Println(out)
	// Output: [11 22 0 13 24 0]
}

// A program replays a step; what changes from step to step is a row of a table.
func ExampleRecord() {
	b := ref.Open()
	defer b.Close()
	const steps = 4
	w, ok := upload(b, 1), backend.Row(upload(b, 1), 0, 1)
	losses := upload(b, make([]float32, steps)...)
	var table []float32
	for t := range steps {
		table = append(table, 0.25/float32(1+t), 1) // a learning rate that falls, no decay
	}
	consts := backend.Row(upload(b, table...), 0, 2).Advanced(2)

	// Gradient descent on w²: each step keeps its loss and steps along 2w.
	weight := backend.Row(w, 0, 1)
	p, err := backend.Record(b, backend.Step{Steps: steps, Calls: []backend.Call{
		&backend.Each{Dst: backend.Row(losses, 0, 1).Advanced(1), Do: backend.Chain{backend.Load(weight), backend.Square()}},
		&backend.Each{Dst: backend.Tensor{Rows: 1, Cols: 1}, Do: backend.Chain{
			backend.Load(weight), backend.Affine(2, 0), backend.SGD(ok, weight, consts)}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Release()
	p.Run(steps)

	out := make([]float32, steps)
	if err := backend.Read(b, out, losses, 0); err != nil {
		log.Fatal(err)
	}
	fmt.Println(out)
	// Output: [1 0.25 0.140625 0.09765625]
}

// Trace writes what happens on a device, one line for each call.
func ExampleTrace() {
	b := backend.Trace(ref.Open(), os.Stdout)
	defer b.Close()
	x := backend.Mat(upload(b, 1, 2, 3, 4, 5, 6), 0, 2, 3)
	sums := backend.Row(upload(b, 0, 0, 0), 0, 3)
	backend.Do(b, &backend.Reduce{Rows: 2, Cols: 3, Axis: backend.OverRows, Out: [2]backend.Result{
		{Dst: sums, Map: backend.Chain{backend.Load(x)}}}})
	// Output:
	// alloc 6 F32
	// write 24 bytes
	// alloc 3 F32
	// write 12 bytes
	// Reduce Dst 1×3, Map[0].load.0 2×3
}

// A wrong call panics at the door, before anything is queued, and says what it was given.
func ExampleMisuse() {
	b := ref.Open()
	defer b.Close()
	defer func() { fmt.Println(recover()) }()
	x, w := backend.Mat(upload(b, 1, 2, 3, 4), 0, 2, 2), backend.Mat(upload(b, 1, 2, 3), 0, 3, 1)
	y := backend.Mat(upload(b, 0, 0), 0, 2, 1)
	backend.Do(b, &backend.MatMul{Dst: y, A: x, B: w})
	// Output: backend: MatMul: inner dimensions 2 and 3 differ (Dst 2×1, A 2×2, B 3×1)
}
