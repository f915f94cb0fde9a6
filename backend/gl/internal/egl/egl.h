/* The few calls of EGL that are used, with prototypes of our own: no EGL headers are needed to build. */
#include <stdint.h>

int gloss_egl_load(char *msg, int len);
int gloss_egl_error(void);
const char *gloss_egl_client_extensions(void);

/* Devices of EGL_EXT_device_enumeration; -1 when the driver cannot list any. */
int gloss_egl_devices(uintptr_t *devices, int max);
const char *gloss_egl_device_string(uintptr_t device, int name);

/* Displays are opaque addresses; 0 is none. device 0 asks for the surfaceless platform. */
uintptr_t gloss_egl_display(uintptr_t device);
int gloss_egl_initialize(uintptr_t display, int *major, int *minor);
void gloss_egl_terminate(uintptr_t display);
const char *gloss_egl_display_string(uintptr_t display, int name);

/* A core context of at least the version, without a surface. noconfig: EGL_NO_CONFIG may be given. reset: 0, or how to
   ask that the context is lost, and says so, when the GPU is reset: 1 as in EGL 1.5, 2 by EXT_create_context_robustness. */
uintptr_t gloss_egl_create(uintptr_t display, int noconfig, int major, int minor, int reset);
int gloss_egl_make_current(uintptr_t display, uintptr_t context);
void gloss_egl_destroy(uintptr_t display, uintptr_t context);
void gloss_egl_release_thread(void);
void *gloss_egl_proc(const char *name);
