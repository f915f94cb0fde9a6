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
const loneOrder = "void in_order() {}\nvoid main() {\n"

// copyUniforms has V be a copy of so many uniforms: each is a vector there, which is not to be made again wherever it is read.
func copyUniforms(first, n int) string {
	var s strings.Builder
	for i := first; i < first+n; i++ {
		fmt.Fprintf(&s, "V[%d] = U[%[1]d]; ", i)
	}
	return s.String()
}

// loneCopy copies four numbers for each iteration, of which there are only so many.
var loneCopy = "\t\tfor (uint e = 0u; e < %[1]s; e++) {\n" + loneOne + strings.Repeat("\t\t\te++;\n"+loneOne, 3) + "\t\t}\n"

const loneOne = "\t\t\tif (e < %[1]s)\n\t\t\t\t%[2]s;\n"

// lone is for kernels that one invocation carries out, with so many iterations at most: a loop of n counts n + 1, as the renderer counts
// the test that ends it.
func (b *builder) lone(loops int) {
	b.define("LONE")
	b.l.Lone = true
	b.groups(1)
	b.l.loops = loops
}
