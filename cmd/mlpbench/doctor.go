package main

import (
	"fmt"
	"io"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/internal/doctor"
)

const doctorUsage = `usage: mlpbench doctor

Says what this machine has for training on its GPU, what it lacks, and the step
that mends each lack. The last line says what is used now and what to do first.
The exit status is 0 where a GPU can be used and 1 where only the CPU can.
`

// runDoctor is the sub-command "doctor".
func runDoctor(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		fmt.Fprint(stderr, doctorUsage)
		if a := args[0]; a == "-h" || a == "-help" || a == "--help" {
			return exitOK
		}
		fmt.Fprintf(stderr, "\nmlpbench: doctor takes no arguments, and %q is one\n", args[0])
		return exitUsage
	}
	machine := doctor.This()
	machine.Choose = chooseAndClose
	report := doctor.Examine(machine)
	if code := written(report.Write(stdout), stderr); code != exitOK || report.GPU {
		return code
	}
	return exitFailed
}

// chooseAndClose says what a name opens.
func chooseAndClose(name string) (backend.Info, string, error) {
	dev, choice, err := auto.Choose(name)
	if err != nil {
		return backend.Info{}, "", err
	}
	return choice.Info, choice.String(), dev.Close()
}
