// Command mlp trains multilayer perceptrons on tables and images, and uses them, without a program.
//
//	mlp train iris.csv -target species -o iris.safetensors
//	mlp eval iris.csv -model iris.safetensors
//	mlp predict new.csv -model iris.safetensors -probabilities
//	mlp train -mnist DIR -o mnist.safetensors
//	mlp train                            on digits that it draws itself
//	mlp resume runs/a                    a training that was interrupted
//	mlp export -model iris.safetensors iris/iris.go
//	mlp import net.onnx -o net.safetensors
//	mlp info iris.safetensors
//	mlp devices
//
// What is not said is found out, and each such choice is a line on standard error. Ctrl-C ends a training after the step that
// runs and saves the best model so far; a second one ends it at once.
//
// The exit status is 0, 1 where something failed or was interrupted, and 2 for wrong arguments.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	os.Exit(run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}
