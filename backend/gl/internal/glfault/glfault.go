//go:build cgo && (gl || glfw) && linux

// Package glfault stands between the runtime and the driver's functions, in tests: it counts what the driver is asked for and
// has it fail when it is told to, in the ways in which drivers do. It is one for the process.
package glfault

/*
#include <stdatomic.h>
#include <stddef.h>

enum { NO_ERROR = 0, OUT_OF_MEMORY = 0x0505, CONTEXT_LOST = 0x0507, GUILTY = 0x8253 };

typedef unsigned int u32;
typedef ptrdiff_t size;

// What was asked for, and what number of it and of those after it fails, 0 for none.
static atomic_int buffers, sources, dispatches, no_buffer, no_source, last_dispatch;
static atomic_uint pending;
static atomic_int lost;

static void (*bufferStorage)(u32, size, const void *, u32);
static void (*bufferData)(u32, size, const void *, u32);
static void (*shaderSource)(u32, int, const char *const *, const int *);
static void (*dispatchCompute)(u32, u32, u32);
static u32 (*getError)(void);
static u32 (*getReset)(void);
static void (*getBufferSubData)(u32, size, size, void *);

static int fails(atomic_int *count, atomic_int *from) {
	int n = atomic_fetch_add(count, 1) + 1, f = atomic_load(from);
	return f > 0 && n >= f;
}

static void faultBufferStorage(u32 target, size n, const void *data, u32 flags) {
	if (fails(&buffers, &no_buffer))
		atomic_store(&pending, OUT_OF_MEMORY);
	else
		bufferStorage(target, n, data, flags);
}
static void faultBufferData(u32 target, size n, const void *data, u32 usage) {
	if (fails(&buffers, &no_buffer))
		atomic_store(&pending, OUT_OF_MEMORY);
	else
		bufferData(target, n, data, usage);
}

// One source fails, not those after it.
static void faultShaderSource(u32 shader, int n, const char *const *text, const int *length) {
	static const char *const bad = "#version 430\n#error injected\n";
	if (atomic_fetch_add(&sources, 1) + 1 == atomic_load(&no_source))
		shaderSource(shader, 1, &bad, NULL);
	else
		shaderSource(shader, n, text, length);
}

// A lost context does nothing and says so to whoever asks.
static void faultDispatchCompute(u32 x, u32 y, u32 z) {
	if (fails(&dispatches, &last_dispatch))
		atomic_store(&lost, 1);
	else
		dispatchCompute(x, y, z);
}
static u32 faultGetError(void) {
	u32 real = getError(), e = atomic_exchange(&pending, NO_ERROR);
	if (atomic_load(&lost))
		return CONTEXT_LOST;
	return e != NO_ERROR ? e : real;
}
static u32 faultGetReset(void) { return atomic_load(&lost) ? GUILTY : getReset(); }
static void faultGetBufferSubData(u32 target, size at, size n, void *to) {
	if (!atomic_load(&lost))
		getBufferSubData(target, at, n, to);
}

#define TAKE(name, real, fault) if (!strcmp(asked, name)) { real = p; return fault; }
#include <string.h>
static void *wrap(const char *asked, void *p) {
	if (!p) return p;
	TAKE("glBufferStorage", bufferStorage, faultBufferStorage)
	TAKE("glBufferData", bufferData, faultBufferData)
	TAKE("glShaderSource", shaderSource, faultShaderSource)
	TAKE("glDispatchCompute", dispatchCompute, faultDispatchCompute)
	TAKE("glGetError", getError, faultGetError)
	TAKE("glGetGraphicsResetStatus", getReset, faultGetReset)
	TAKE("glGetBufferSubData", getBufferSubData, faultGetBufferSubData)
	return p;
}

static void set(int buffer, int source, int dispatch) {
	atomic_store(&no_buffer, buffer), atomic_store(&no_source, source), atomic_store(&last_dispatch, dispatch);
	atomic_store(&buffers, 0), atomic_store(&sources, 0), atomic_store(&dispatches, 0);
	atomic_store(&pending, NO_ERROR), atomic_store(&lost, 0);
}
static void counts(int *b, int *s, int *d) { *b = buffers, *s = sources, *d = dispatches; }
*/
import "C"

import "unsafe"

// Wrap is for glrt.WrapProc.
func Wrap(name string, p unsafe.Pointer) unsafe.Pointer {
	c := append([]byte(name), 0)
	return C.wrap((*C.char)(unsafe.Pointer(&c[0])), p)
}

// Faults say what fails, counted from 1; 0 is nothing.
type Faults struct {
	Buffer   int // the driver has no memory for this buffer object and for later ones
	Source   int // this shader's source does not compile
	Dispatch int // the context is lost at this dispatch
}

// Set arms the faults and counts from 0. No device may be at work.
func Set(f Faults) { C.set(C.int(f.Buffer), C.int(f.Source), C.int(f.Dispatch)) }

// Counts is what the driver was asked for since Set.
func Counts() Faults {
	var b, s, d C.int
	C.counts(&b, &s, &d)
	return Faults{int(b), int(s), int(d)}
}
