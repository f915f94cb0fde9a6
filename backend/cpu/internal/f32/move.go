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
