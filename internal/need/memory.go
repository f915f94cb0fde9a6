package need

import "runtime"

// Taken is how many bytes f allocates, those that it lets go of included. Nothing else may run beside it.
func Taken(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
