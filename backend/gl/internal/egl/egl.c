//go:build cgo && gl && linux

#include "egl.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef void *handle;
typedef void (*proc)(void);

static struct {
	void *lib;
	proc (*GetProcAddress)(const char *);
	int (*GetError)(void);
	const char *(*QueryString)(handle dpy, int name);
	unsigned (*Initialize)(handle dpy, int *major, int *minor);
	unsigned (*Terminate)(handle dpy);
	unsigned (*BindAPI)(unsigned api);
	unsigned (*ChooseConfig)(handle dpy, const int *attribs, handle *configs, int size, int *count);
	handle (*CreateContext)(handle dpy, handle config, handle share, const int *attribs);
	unsigned (*DestroyContext)(handle dpy, handle context);
	unsigned (*MakeCurrent)(handle dpy, handle draw, handle read, handle context);
	unsigned (*ReleaseThread)(void);
	/* extensions: may be absent */
	handle (*GetPlatformDisplay)(unsigned platform, void *native, const int *attribs);
	unsigned (*QueryDevices)(int max, handle *devices, int *count);
	const char *(*QueryDeviceString)(handle device, int name);
} egl;

enum {
	NONE = 0x3038,
	EXTENSIONS = 0x3055,
	OPENGL_API = 0x30A2,
	PLATFORM_DEVICE = 0x313F,
	PLATFORM_SURFACELESS = 0x31DD,
	SURFACE_TYPE = 0x3033,
	RENDERABLE_TYPE = 0x3040,
	OPENGL_BIT = 0x0008,
	CONTEXT_MAJOR = 0x3098,
	CONTEXT_MINOR = 0x30FB,
	CONTEXT_PROFILE_MASK = 0x30FD,
	CONTEXT_PROFILE_CORE = 0x0001,
	RESET_STRATEGY = 0x31BD, /* EGL 1.5 and KHR_create_context */
	RESET_STRATEGY_EXT = 0x3138,
	LOSE_CONTEXT_ON_RESET = 0x31BF,
};

/* want finds a function that every EGL has. */
#define want(field, name)                                                             \
	if ((*(void **)&egl.field = dlsym(egl.lib, name)) == NULL) {                        \
		snprintf(msg, len, "libEGL.so.1 has no function %s", name);                     \
		dlclose(egl.lib);                                                              \
		return -1;                                                                     \
	}

int gloss_egl_load(char *msg, int len) {
	egl.lib = dlopen("libEGL.so.1", RTLD_LAZY | RTLD_LOCAL);
	if (egl.lib == NULL) {
		const char *why = dlerror();
		snprintf(msg, len, "%s", why ? why : "libEGL.so.1 cannot be opened");
		return -1;
	}
	want(GetProcAddress, "eglGetProcAddress");
	want(GetError, "eglGetError");
	want(QueryString, "eglQueryString");
	want(Initialize, "eglInitialize");
	want(Terminate, "eglTerminate");
	want(BindAPI, "eglBindAPI");
	want(ChooseConfig, "eglChooseConfig");
	want(CreateContext, "eglCreateContext");
	want(DestroyContext, "eglDestroyContext");
	want(MakeCurrent, "eglMakeCurrent");
	want(ReleaseThread, "eglReleaseThread");
	*(proc *)&egl.GetPlatformDisplay = egl.GetProcAddress("eglGetPlatformDisplayEXT");
	*(proc *)&egl.QueryDevices = egl.GetProcAddress("eglQueryDevicesEXT");
	*(proc *)&egl.QueryDeviceString = egl.GetProcAddress("eglQueryDeviceStringEXT");
	return 0;
}

int gloss_egl_error(void) { return egl.GetError(); }

const char *gloss_egl_client_extensions(void) { return egl.QueryString(NULL, EXTENSIONS); }

int gloss_egl_devices(uintptr_t *devices, int max) {
	int n = 0;
	if (egl.QueryDevices == NULL || !egl.QueryDevices(max, (handle *)devices, &n))
		return -1;
	return n;
}

const char *gloss_egl_device_string(uintptr_t device, int name) {
	return egl.QueryDeviceString ? egl.QueryDeviceString((handle)device, name) : NULL;
}

uintptr_t gloss_egl_display(uintptr_t device) {
	static const int none[] = {NONE};
	if (egl.GetPlatformDisplay == NULL)
		return 0;
	return (uintptr_t)egl.GetPlatformDisplay(device ? PLATFORM_DEVICE : PLATFORM_SURFACELESS, (void *)device, none);
}

int gloss_egl_initialize(uintptr_t display, int *major, int *minor) {
	return egl.Initialize((handle)display, major, minor) ? 0 : -1;
}

void gloss_egl_terminate(uintptr_t display) { egl.Terminate((handle)display); }

const char *gloss_egl_display_string(uintptr_t display, int name) { return egl.QueryString((handle)display, name); }

uintptr_t gloss_egl_create(uintptr_t display, int noconfig, int major, int minor, int reset) {
	static const int strategies[] = {NONE, RESET_STRATEGY, RESET_STRATEGY_EXT};
	handle config = NULL;
	const int attribs[] = {CONTEXT_MAJOR, major, CONTEXT_MINOR, minor, CONTEXT_PROFILE_MASK, CONTEXT_PROFILE_CORE,
		strategies[reset], LOSE_CONTEXT_ON_RESET, NONE};
	if (!egl.BindAPI(OPENGL_API)) /* the choice of API is the thread's, not the display's */
		return 0;
	if (!noconfig) {
		const int wish[] = {RENDERABLE_TYPE, OPENGL_BIT, SURFACE_TYPE, 0, NONE};
		int n = 0;
		if (!egl.ChooseConfig((handle)display, wish, &config, 1, &n) || n == 0)
			return 0;
	}
	return (uintptr_t)egl.CreateContext((handle)display, config, NULL, attribs);
}

int gloss_egl_make_current(uintptr_t display, uintptr_t context) {
	return egl.MakeCurrent((handle)display, NULL, NULL, (handle)context) ? 0 : -1;
}

void gloss_egl_destroy(uintptr_t display, uintptr_t context) { egl.DestroyContext((handle)display, (handle)context); }

void gloss_egl_release_thread(void) { egl.ReleaseThread(); }

void *gloss_egl_proc(const char *name) {
	union {
		proc f;
		void *p;
	} u;
	u.f = egl.GetProcAddress(name);
	return u.p;
}
