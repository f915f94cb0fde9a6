"""scikit-learn's MLPClassifier and MLPRegressor, in float32: a step is a batch of partial_fit, which is called with up
to 64 batches at a time so that looking at its arguments costs what it costs in fit. No shuffling, which copies each batch."""
import warnings
import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor
from peer import *

warnings.filterwarnings("ignore")


def estimator(w, seed, rate, batches):
    """An estimator with start number seed, and its data."""
    x, y = w.data(seed, batches)
    # Its squared error is half of the mean, so that gradient descent steps half as far.
    rate *= 2 if (w.loss, w.opt) == ("mse", "sgd") else 1
    make = MLPClassifier if w.loss == "xent" else MLPRegressor
    e = make(hidden_layer_sizes=w.net[1:-1], activation=w.act, solver=w.opt, alpha=0, batch_size=w.batch, learning_rate_init=rate,
             shuffle=False, momentum=0, nesterovs_momentum=False, random_state=0)
    if w.loss == "mse" and w.net[-1] == 1:
        y = y.ravel()
    more = {"classes": np.arange(w.net[-1])} if w.loss == "xent" else {}
    e.partial_fit(x[:w.batch], y[:w.batch], **more)
    for own, (weight, bias) in enumerate(w.start(seed)):
        assert e.coefs_[own].dtype == np.float32
        e.coefs_[own][...], e.intercepts_[own][...] = weight, bias
    del e._optimizer  # it starts anew
    return e, x, y


class Sklearn:
    def version(self):
        return "scikit-learn %s, numpy %s" % (sklearn.__version__, np.__version__)

    def open(self, w):
        if w.kind != "train":
            raise Not("it trains")
        batches = w.together()
        e, x, y = estimator(w, 0, TINY_RATE, batches)

        def run(n):
            for done in range(0, n, batches):
                rows = min(n - done, batches) * w.batch
                e.partial_fit(x[:rows], y[:rows])

        return run, batches

    def check(self, w):
        raise Not("a training is walked")

    def walk(self, w, seed, steps, file):
        e, x, y = estimator(w, seed, WALK_RATE[w.opt], 1)
        scale = 1 if w.loss == "xent" else 2
        losses = [scale * e.partial_fit(x, y).loss_ for _ in range(steps)]
        with open(file, "wb") as f:
            for weight, bias in zip(e.coefs_, e.intercepts_):
                f.write(weight.tobytes() + bias.tobytes())
        return losses

    def walk64(self, w, seed, steps, file):
        raise Not("it trains in float32 here")


serve(Sklearn())
