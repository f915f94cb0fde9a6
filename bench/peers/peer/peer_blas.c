/* SGEMM and SAXPY of a library that is loaded when it starts, so that building this takes none:
 *   peer_blas openblas|onednn
 * OpenBLAS takes its number of threads and kernels from OPENBLAS_NUM_THREADS and OPENBLAS_CORETYPE, oneDNN from
 * OMP_NUM_THREADS and the processor. */
#include "peer.h"
#include <dlfcn.h>

typedef void (*cblas_sgemm_t)(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                              const float *b, int ldb, float beta, float *c, int ldc);
typedef void (*cblas_saxpy_t)(int n, float alpha, const float *x, int incx, float *y, int incy);
/* dnnl.h: row-major, the same in versions 1 to 3. */
typedef int (*dnnl_sgemm_t)(char ta, char tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
                            const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
struct dnnl_version { int major, minor, patch; };

static cblas_sgemm_t cblas_sgemm;
static cblas_saxpy_t cblas_saxpy;
static dnnl_sgemm_t dnnl_sgemm;
static char about[512];

static int m, n, k, ta, tb;
static long elements;
static float *a, *b, *c;

static const char *version(void) { return about; }

static const char *open_work(const char *name) {
  char form[3];
  elements = 0;
  if (sscanf(name, "gemm/%2[nt]/%dx%dx%d", form, &m, &n, &k) == 4) {
    ta = form[0] == 't', tb = form[1] == 't';
    a = uniform(VEC_A, (size_t)m * k), b = uniform(VEC_B, (size_t)k * n), c = vector((size_t)m * n);
    memset(c, 0, (size_t)m * n * sizeof *c);
    return 0;
  }
  if (!strncmp(name, "each/axpy/", 10) && cblas_saxpy) {
    elements = count(name + 10);
    a = uniform(VEC_W, elements), b = uniform(VEC_G, elements), c = 0;
    return 0;
  }
  return "a BLAS has products and axpy";
}

static void drop(void) {
  free(a), free(b), free(c);
  a = b = c = 0;
}

static void sgemm(void) {
  int lda = ta ? m : k, ldb = tb ? k : n;
  if (dnnl_sgemm)
    dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1, a, lda, b, ldb, 0, c, n);
  else
    cblas_sgemm(101, ta ? 112 : 111, tb ? 112 : 111, m, n, k, 1, a, lda, b, ldb, 0, c, n);
}

static void run(long times) {
  for (; times > 0; times--)
    if (elements)
      cblas_saxpy((int)elements, AXPY_FACTOR, b, 1, a, 1);
    else
      sgemm();
}

static const char *check(const char *name, double *x) {
  const char *why = open_work(name);
  if (why) return why;
  *x = 0;
  if (elements) {
    run(2);
    for (long i = 0; i < elements; i++) *x += (double)a[i] * number(VEC_PROBE, (uint32_t)i);
  } else {
    run(1);
    *x = projection(c, m, n);
  }
  drop();
  return 0;
}

static void *load(const char *const *files) {
  for (; *files; files++) {
    void *lib = dlopen(*files, RTLD_NOW);
    if (lib) return lib;
  }
  fprintf(stderr, "%s\n", dlerror());
  exit(1);
}

static void load_openblas(void) {
  void *lib = load((const char *const[]){"libopenblas.so.0", "libopenblas.so", 0});
  cblas_sgemm = (cblas_sgemm_t)dlsym(lib, "cblas_sgemm");
  cblas_saxpy = (cblas_saxpy_t)dlsym(lib, "cblas_saxpy");
  char *(*config)(void) = (char *(*)(void))dlsym(lib, "openblas_get_config");
  snprintf(about, sizeof about, "%s", config ? config() : "OpenBLAS");
}

static void load_onednn(void) {
  void *lib = load((const char *const[]){"libdnnl.so.3", "libdnnl.so.2", "libdnnl.so.1", 0});
  dnnl_sgemm = (dnnl_sgemm_t)dlsym(lib, "dnnl_sgemm");
  const struct dnnl_version *(*v)(void) = (const struct dnnl_version *(*)(void))dlsym(lib, "dnnl_version");
  snprintf(about, sizeof about, "oneDNN %d.%d.%d", v()->major, v()->minor, v()->patch);
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "openblas")) {
    load_openblas();
  } else if (argc == 2 && !strcmp(argv[1], "onednn")) {
    load_onednn();
  } else {
    fprintf(stderr, "usage: peer_blas openblas|onednn\n");
    return 2;
  }
  if (!cblas_sgemm && !dnnl_sgemm) {
    fprintf(stderr, "the library has no sgemm\n");
    return 1;
  }
  return serve(&(struct peer){.version = version, .open = open_work, .run = run, .drop = drop, .check = check});
}
