/* Yardsticks of the same minute:
 *   peer_peak THREADS
 * Of a product, the time that its multiply-adds take where no operand is loaded; of each/…, the time that its bytes take
 * at the speed of memcpy, over as much memory. */
#include "peer.h"
#include <pthread.h>

enum { MOST_THREADS = 256, CHAINS = 12, ROUNDS = 4096 };

static int threads;

/* A lane is what one thread does: a block again and again, whose median time gives the rate. */
struct lane {
  pthread_t id;
  void (*block)(struct lane *);
  double seconds, work; /* to measure; floating point operations or bytes of a block */
  double rate;
  char *from, *to; /* of a copy */
  size_t bytes;
};

/* 12 chains of multiply-adds: two units with a latency of four cycles have 8 in flight, and 16 registers hold no more
 * with the two factors. gcc contracts a*b + c. */
static volatile float factor = 0.999f, term = 1e-3f, sink;
#define MULTIPLY_ADD(name, attribute, floats)                          \
  attribute static void name(struct lane *l) {                         \
    typedef float v __attribute__((vector_size(4 * floats)));          \
    v acc[CHAINS], x = (v){0} + factor, y = (v){0} + term;             \
    for (int i = 0; i < CHAINS; i++) acc[i] = x;                       \
    for (int r = 0; r < ROUNDS; r++) {                                 \
      _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++)        \
          acc[i] = acc[i] * x + y;                                     \
    }                                                                  \
    for (int i = 1; i < CHAINS; i++) acc[0] += acc[i];                 \
    sink = acc[0][0];                                                  \
    l->work = 2.0 * floats * CHAINS * ROUNDS;                          \
  }

#ifdef __x86_64__
MULTIPLY_ADD(avx512, __attribute__((target("avx512f,prefer-vector-width=512"))), 16)
MULTIPLY_ADD(avx2, __attribute__((target("avx2,fma"))), 8)
#endif
MULTIPLY_ADD(plain, , 4)

static void copy(struct lane *l) {
  memcpy(l->to, l->from, l->bytes);
  l->work = 2.0 * l->bytes;
}

static const char *widest(void (**block)(struct lane *)) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return *block = avx512, "AVX-512";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return *block = avx2, "AVX2";
#endif
  return *block = plain, "128 bits";
}

static const char *version(void) {
  static char about[64];
  void (*block)(struct lane *);
  snprintf(about, sizeof about, "multiply-adds of %s, memcpy", widest(&block));
  return about;
}

static void *work(void *arg) {
  struct lane *l = arg;
  double *times = malloc(sizeof *times << 16);
  int n = 0;
  for (double start = now(); n == 0 || (now() - start < l->seconds && n < 1 << 16);) {
    double t = now();
    l->block(l);
    times[n++] = now() - t;
  }
  qsort(times, n, sizeof *times, ascending);
  l->rate = l->work / times[n / 2];
  free(times);
  return 0;
}

/* The rate of all threads together. */
static double rate(struct lane *lanes, double seconds) {
  double sum = 0;
  for (int i = 0; i < threads; i++) lanes[i].seconds = seconds;
  for (int i = 1; i < threads; i++) pthread_create(&lanes[i].id, 0, work, &lanes[i]);
  work(&lanes[0]);
  for (int i = 0; i < threads; i++) {
    if (i > 0) pthread_join(lanes[i].id, 0);
    sum += lanes[i].rate;
  }
  return sum;
}

static struct lane lanes[MOST_THREADS];
static char *memory;
static double amount; /* operations or bytes of the workload's unit */

static const char *open_work(const char *name) {
  double m, n, k, footprint, moved;
  memory = 0;
  if (sscanf(name, "gemm/%*2[nt]/%lfx%lfx%lf", &m, &n, &k) == 3) {
    for (int i = 0; i < threads; i++) widest(&lanes[i].block);
    amount = 2 * m * n * k;
    return 0;
  }
  if (!strncmp(name, "each/adam/", 10))
    footprint = 16, moved = 28; /* w, m, v and g; all but g are written */
  else if (!strncmp(name, "each/axpy/", 10))
    footprint = 8, moved = 12;
  else
    return "there is no yardstick for it";
  amount = moved * count(name + 10);
  size_t half = footprint * count(name + 10) / 2, each = half / threads & ~(size_t)63;
  memory = (char *)vector(half / 4 * 2);
  memset(memory, 1, 2 * half);
  for (int i = 0; i < threads; i++)
    lanes[i] = (struct lane){.block = copy, .from = memory + i * each, .to = memory + half + i * each, .bytes = each};
  return 0;
}

static void drop(void) { free(memory); }

static double peak(const char *name, double seconds) {
  (void)name;
  return amount / rate(lanes, seconds) * 1e9;
}

int main(int argc, char **argv) {
  threads = argc == 2 ? atoi(argv[1]) : 0;
  if (threads < 1 || threads > MOST_THREADS) {
    fprintf(stderr, "usage: peer_peak THREADS\n");
    return 2;
  }
  return serve(&(struct peer){.version = version, .open = open_work, .drop = drop, .measure = peak});
}
