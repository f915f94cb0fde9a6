// Package f32 holds the inner loops of package cpu: one function for each op, over slices that lie in the first-level
// cache. The first line of a function's comment is its meaning, loop for loop; the body is the generic Go that runs
// everywhere, and in front of it a branch to the assembly of the same meaning, vec… and the function's name. The body
// stays: it is the twin that assembly is tested against.
//
// The variable vectors says whether the assembly runs; it is a constant, false, where there is none. The assembly's own
// first branch, on the variable wide, chooses between bodies for AVX2 and AVX-512, which come from one template in
// ../_asm/f32. Both variables follow isa.Use when the program starts; a test that forces another set calls Choose. This
// costs less than a call through a variable, and pointers that are passed do not escape.
//
// Assembly computes the last elements of a slice, fewer than a vector, under a mask by the same instructions: a result
// does not depend on where in a slice its element lies, nor on the slice's length.
//
// Operands after the first are at least as long as the first. Slices may be the same, but must not overlap otherwise.
package f32

//go:generate go run -C ../_asm ./f32 ../f32
