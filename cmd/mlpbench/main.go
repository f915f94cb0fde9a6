// Command mlpbench compares how fast this machine's devices train multilayer perceptrons: the CPU by gonum alone, the
// CPU by this module's own kernels, and the GPU through OpenGL. With no argument it finds the devices, checks every
// result against a float64 reference, measures, and prints a table within a minute.
//
//	mlpbench -list
//	mlpbench -run 'train/784-128-10' -device cpu,gl
//	mlpbench -net 784-512-10 -batch 64
//	mlpbench -gemm 2048x2048x512
//	mlpbench -mnist DIR
//	mlpbench -start
//	mlpbench -plot speed.svg
//	mlpbench -format json -o old.json
//	mlpbench -compare old.json
//	mlpbench doctor
//	mlpbench -format gobench | benchstat -col /device -
//
// Ctrl-C ends it with a report of what was done until then; a second one ends it at once.
//
// The exit status is 0, 1 where a device failed or computed something wrong or Ctrl-C ended it, and 2 for wrong
// arguments.
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
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
