package nn_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/nn"
)

// A model goes to a file and comes back, with what its user wants to know beside it.
func ExampleModel_Save() {
	dev := cpu.Open()
	defer dev.Close()
	dir, err := os.MkdirTemp("", "gloss")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "iris.safetensors")
	model, err := nn.New(dev, 4, nn.Linear(16), nn.BatchNorm(), nn.ReLU(), nn.Linear(3))
	if err != nil {
		log.Fatal(err)
	}
	if err := model.Save(path, map[string]string{"classes": "setosa,versicolor,virginica"}); err != nil {
		log.Fatal(err)
	}
	again, meta, err := nn.Load(dev, path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Layers(), strings.Split(meta["classes"], ","))
	// Output: [Linear(16) BatchNorm ReLU Linear(3)] [setosa versicolor virginica]
}

// Fine-tuning: all layers but the last come from a file and are frozen.
func ExampleModel_LoadWeights() {
	dev := cpu.Open()
	defer dev.Close()
	dir, err := os.MkdirTemp("", "gloss")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ten.safetensors")
	ten, err := nn.New(dev, 4, nn.Linear(16), nn.ReLU(), nn.Linear(10))
	if err != nil {
		log.Fatal(err)
	}
	if err := ten.Save(path, nil); err != nil {
		log.Fatal(err)
	}
	two, err := nn.New(dev, 4, nn.Linear(16), nn.ReLU(), nn.Linear(2))
	if err != nil {
		log.Fatal(err)
	}
	body := func(name string) bool { return !strings.HasPrefix(name, "2.") }
	loaded, err := two.LoadWeights(path, body)
	if err != nil {
		log.Fatal(err)
	}
	state, err := nn.NewState(two, nn.Adam(1e-3), nn.Group(0, 1, func(p nn.Param) bool { return body(p.Name) }))
	if err != nil {
		log.Fatal(err)
	}
	defer state.Release()
	fmt.Println("loaded and frozen:", loaded.Loaded)
	// Output: loaded and frozen: [0.weight 0.bias]
}

// PyTorch's load_state_dict takes what SaveTorch writes, and LoadTorch what safetensors.torch.save_file does.
func ExampleModel_SaveTorch() {
	dev := cpu.Open()
	defer dev.Close()
	dir, err := os.MkdirTemp("", "gloss")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")
	model, err := nn.New(dev, 4, nn.Linear(8), nn.ReLU(), nn.Linear(2))
	if err != nil {
		log.Fatal(err)
	}
	names := strings.NewReplacer("0.", "fc1.", "2.", "fc2.") // a module with attributes fc1 and fc2
	if err := model.SaveTorch(path, names.Replace); err != nil {
		log.Fatal(err)
	}
	loaded, err := model.LoadTorch(path, names.Replace)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(loaded.Loaded, loaded.Strict())
	// Output: [fc1.weight fc1.bias fc2.weight fc2.bias] <nil>
}

// A program carries its model: go:embed puts the file's bytes into a variable.
func ExampleLoadBytes() {
	dev := cpu.Open()
	defer dev.Close()
	// //go:embed iris.safetensors
	var iris []byte
	_, _, err := nn.LoadBytes(dev, iris)
	fmt.Println(err) // here there is nothing in it
	// Output: nn: model: 0 bytes: too short for a safetensors file
}
