package f32

// Sum is s := 0.0; for i := range v { s += float64(v[i]) }, in eight sums that are added in pairs.
func Sum(v []float32) float64 {
	var a, b, c, d, e, f, g, h float64
	for len(v) >= 8 {
		x := (*[8]float32)(v)
		a += float64(x[0])
		b += float64(x[1])
		c += float64(x[2])
		d += float64(x[3])
		e += float64(x[4])
		f += float64(x[5])
		g += float64(x[6])
		h += float64(x[7])
		v = v[8:]
	}
	for _, x := range v {
		a += float64(x)
	}
	return ((a + b) + (c + d)) + ((e + f) + (g + h))
}

// Accumulate is for i := range acc { acc[i] += float64(v[i]) }
func Accumulate(acc []float64, v []float32) {
	v = v[:len(acc)]
	for len(acc) >= 4 {
		a, x := (*[4]float64)(acc), (*[4]float32)(v)
		a[0] += float64(x[0])
		a[1] += float64(x[1])
		a[2] += float64(x[2])
		a[3] += float64(x[3])
		acc, v = acc[4:], v[4:]
	}
	for i := range acc {
		acc[i] += float64(v[i])
	}
}

// Finite is ok := true; for i := range v { ok = ok && v[i]-v[i] == 0 }
func Finite(v []float32) bool {
	// x−x is 0 for what is finite and NaN for the rest, and a NaN stays in the sum.
	var a, b, c, d float32
	for len(v) >= 4 {
		x := (*[4]float32)(v)
		a += x[0] - x[0]
		b += x[1] - x[1]
		c += x[2] - x[2]
		d += x[3] - x[3]
		v = v[4:]
	}
	for _, x := range v {
		a += x - x
	}
	return a+b+c+d == 0
}
