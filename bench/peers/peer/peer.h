/* What peers in C share: the protocol, the data and the clock of internal/peer, which says what they mean. */
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VEC_A = 1, VEC_B, VEC_LEFT, VEC_RIGHT, VEC_W, VEC_G, VEC_PROBE, VEC_X = 50, VEC_Y = 51, VEC_WEIGHTS = 100 };
#define AXPY_FACTOR 1e-3f

/* A peer's functions. open, check and walk return 0, or why not. */
struct peer {
  const char *(*version)(void);
  const char *(*open)(const char *workload);
  void (*run)(long units);
  void (*drop)(void);
  const char *(*check)(const char *workload, double *number);
  const char *(*walk)(const char *workload, int seed, int steps, const char *file, double *losses);
  /* Where a unit is not run but computed from a rate; otherwise 0. */
  double (*measure)(const char *workload, double seconds);
};

static inline uint32_t bits(uint32_t v, uint32_t i) {
  uint32_t h = i + v * 0x9e3779b9u;
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  return h ^ h >> 16;
}

static inline float number(uint32_t v, uint32_t i) { return (float)(bits(v, i) >> 8) / 8388608.0f - 1.0f; }

static inline float *vector(size_t n) {
  float *x = aligned_alloc(64, (n * sizeof *x + 63) / 64 * 64);
  if (!x) {
    fprintf(stderr, "no memory for %zu numbers\n", n);
    exit(1);
  }
  return x;
}

static inline float *uniform(uint32_t v, size_t n) {
  float *x = vector(n);
  for (size_t i = 0; i < n; i++) x[i] = number(v, (uint32_t)i);
  return x;
}

static inline double projection(const float *c, int rows, int cols) {
  double sum = 0;
  for (int i = 0; i < rows; i++) {
    double row = 0;
    for (int j = 0; j < cols; j++) row += (double)c[(size_t)i * cols + j] * number(VEC_RIGHT, j);
    sum += number(VEC_LEFT, i) * row;
  }
  return sum;
}

static inline double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static inline int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The count at the end of each/axpy/16M. */
static inline long count(const char *s) {
  char *end;
  long n = strtol(s, &end, 10);
  return *end == 'M' ? n * 1000000 : *end == 'K' ? n * 1000 : n;
}

/* A slot, as internal/peer measures it. */
static long units;

static double timed(const struct peer *p) {
  double start = now();
  p->run(units);
  return now() - start;
}

static void prepare(const struct peer *p) {
  units = 1;
  for (double start = now();;) {
    double took = timed(p);
    if (took < 200e-6 && units < 1 << 24)
      units *= 2;
    else if (now() - start >= 0.05)
      return;
  }
}

static void measure(const struct peer *p, double seconds) {
  static double times[1 << 16];
  int n = 0;
  for (double start = now(); n == 0 || (now() - start < seconds && n < 1 << 16);) times[n++] = timed(p) / units * 1e9;
  qsort(times, n, sizeof *times, ascending);
  printf("ok %.1f %.1f %ld\n", times[n / 2], times[0], n * units);
}

static void answer_run(const struct peer *p, char *current, const char *name, double seconds) {
  if (strcmp(current, name)) {
    if (*current) p->drop();
    *current = 0;
    const char *why = p->open(name);
    if (why) {
      printf("no %s\n", why);
      return;
    }
    strcpy(current, name);
    if (!p->measure) prepare(p);
  }
  if (p->measure) {
    double ns = p->measure(name, seconds);
    printf("ok %.1f %.1f 1\n", ns, ns);
  } else
    measure(p, seconds);
}

static void answer_walk(const struct peer *p, const char *name, int seed, int steps, const char *file) {
  double *losses = calloc(steps > 0 ? steps : 1, sizeof *losses);
  const char *why = p->walk ? p->walk(name, seed, steps, file, losses) : "it does not train";
  if (why) {
    printf("no %s\n", why);
  } else {
    printf("ok");
    for (int i = 0; i < steps; i++) printf(" %.9g", losses[i]);
    printf("\n");
  }
  free(losses);
}

static int serve(const struct peer *p) {
  char line[1024], name[256], file[512], current[256] = "";
  double seconds, x;
  int seed, steps;
  while (fgets(line, sizeof line, stdin)) {
    if (!strcmp(line, "version\n")) {
      printf("ok %s\n", p->version());
    } else if (!strcmp(line, "drop\n")) {
      if (*current) p->drop();
      *current = 0;
      printf("ok\n");
    } else if (sscanf(line, "check %255s", name) == 1) {
      const char *why = p->check ? p->check(name, &x) : "it does something else, or nothing";
      if (why)
        printf("no %s\n", why);
      else
        printf("ok %.17g\n", x);
    } else if (sscanf(line, "walk %255s %d %d %511s", name, &seed, &steps, file) == 4) {
      answer_walk(p, name, seed, steps, file);
    } else if (sscanf(line, "run %255s %lf", name, &seconds) == 2) {
      answer_run(p, current, name, seconds);
    } else {
      printf("error request %s", line);
    }
    fflush(stdout);
  }
  return 0;
}
