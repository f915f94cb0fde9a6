package backend_test

import (
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/ref"
)

// double is a program of a view that doubles its numbers, with them.
func double(dev backend.Backend, n int) (*backend.Buffer, *backend.Program, error) {
	x, err := backend.Alloc(dev, backend.F32, n)
	if err != nil {
		return nil, nil, err
	}
	row := backend.Row(x, 0, n)
	p, err := backend.Record(dev, backend.Step{Steps: 4, Calls: []backend.Call{
		&backend.Each{Dst: row, Do: backend.Chain{backend.Load(row), backend.Affine(2, 0)}}}})
	return x, p, err
}

// Three models that double their numbers, each as often as the others: one program of the device does it for all.
func ExampleStack() {
	dev := cpu.Open()
	defer dev.Close()
	stack := backend.NewStack(dev, 3)
	defer stack.Release()
	x, p := make([]*backend.Buffer, 3), make([]*backend.Program, 3)
	for i := range 3 {
		var err error
		if x[i], p[i], err = double(stack.View(i), 2); err != nil {
			log.Fatal(err)
		}
	}
	if err := stack.All(func(i int) error {
		backend.Write(stack.View(i), x[i], 0, []float32{1, float32(i)})
		p[i].Run(3)
		return nil
	}); err != nil {
		log.Fatal(err)
	}
	for i := range 3 {
		y := make([]float32, 2)
		if err := backend.Read(stack.View(i), y, x[i], 0); err != nil {
			log.Fatal(err)
		}
		fmt.Println(y)
	}
	// Output:
	// [8 0]
	// [8 8]
	// [8 16]
}

// TestStackAlone: a view is a device like any other, whose calls leave the other views alone, before the stack is sealed and after.
func TestStackAlone(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	live := dev.Stats().LiveBuffers
	stack := backend.NewStack(dev, 2)
	var x [2]*backend.Buffer
	var p [2]*backend.Program
	for i := range x {
		var err error
		if x[i], p[i], err = double(stack.View(i), 3); err != nil {
			t.Fatal(err)
		}
		backend.Write(stack.View(i), x[i], 1, []float32{5, 6})
	}
	read := func(i int) []float32 {
		y := make([]float32, 3)
		if err := backend.Read(stack.View(i), y, x[i], 0); err != nil {
			t.Fatal(err)
		}
		return y
	}
	p[1].Run(2)
	backend.Do(stack.View(0), &backend.Each{Dst: backend.Row(x[0], 2, 1), Do: backend.Chain{backend.Fill(9)}})
	if a, b := read(0), read(1); !slices.Equal(a, []float32{0, 5, 9}) || !slices.Equal(b, []float32{0, 20, 24}) {
		t.Errorf("%v and %v", a, b)
	}
	stack.Seal()
	own, q, err := double(stack.View(1), 7) // nobody else asks for that
	if err != nil {
		t.Fatal(err)
	}
	backend.Write(stack.View(1), own, 0, []float32{1, 2, 3, 4, 5, 6, 7})
	q.Run(1)
	y := make([]float32, 7)
	if err := backend.Read(stack.View(1), y, own, 0); err != nil || y[6] != 14 {
		t.Errorf("%v, %v", y, err)
	}
	q.Release()
	own.Release()
	for i := range x {
		p[i].Release()
		x[i].Release()
	}
	stack.Release()
	if n := dev.Stats().LiveBuffers; n != live {
		t.Errorf("%d buffers live, %d before", n, live)
	}
}

// TestStackRefuses: models of another shape are told at once, and views that run something else panic.
func TestStackRefuses(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	stack := backend.NewStack(dev, 3)
	defer stack.Release()
	x, p, err := double(stack.View(0), 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backend.Alloc(stack.View(1), backend.U32, 3); err == nil || !strings.Contains(err.Error(), "model 1 of a stack has 3 elements of U32") {
		t.Errorf("another kind: %v", err)
	}
	y, err := backend.Alloc(stack.View(2), backend.F32, 3)
	if err != nil {
		t.Fatal(err)
	}
	for want, s := range map[string]backend.Step{
		"0 calls":      {Steps: 4},
		"differs from": {Steps: 4, Calls: []backend.Call{&backend.Each{Dst: backend.Row(y, 0, 3), Do: backend.Chain{backend.Load(backend.Row(y, 0, 3)), backend.Affine(3, 0)}}}},
	} {
		fresh := backend.NewStack(dev, 2)
		if _, _, err := double(fresh.View(0), 3); err != nil {
			t.Fatal(err)
		}
		if _, err := backend.Record(fresh.View(1), s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		fresh.Release()
	}
	defer func() {
		if m, ok := recover().(*backend.Misuse); !ok || !strings.Contains(m.Error(), "view 1 ran 0 programs, view 0 ran 1") {
			t.Errorf("views that run different programs: %v", m)
		}
		x.Release()
	}()
	_ = stack.All(func(i int) error {
		if i == 0 {
			p.Run(1)
		}
		return nil
	})
}
