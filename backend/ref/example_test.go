package ref_test

import (
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/ref"
)

// Float64 looks at a result before it is rounded to float32, so that differences of it mean something.
func ExampleFloat64() {
	b := ref.Open()
	defer b.Close()
	buf, err := backend.Alloc(b, backend.F32, 1)
	if err != nil {
		log.Fatal(err)
	}
	x := backend.Row(buf, 0, 1)
	tanh := func(v float64) float64 {
		ref.Float64(buf)[0] = v
		backend.Do(b, &backend.Each{Dst: x, Do: backend.Chain{backend.Load(x), backend.Tanh()}})
		return ref.Float64(buf)[0]
	}
	const h = 1e-5
	fmt.Printf("%.8f\n", (tanh(h)-tanh(-h))/(2*h))
	// Output: 1.00000000
}
