// Table trains on a table of numeric and categorical columns and predicts two values a row: the price and the rent of flats
// by area, age and floor, and by district and kind. The districts' influence is learned as vectors, not given as numbers.
//
//	go run ./examples/table
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
)

const districts, kinds = 12, 4

func main() {
	dev := must(auto.Open(""))
	defer dev.Close()
	flats := invent(4000)
	learn, check, err := data.SplitShuffled(flats.Len(), 0.8, 1)
	if err != nil {
		log.Fatal(err)
	}
	trainSet, testSet := must(data.FromTable(dev, flats.Subset(learn))), must(data.FromTable(dev, flats.Subset(check)))
	model := must(nn.New(dev, 3,
		nn.Embeddings(nn.Embedding(districts, 4), nn.Embedding(kinds, 2)),
		nn.Linear(64), nn.SiLU(), nn.Residual(nn.LayerNorm(), nn.Linear(64), nn.SiLU()), nn.Linear(2)))
	opt := nn.AdamW(5e-3)
	opt.Schedule = nn.Warmup(50, nn.CosineDecay(2450, 0.01))
	history := must(train.Fit(context.Background(), model, trainSet, train.Config{
		Loss: nn.Huber(1), Optimizer: opt, Epochs: 50, Batch: 64, Seed: 1, Validation: testSet, Progress: os.Stdout,
		Update: []nn.StateOption{nn.ClipNorm(1), nn.NoDecayOnBiasAndNorm()},
	}))
	fmt.Printf("Huber's loss on flats that were not seen: %.4f, of which the noise is %.4f\n", history.Last().Validation.Loss, noise*noise/2)
	row := flats.Subset(check[:1])
	y := must(model.PredictCodes(row.X, row.Codes))
	fmt.Printf("a flat of %.0f m² in district %d: price %.2f, predicted %.2f; rent %.2f, predicted %.2f\n",
		60+25*row.X[0], row.Codes[0], row.Values[0], y[0], row.Values[1], y[1])
}

// noise is the standard deviation of what no column explains.
const noise = 0.1

// invent makes flats whose prices follow the columns by a rule with interactions: what age does depends on the kind, and
// what the area is worth on the district. Numbers are scaled to about 1.
func invent(n int) data.Table {
	rng := rand.New(rand.NewPCG(7, 7))
	var worth [districts]float64
	for i := range worth {
		worth[i] = rng.NormFloat64()
	}
	t := data.Table{Cols: 3, Outputs: 2, CodeCols: 2}
	for range n {
		area, age, floor := rng.NormFloat64(), rng.Float64()*2-1, rng.NormFloat64()
		district, kind := rng.IntN(districts), rng.IntN(kinds)
		fading := []float64{1, 0.5, 0, -0.7}[kind]
		price := area*(1+0.4*worth[district]) + 0.8*worth[district] - fading*age + 0.2*math.Tanh(floor)
		rent := 0.5*price + 0.3*area*area - 0.3*age
		t.X = append(t.X, float32(area), float32(age), float32(floor))
		t.Codes = append(t.Codes, uint32(district), uint32(kind))
		t.Values = append(t.Values, float32(price+noise*rng.NormFloat64()), float32(rent+noise*rng.NormFloat64()))
	}
	return t
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
