package metrics_test

import (
	"fmt"
	"log"

	"github.com/gloss-ml/gloss/train/metrics"
)

// A binary task with one logit a row.
func ExampleAll() {
	p := &metrics.Predictions{
		Task: metrics.Binary, Cols: 1,
		Outputs: []float32{-2, 0.5, 3, -0.5, 1, -3},
		Values:  []float32{0, 0, 1, 1, 1, 0},
	}
	results, err := metrics.All(p, metrics.Accuracy(), metrics.F1(metrics.Positive), metrics.ROCAUC(metrics.Positive))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(results)
	// Output: accuracy 0.6667  f1 0.6667  roc_auc 0.8889
}

// How each class fares, as scikit-learn's classification_report has it.
func ExamplePredictions_Confusion() {
	p := &metrics.Predictions{
		Task: metrics.Classes, Cols: 3,
		Outputs: []float32{
			9, 1, 0,
			2, 1, 3,
			0, 5, 1,
			1, 4, 2,
			0, 2, 6,
		},
		Labels: []uint32{0, 0, 1, 1, 2},
	}
	c, err := p.Confusion()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("cats taken for birds:", c.At(0, 2))
	fmt.Print(c.Table([]string{"cat", "dog", "bird"}))
	// Output:
	// cats taken for birds: 1
	//               precision    recall  f1-score   support
	//
	//          cat       1.00      0.50      0.67         2
	//          dog       1.00      1.00      1.00         2
	//         bird       0.50      1.00      0.67         1
	//
	//     accuracy                           0.80         5
	//    macro avg       0.83      0.83      0.78         5
	// weighted avg       0.90      0.80      0.80         5
}

// A metric of one's own: the share of rows that are off by more than 1.
func ExampleNew() {
	far := metrics.New("far", func(p *metrics.Predictions) (float64, error) {
		n := 0
		for i, y := range p.Outputs {
			if d := y - p.Values[i]; d > 1 || d < -1 {
				n++
			}
		}
		return float64(n) / float64(p.Rows()), nil
	})
	v, err := far.Of(&metrics.Predictions{Task: metrics.Regression, Cols: 1, Outputs: []float32{1, 2, 3, 4}, Values: []float32{1, 2, 3, 9}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(v)
	// Output: 0.25
}
