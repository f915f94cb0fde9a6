/* Training steps and inference by FANN, compiled for float: fann_train_epoch with FANN_TRAIN_BATCH over the batch is a
 * step of gradient descent. FANN has no ReLU; in its place stands its cheapest bend, FANN_LINEAR_PIECE. It has no Adam
 * and no cross-entropy. */
#include "peer.h"
#include <floatfann.h>

enum { MOST_LAYERS = 16 };
static struct fann *net;
static struct fann_train_data *batch;
static unsigned widths[MOST_LAYERS], layers, rows;
static int tanh_between, infers;

static const char *version(void) { return "FANN, float"; }

/* train/2-4-1/b100/sgd/mse/tanh or infer/784-128-10/b1 */
static const char *parse(const char *name) {
  char kind[16], shape[128], opt[16] = "", loss[16] = "", act[16] = "relu";
  int n = sscanf(name, "%15[a-z]/%127[0-9-]/b%u/%15[a-z]/%15[a-z]/%15[a-z]", kind, shape, &rows, opt, loss, act);
  infers = n == 3 && !strcmp(kind, "infer");
  if (!infers && (n < 5 || strcmp(kind, "train") || strcmp(opt, "sgd") || strcmp(loss, "mse")))
    return "FANN trains by gradient descent and mean squared error";
  tanh_between = !strcmp(act, "tanh");
  layers = 0;
  for (char *s = strtok(shape, "-"); s && layers < MOST_LAYERS; s = strtok(0, "-")) widths[layers++] = atoi(s);
  return 0;
}

/* FANN's weights stand neuron by neuron: those from the layer below, then the bias. */
static void set_weights(int seed) {
  fann_type *w = net->weights;
  for (unsigned l = 0; l + 1 < layers; l++) {
    unsigned in = widths[l], out = widths[l + 1];
    float limit = (float)(1 / sqrt((double)in));
    for (unsigned o = 0; o < out; o++) {
      for (unsigned i = 0; i < in; i++) *w++ = limit * number(1000 * seed + VEC_WEIGHTS + 2 * l, i * out + o);
      *w++ = limit * number(1000 * seed + VEC_WEIGHTS + 2 * l + 1, o);
    }
  }
}

static const char *start(const char *name, int seed, float rate) {
  const char *why = parse(name);
  if (why) return why;
  net = fann_create_standard_array(layers, widths);
  fann_set_training_algorithm(net, FANN_TRAIN_BATCH);
  fann_set_train_error_function(net, FANN_ERRORFUNC_LINEAR);
  fann_set_activation_function_hidden(net, tanh_between ? FANN_SIGMOID_SYMMETRIC : FANN_LINEAR_PIECE);
  fann_set_activation_function_output(net, FANN_LINEAR);
  fann_set_activation_steepness_hidden(net, 1);
  fann_set_activation_steepness_output(net, 1);
  /* FANN's gradient is that of half the squared error's sum over the outputs. */
  fann_set_learning_rate(net, 2 * rate / widths[layers - 1]);
  set_weights(seed);
  unsigned in = widths[0], out = widths[layers - 1];
  batch = fann_create_train(rows, in, out);
  for (unsigned r = 0; r < rows; r++) {
    for (unsigned i = 0; i < in; i++) batch->input[r][i] = number(1000 * seed + VEC_X, r * in + i);
    for (unsigned o = 0; o < out; o++) batch->output[r][o] = number(1000 * seed + VEC_Y, r * out + o);
  }
  return 0;
}

static const char *open_work(const char *name) { return start(name, 0, 1e-9f); }

static void run(long times) {
  for (; times > 0; times--) {
    if (!infers)
      fann_train_epoch(net, batch);
    else
      for (unsigned r = 0; r < rows; r++) fann_run(net, batch->input[r]);
  }
}

static void drop(void) {
  fann_destroy_train(batch);
  fann_destroy(net);
}

static double loss(void) {
  double sum = 0;
  unsigned out = widths[layers - 1];
  for (unsigned r = 0; r < rows; r++) {
    const fann_type *y = fann_run(net, batch->input[r]);
    for (unsigned o = 0; o < out; o++) sum += pow((double)y[o] - batch->output[r][o], 2);
  }
  return sum / rows / out;
}

/* The weights as internal/peer writes them: for each layer in×out, then the biases. */
static int write_weights(const char *file) {
  FILE *f = fopen(file, "wb");
  const fann_type *w = net->weights;
  for (unsigned l = 0; f && l + 1 < layers; l++) {
    unsigned in = widths[l], out = widths[l + 1];
    for (unsigned i = 0; i <= in; i++)
      for (unsigned o = 0; o < out; o++) fwrite(&w[o * (in + 1) + i], sizeof *w, 1, f);
    w += (size_t)(in + 1) * out;
  }
  return f && !ferror(f) && !fclose(f);
}

static const char *walk(const char *name, int seed, int steps, const char *file, double *losses) {
  const char *why = start(name, seed, 1e-2f);
  if (why) return why;
  if (infers || (!tanh_between && layers > 2)) why = "FANN has no ReLU: what it measures instead has other losses";
  for (int i = 0; i < steps && !why; i++) {
    losses[i] = loss();
    fann_train_epoch(net, batch);
  }
  if (!why && !write_weights(file)) why = "the weights cannot be written";
  drop();
  return why;
}

int main(void) { return serve(&(struct peer){.version = version, .open = open_work, .run = run, .drop = drop, .walk = walk}); }
