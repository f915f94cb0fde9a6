package shaders_test

import (
	"fmt"
	"strings"

	"github.com/gloss-ml/gloss/shaders"
)

// The whole GLSL of an elementwise kernel that takes the square root of its input: what it needs of the library and no
// more.
func ExampleSource() {
	source := shaders.Source("", shaders.Part{Template: "each", Code: "float chain_do(float v, uint i, uint j) { return fsqrt(v); }"})
	fmt.Println(strings.HasPrefix(source, "#version 430 core\n"), strings.Contains(source, "float fsqrt("), strings.Contains(source, "float fexp("))
	// Output: true true false
}
