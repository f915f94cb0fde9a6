package plan

import (
	"fmt"
	"strings"
)

// A software renderer's invocations are the lanes of a processor's vectors. It waits long for a group to come together, and reads
// shared memory a number at a time; what an invocation has to itself is a row of vectors. So where there are many models each invocation
// carries the step of one out: a group of its own, with all sums in the order of a group of 256 (the templates *_lone.comp).

var loneInSoftware = budgets{few: 1 << 20, many: 1 << 20, perCall: 1e-6, perFactor: 10e-9} // of all models of a work group

// loneRoom is the words that an invocation has to itself: those of a vector of eight are a megabyte.
const loneRoom = 1 << 15

// loneOrder is inOrder of such a kernel: there is nobody to wait for.
const loneOrder = "void in_order() {}\nvoid main() {\n\tuniforms();\n"

// loneUniforms has U be a copy of the uniforms: each is a vector there, which is not to be made again wherever it is read. An assignment
// of the whole array would leave it in memory.
func loneUniforms(s *strings.Builder, n int) {
	fmt.Fprintf(s, "uvec4 V[%d];\nvoid uniforms() {\n", n)
	for i := range n {
		fmt.Fprintf(s, "\tV[%d] = U[%[1]d];\n", i)
	}
	s.WriteString("}\n#define U V\n")
}

// loneCopy copies four numbers for each iteration, of which there are only so many.
var loneCopy = "\t\tfor (uint e = 0u; e < %[1]s; e++) {\n" + loneOne + strings.Repeat("\t\t\te++;\n"+loneOne, 3) + "\t\t}\n"

const loneOne = "\t\t\tif (e < %[1]s)\n\t\t\t\t%[2]s;\n"

// lone is for kernels that one invocation carries out, with so many iterations.
func (b *builder) lone(loops int) {
	b.define("LONE")
	b.l.Lone = true
	b.groups(1)
	b.l.loops = loops
}
