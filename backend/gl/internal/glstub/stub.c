//go:build cgo && (gl || glfw) && linux

#include <dlfcn.h>
#include <stddef.h>

typedef void (*proc)(void);
typedef proc (*get_proc)(const unsigned char *);

/* Hidden, so that a real libGL that is loaded later keeps its own and nobody else in the process sees this one. Never
   called with EGL, whose loader is passed to go-gl; it forwards for those who call gl.Init all the same. */
__attribute__((visibility("hidden"))) proc glXGetProcAddress(const unsigned char *name) {
	static get_proc real;
	if (real == NULL) {
		void *lib = dlopen("libGL.so.1", RTLD_LAZY | RTLD_LOCAL);
		if (lib == NULL)
			return NULL;
		real = (get_proc)dlsym(lib, "glXGetProcAddress");
		if (real == NULL)
			return NULL;
	}
	return real(name);
}
