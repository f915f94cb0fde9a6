package bench

// standard is what is measured where nothing else was asked for: the products of a training step of 784-128-10 at
// batch 128, square ones, and whole steps. A software renderer gets through them in well under a minute.
var standard = []string{
	"gemm/nn/128x128x784",
	"gemm/tn/784x128x128",
	"gemm/nn/512x512x512",
	"gemm/nt/512x512x512",
	"gemm/tn/512x512x512",
	"gemm/nn/1024x1024x1024",
	"each/adam/1M",
	"train/784-128-10/b32/adam",
	"train/784-128-10/b128/adam",
	"train/784-512-512-10/b128/adam",
}

// more is for those who ask: work that a fast GPU needs to show what it can, and corners of the standard ones.
var more = []string{
	"gemm/nn/2048x2048x2048",
	"gemm/nt/2048x2048x2048",
	"gemm/tn/2048x2048x2048",
	"gemm/nn/4096x4096x4096",
	"each/adam/16M",
	"train/784-128-10/b32/sgd",
	"train/784-128-10/b1024/adam",
	"train/784-128-10/b128/adam/logged", // beside the standard row: what it costs to look at each step
	"train/784-2048-2048-10/b512/adam",
	"train/8-64-64-1/b64/adam/mse",
	// Gradients of narrow layers' weights by large batches.
	"gemm/tn/64x64x65536",
	"gemm/tn/128x784x4096",
	"gemm/nn/256x256x256",
	// Toy networks, narrow ones, and wide ones.
	"train/2-8-1/b4/sgd/mse",
	"train/1-32-32-1/b256/adam/mse",
	"train/64-64-64-64-64-64/b4096/adam/mse",
	"train/64-64-64-64-64-64/b65536/adam/mse",
	"train/128-128-128-128-128-128/b65536/adam/mse",
	"train/512-512-512-512/b4096/adam/mse",
	"train/1024-1024-1024-1024/b1024/adam/mse",
	"train/4096-4096-4096-4096/b4096/adam/mse",
	"sweep/1-32-32-1/b16/adam/mse/x1000",
}

// Standard are the workloads that are measured by default.
func Standard() []Workload { return parseAll(standard) }

// More are workloads that are measured only when they are asked for.
func More() []Workload { return parseAll(more) }

func parseAll(names []string) []Workload {
	all := make([]Workload, len(names))
	for i, name := range names {
		w, err := Parse(name)
		if err != nil {
			panic(err) // the lists above are wrong
		}
		all[i] = w
	}
	return all
}
