// Package f32 holds the inner loops of package cpu: one function for each op, over slices that lie in the first-level
// cache. The first line of a function's comment is its meaning, loop for loop; the body is the generic Go that runs
// everywhere. Assembly for a processor goes into a file of its own under the same meaning, chosen by a feature variable
// in front of the generic body, which stays: it is the twin that assembly is tested against.
//
// Operands after the first are at least as long as the first. Slices may be the same, but must not overlap otherwise.
package f32
