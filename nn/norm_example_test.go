package nn_test

import (
	"fmt"
	"log"
	"math"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// Batch normalisation goes between a layer without a bias, which it would take away again, and its activation.
func ExampleBatchNorm() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 3, nn.Linear(4, nn.NoBias()), nn.BatchNorm(), nn.ReLU(), nn.Linear(2))
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Println(p.Name, p.Rows, p.Cols)
	}
	stats, err := model.RunningStats()
	fmt.Println(stats, err)
	// Output:
	// 0.weight 3 4
	// 1.weight 1 4
	// 1.bias 1 4
	// 3.weight 4 2
	// 3.bias 1 2
	// [{1.running_mean [0 0 0 0]} {1.running_var [1 1 1 1]}] <nil>
}

// Keras' settings of batch normalisation, and one that has no weight and bias of its own.
func ExampleEpsilon() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 3, nn.BatchNorm(nn.Epsilon(1e-3), nn.Momentum(0.01)), nn.Linear(4), nn.LayerNorm(nn.NoAffine()))
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Println(p.Name)
	}
	// Output:
	// 0.weight
	// 0.bias
	// 1.weight
	// 1.bias
}

// A block as transformers have it, twice, and two heads.
func ExampleResidual() {
	dev := cpu.Open()
	defer dev.Close()
	block := nn.Residual(nn.LayerNorm(), nn.Linear(64), nn.GELU(), nn.Linear(16))
	model, err := nn.New(dev, 8, nn.Linear(16), block, block, nn.RMSNorm(),
		nn.Concat(nn.Linear(10), nn.Sequence(nn.Linear(8), nn.Tanh(), nn.Linear(1))))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Outputs(), "outputs,", len(model.Params()), "parameters")
	_, err = nn.New(dev, 8, nn.Linear(16), nn.Residual(nn.Linear(64), nn.ReLU()))
	fmt.Println(err)
	// Output:
	// 11 outputs, 21 parameters
	// nn: layer 1, Residual(Linear(64), ReLU): 16 columns go in and 64 come out: what is added has to have one width
}

// A model of three numeric columns, a district, a set of up to five tags, and a sentence of four words.
func ExampleEmbeddings() {
	dev := cpu.Open()
	defer dev.Close()
	model, err := nn.New(dev, 3,
		nn.Embeddings(nn.Embedding(20, 4), nn.BagMean(100, 8, 5), nn.BagSum(100, 2, 5), nn.Tokens(1000, 16, 4)),
		nn.Linear(32), nn.ReLU(), nn.Linear(1))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Codes(), "codes")
	for _, p := range model.Params()[:4] {
		fmt.Println(p.Name, p.Rows, p.Cols)
	}
	const none = math.MaxUint32 // those places of the sets are empty
	y, err := model.PredictCodes([]float32{1, 2, 3}, []uint32{7, 12, 4, none, none, none, 9, none, none, none, none, 1, 2, 3, 4})
	fmt.Println(len(y), err)
	// Output:
	// 15 codes
	// 0.embedding0 20 4
	// 0.embedding1 100 8
	// 0.embedding2 100 2
	// 0.embedding3 1000 16
	// 1 <nil>
}
