package tabular_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/gloss-ml/gloss/data/tabular"
)

// What a network's inputs are is learned from the training part alone, and made of any rows later.
func ExampleRecipe_Fit() {
	frame, err := tabular.Read(strings.NewReader("length,color,species\n1,red,a\n3,blue,b\n2,red,a\n,blue,b\n"), tabular.CSV{})
	if err != nil {
		log.Fatal(err)
	}
	prep, err := tabular.Recipe{Target: "species"}.Fit(frame, []int{0, 1})
	if err != nil {
		log.Fatal(err)
	}
	table, err := prep.Table(frame, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(prep.Names(), prep.Target.Task, prep.Target.Classes)
	for i := range table.Len() {
		fmt.Println(table.Row(i), table.Labels[i])
	}
	// Output:
	// [length color=blue color=red] classification [a b]
	// [-1 0 1] 0
	// [1 1 0] 1
	// [0 0 1] 0
	// [0 1 0] 1
}

// Errors say where in the file.
func ExampleError() {
	_, err := tabular.Read(strings.NewReader("age,city\n31,Rome\n29,Oslo,N\n"), tabular.CSV{Name: "people.csv"})
	fmt.Println(err)
	// Output: people.csv:3: 3 fields; the lines before have 2
}
