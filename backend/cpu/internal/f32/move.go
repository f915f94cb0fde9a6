package f32

// Bytes is for i := range v { v[i] = float32(b[i]) }
func Bytes(v []float32, b []byte) {
	b = b[:len(v)]
	if vectors {
		vecBytes(v, b)
		return
	}
	for i := range v {
		v[i] = float32(b[i])
	}
}

// Transpose is for i := range rows { for j := range cols { dst[j*ldd+i] = src[i*lds+j] } }
func Transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	// Squares of 16: both sides stay within one line of the cache for each row.
	const side = 16
	for i0 := 0; i0 < rows; i0 += side {
		i1 := min(i0+side, rows)
		for j0 := 0; j0 < cols; j0 += side {
			j1 := min(j0+side, cols)
			for i := i0; i < i1; i++ {
				p := j0*ldd + i
				for _, x := range src[i*lds+j0 : i*lds+j1] {
					dst[p] = x
					p += ldd
				}
			}
		}
	}
}

// AddBytes is for i := range v { v[i] += float32(b[i]) }
func AddBytes(v []float32, b []byte) {
	b = b[:len(v)]
	if vectors {
		vecAddBytes(v, b)
		return
	}
	for i := range v {
		v[i] += float32(b[i])
	}
}
