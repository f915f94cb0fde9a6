package gemm

import "unsafe"

// The generic kernels are the twins of the assembly: the same tiles and chains, in Go. On machines whose processor or
// compiler does not fuse a·b+c they round twice.
var generic = set{rows: 4, cols: 4, inner: genericInner(), transpose: transposeGeneric, copyTiles: copyPieces, copyPanels: copyPieces, strip: 256 << 10, cost: 0.15}

func genericInner() (all [widths][]inner) {
	for w := range wide {
		for rows := 1; rows <= 4; rows++ {
			all[w] = append(all[w], func(a, b, c *float32, aRow, aCol, bRow, cRow, bNext, cNext, k, panels, cols, load int) {
				if w == whole {
					cols = 4
				}
				for ; ; panels-- {
					if rows == 4 && cols == 4 {
						tile4x4(a, b, c, aRow, aCol, bRow, cRow, k, load)
					} else {
						tile(a, b, c, aRow, aCol, bRow, cRow, k, rows, cols, load)
					}
					if panels == 1 { // no pointer past the end
						return
					}
					b, c = after(b, bNext), after(c, cNext)
				}
			})
		}
	}
	return all
}

// after is the number that lies n bytes after p.
func after(p *float32, n int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), n)) }

// tile is any tile that fits 4×4.
func tile(a, b, c *float32, aRow, aCol, bRow, cRow, k, rows, cols, load int) {
	var sum [4][4]float32
	for r := 0; r < rows && load == chain; r++ {
		copy(sum[r][:cols], unsafe.Slice(after(c, r*cRow), cols))
	}
	for p := range k {
		x := unsafe.Slice(after(b, p*bRow), cols)
		for r := range rows {
			y, s := *after(a, r*aRow+p*aCol), &sum[r]
			for j, x := range x {
				s[j&3] += y * x
			}
		}
	}
	for r := range rows {
		to := unsafe.Slice(after(c, r*cRow), cols)
		for j := range to {
			if load == add {
				sum[r][j&3] += to[j]
			}
			to[j] = sum[r][j&3]
		}
	}
}

// tile4x4 is two halves of two rows, whose eight sums fit the registers.
func tile4x4(a, b, c *float32, aRow, aCol, bRow, cRow, k, load int) {
	tile2x4(a, b, c, aRow, aCol, bRow, cRow, k, load)
	tile2x4(after(a, 2*aRow), b, after(c, 2*cRow), aRow, aCol, bRow, cRow, k, load)
}

func tile2x4(a, b, c *float32, aRow, aCol, bRow, cRow, k, load int) {
	c0, c1 := (*[4]float32)(unsafe.Pointer(c)), (*[4]float32)(unsafe.Pointer(after(c, cRow)))
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	if load == chain {
		s00, s01, s02, s03 = c0[0], c0[1], c0[2], c0[3]
		s10, s11, s12, s13 = c1[0], c1[1], c1[2], c1[3]
	}
	for ; ; k-- {
		x := (*[4]float32)(unsafe.Pointer(b))
		a0, a1 := *a, *after(a, aRow)
		s00 += a0 * x[0]
		s01 += a0 * x[1]
		s02 += a0 * x[2]
		s03 += a0 * x[3]
		s10 += a1 * x[0]
		s11 += a1 * x[1]
		s12 += a1 * x[2]
		s13 += a1 * x[3]
		if k == 1 { // no pointer past the end
			break
		}
		a, b = after(a, aCol), after(b, bRow)
	}
	if load == add {
		s00, s01, s02, s03 = s00+c0[0], s01+c0[1], s02+c0[2], s03+c0[3]
		s10, s11, s12, s13 = s10+c1[0], s11+c1[1], s12+c1[2], s13+c1[3]
	}
	c0[0], c0[1], c0[2], c0[3] = s00, s01, s02, s03
	c1[0], c1[1], c1[2], c1[3] = s10, s11, s12, s13
}

func transposeGeneric(dst, src *float32, dstRow, srcRow, cols int) {
	for r := range 8 {
		for p := range cols {
			*after(dst, p*dstRow+4*r) = *after(src, r*srcRow+4*p)
		}
	}
}

func copyPieces(dst, src *float32, dstRow, srcRow, dstNext, srcNext, n, panels, rows int) {
	for r := range rows {
		for j := range panels {
			copy(unsafe.Slice(after(dst, r*dstRow+j*dstNext), n), unsafe.Slice(after(src, r*srcRow+j*srcNext), n))
		}
	}
}
