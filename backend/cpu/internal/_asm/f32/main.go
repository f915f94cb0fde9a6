// Command f32 writes the assembly of package f32, and the Go files that declare it.
//
// Each function has two bodies from one template, for AVX2 with FMA and for AVX-512: the same instructions on registers
// of 8 and of 16 numbers. machine.go is the instruction set as the templates see it, loop.go the loop around them.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// A function is one function of the assembly.
type function interface {
	declaration() string // its Go signature, from the name on
	write(c *build.Context, p *pool)
}

// files are the assembly files by name.
var files = []struct {
	name      string
	functions []function
}{
	{"arith", arith},
	{"optimizer", optimizers},
	{"activation", activations},
	{"fold", folds},
	{"move", moves},
}

var configuration = printer.Config{Name: "_asm/f32 with avo", Pkg: "f32"}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("f32 takes one argument, the folder of package f32")
	}
	out := os.Args[1]
	var declared []string
	for _, f := range files {
		c := build.NewContext()
		c.ConstraintExpr("!purego")
		p := &pool{Context: c}
		for _, fn := range f.functions {
			fn.write(c, p)
			declared = append(declared, fn.declaration())
		}
		p.write()
		write(out, f.name+"_amd64.s", assemble(f.name, c))
	}
	write(out, "vector_amd64.go", declare(declared, "!purego", func(d string) string { return "//go:noescape\nfunc " + d }))
	write(out, "vector_none.go", declare(declared, "purego || !amd64", func(d string) string { return "func " + d + " { panic(vectors) }" }))
}

func write(folder, name string, text []byte) {
	if err := os.WriteFile(filepath.Join(folder, name), text, 0o666); err != nil {
		log.Fatal(err)
	}
}

// extended are the registers that only AVX-512 has: VEX encodings do not reach them.
var extended = regexp.MustCompile(`\b[XY](1[6-9]|2[0-9]|3[01])\b`)

func assemble(name string, c *build.Context) []byte {
	file, err := c.Result()
	if err == nil {
		err = pass.Compile.Execute(file)
	}
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	check(file)
	text, err := printer.NewGoAsm(configuration).Print(file)
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	return text
}

// check refuses registers that a machine without AVX-512 lacks, in front of the label at which its body begins.
func check(file *ir.File) {
	for _, f := range file.Functions() {
		for _, node := range f.Nodes {
			if label, ok := node.(ir.Label); ok && label == wideLabel {
				break
			}
			if i, ok := node.(*ir.Instruction); ok {
				for _, op := range i.Operands {
					if r := extended.FindString(op.Asm()); r != "" {
						log.Fatalf("%s: %s needs AVX-512", f.Name, r)
					}
				}
			}
		}
	}
}

// declare is a Go file with a declaration of each function.
func declare(declared []string, constraint string, form func(string) string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\n//go:build %s\n\npackage %s\n", configuration.GeneratedWarning(), constraint, configuration.Pkg)
	for _, d := range declared {
		fmt.Fprintf(&b, "\n%s\n", form(strings.TrimSpace(d)))
	}
	return b.Bytes()
}
