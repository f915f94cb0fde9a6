package backend

// Wide is a device whose buffers of kind F32 hold float64, as ref's do. Read and Write of such a device round; these do not,
// so that what is saved and restored through them goes on to the last bit.
type Wide interface {
	// ReadWide is Read of a buffer of kind F32.
	ReadWide(dst []float64, src *Buffer, off int) error
	// WriteWide is Write of a buffer of kind F32.
	WriteWide(dst *Buffer, off int, src []float64)
}
