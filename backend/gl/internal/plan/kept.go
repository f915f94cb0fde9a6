package plan

import (
	"fmt"
	"slices"

	"github.com/gloss-ml/gloss/backend"
)

// What a call of a chain writes row by row and a later one reads, such as a layer's activations or the gradient that comes back, stays
// in the group's shared memory as well, a block of rows of it: the later call does not wait for the device's memory. It is written
// there too, for calls that look at all rows.

// kept is such a tensor. The piece number from of a stretch writes it, those up to to read it.
type kept struct {
	t        *backend.Tensor
	from, to int
	at       int // in KEPT
}

// keepRows chooses what a stretch keeps of each block of so many rows, and gives the words that it takes: everything until its first
// reader, first come, first served, and then what there is room for until later ones.
func keepRows(s stretch, block, room int, env *Env) (all []kept, words int) {
	var readers [][]int
	for i, p := range s {
		if t := rowResult(p.call); t != nil {
			if r := readersOf(s, i, t, env); len(r) > 0 {
				k := kept{t: t, from: i, to: r[0]}
				if k.at = freeAt(all, &k, block, room); k.at >= 0 {
					all, readers = append(all, k), append(readers, r)
				}
			}
		}
	}
	for i := range all {
		others := slices.Delete(slices.Clone(all), i, i+1)
		for _, to := range slices.Backward(readers[i]) {
			k := all[i]
			k.to = to
			if k.at = freeAt(others, &k, block, room); k.at >= 0 {
				all[i] = k
				break
			}
		}
		words = max(words, all[i].at+block*all[i].t.Cols)
	}
	return all, words
}

// rowResult is what a call that goes row by row writes, nil for one of which nothing is kept.
func rowResult(call backend.Call) *backend.Tensor {
	var t *backend.Tensor
	switch c := call.(type) {
	case *backend.MatMul:
		t = &c.Dst
	case *backend.Each:
		t = &c.Dst
	case *backend.Gather:
		t = &c.Dst
	case *backend.Xent:
		t = &c.Grad
	}
	if t == nil || !t.Present() || t.Buf.Kind() != backend.F32 {
		return nil
	}
	return t
}

// readersOf are the pieces that read, row by row, what piece i writes to t, before another one writes there.
func readersOf(s stretch, i int, t *backend.Tensor, env *Env) (readers []int) {
	for j := i + 1; j < len(s); j++ {
		if writes(env, s[j].call, t, ofOps) { // and perhaps reads it then
			break
		}
		for _, u := range s[j].uses {
			if !u.write && u.byRow && *u.t == *t {
				readers = append(readers, j)
				break
			}
		}
		if writes(env, s[j].call, t, ofAny) {
			break
		}
	}
	return readers
}

// freeAt is the first place for k that nobody else needs at the same time, −1 if there is none.
func freeAt(all []kept, k *kept, block, room int) int {
	at, n := 0, block*k.t.Cols
	for moved := true; moved; {
		moved = false
		for _, o := range all {
			end := o.at + block*o.t.Cols
			if o.from <= k.to && k.from <= o.to && o.at < at+n && at < end {
				at, moved = end, true
			}
		}
	}
	if at+n > room {
		return -1
	}
	return at
}

// keeps says what one piece of a stretch has in KEPT, as a reader or as the writer.
func keeps(all []kept, piece int) (its []kept) {
	for _, k := range all {
		if k.from <= piece && piece <= k.to {
			its = append(its, k)
		}
	}
	return its
}

// keptElement is the GLSL of t's element (i, j) in shared memory; "" where it is not there, for who reads or who writes.
func (b *builder) keptElement(t *backend.Tensor, write bool, i, j string) string {
	if t.Cols == 1 { // perhaps for all columns of a domain
		j = "0u"
	}
	for _, k := range b.env.Kept {
		if *k.t == *t && (k.from == b.env.Piece) == write {
			return fmt.Sprintf("KEPT[%s + (%s - BLOCK0) * %s + %s]", b.uniform(Word{Base: uint32(k.at)}), i, b.uniform(Word{Base: uint32(t.Cols)}), j)
		}
	}
	return ""
}
