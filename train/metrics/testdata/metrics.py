#!/usr/bin/env python3
"""Writes metrics.json: what scikit-learn makes of predictions, for golden_test.go.

Each case has outputs (float32 logits or values), targets, perhaps weights, and what each metric is; null stands for an error.
ECE is not in scikit-learn: it is spelled here as Guo, Pleiss, Sun and Weinberger (2017) define it, and so is Brier's score of
several classes. Made with Debian 12's python3-sklearn 1.2.1:

    /usr/bin/python3 train/metrics/testdata/metrics.py > train/metrics/testdata/metrics.json
"""
import json
import warnings
import numpy as np
from sklearn import metrics as m

warnings.simplefilter("ignore")
rng = np.random.default_rng(7)
AVERAGES = ("macro", "micro", "weighted")
CASES = []


def softmax(y):
    e = np.exp(y - y.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def sigmoid(y):
    return 1 / (1 + np.exp(-y))


def ece(confidence, right, w, bins):
    b = np.maximum(np.ceil(confidence * bins).astype(int) - 1, 0)
    gaps = [abs((w * (right - confidence))[b == i].sum()) for i in range(bins)]
    return sum(gaps) / w.sum()


def attempt(f):
    try:
        v = float(f())
        return v if np.isfinite(v) else None
    except ValueError:
        return None


def short(v):
    """Each number with as many digits as tell it apart from other float32."""
    return [json.loads(str(x)) for x in np.asarray(v).ravel()]


def case(name, task, y, target, w, want, report=None):
    d = {"name": name, "task": task, "cols": y.shape[1], "outputs": short(y),
         "want": {k: attempt(f) for k, f in want.items()}}
    if report:
        d["report"] = report
    d["labels" if task == 0 else "values"] = short(target)
    if w is not None:
        d["weights"] = short(w)
    CASES.append(d)


def weights(w):
    return None if w is None else w.astype(np.float64)


def decided(want, t, said, w, averages, binary):
    """Metrics of decisions."""
    want["accuracy"] = lambda: m.accuracy_score(t, said, sample_weight=w)
    for name, f in ("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score):
        for a in averages:
            want[f"{name}_{a}"] = lambda f=f, a=a: f(t, said, average=a, sample_weight=w, zero_division=0)
        if binary:
            want[name] = lambda f=f: f(t, said, average="binary", sample_weight=w, zero_division=0)


def classes(name, y, t, w32=None):
    y32, t = np.asarray(y, np.float32), np.asarray(t)
    y, w, k = y32.astype(np.float64), weights(w32), y32.shape[1]
    p, said, ones = softmax(y), y.argmax(1), np.ones(len(t)) if w32 is None else w32.astype(np.float64)
    onehot = np.eye(k)[t]
    want = {}
    decided(want, t, said, w, AVERAGES, k == 2)
    want["balanced_accuracy"] = lambda: m.balanced_accuracy_score(t, said, sample_weight=w)
    want["mcc"] = lambda: m.matthews_corrcoef(t, said, sample_weight=w)
    want["log_loss"] = lambda: m.log_loss(t, p, labels=range(k), sample_weight=w)
    want["brier"] = lambda: np.average(((p - onehot) ** 2).sum(1), weights=w)
    for bins in 15, 4:
        if bins == 15 or name == "random":
            want["ece" if bins == 15 else "ece_4"] = lambda b=bins: ece(p.max(1), said == t, ones, b)
    for n in 1, 2, 3:
        if k > 2 and n < k:
            want[f"top_{n}"] = lambda n=n: m.top_k_accuracy_score(t, y, k=n, labels=range(k), sample_weight=w)
    for a in AVERAGES:
        want[f"roc_auc_{a}"] = lambda a=a: m.roc_auc_score(onehot, p, average=a, sample_weight=w)
        want[f"average_precision_{a}"] = lambda a=a: m.average_precision_score(onehot, p, average=a, sample_weight=w)
    if k == 2:
        want["roc_auc"] = lambda: m.roc_auc_score(t, p[:, 1], sample_weight=w)
        want["average_precision"] = lambda: m.average_precision_score(t, p[:, 1], sample_weight=w)
    case(name, 0, y32, t, w32, want, m.classification_report(t, said) if name.startswith("random") else None)


def binary(name, y, t, w32=None):
    y32, t = np.asarray(y, np.float32).reshape(-1, 1), np.asarray(t)
    y, w = y32[:, 0].astype(np.float64), weights(w32)
    p, said, ones = sigmoid(y), (y > 0).astype(int), np.ones(len(t)) if w32 is None else w32.astype(np.float64)
    want = {}
    decided(want, t, said, w, AVERAGES, True)
    want["balanced_accuracy"] = lambda: m.balanced_accuracy_score(t, said, sample_weight=w)
    want["mcc"] = lambda: m.matthews_corrcoef(t, said, sample_weight=w)
    want["log_loss"] = lambda: m.log_loss(t, p, labels=[0, 1], sample_weight=w)
    want["brier"] = lambda: m.brier_score_loss(t, p, sample_weight=w, pos_label=1)
    want["ece"] = lambda: ece(np.maximum(p, 1 - p), said == t, ones, 15)
    want["roc_auc"] = lambda: m.roc_auc_score(t, y, sample_weight=w)
    want["average_precision"] = lambda: m.average_precision_score(t, y, sample_weight=w)
    case(name, 1, y32, t, w32, want)


def multilabel(name, y, t, w32=None):
    y32, t = np.asarray(y, np.float32), np.asarray(t)
    y, w, k = y32.astype(np.float64), weights(w32), y32.shape[1]
    p, said = sigmoid(y), (y > 0).astype(int)
    want = {}
    decided(want, t, said, w, AVERAGES, False)
    want["log_loss"] = lambda: np.mean([m.log_loss(t[:, j], p[:, j], labels=[0, 1], sample_weight=w) for j in range(k)])
    want["brier"] = lambda: np.mean([m.brier_score_loss(t[:, j], p[:, j], sample_weight=w, pos_label=1) for j in range(k)])
    for a in AVERAGES:
        want[f"roc_auc_{a}"] = lambda a=a: m.roc_auc_score(t, y, average=a, sample_weight=w)
        want[f"average_precision_{a}"] = lambda a=a: m.average_precision_score(t, y, average=a, sample_weight=w)
    case(name, 1, y32, t, w32, want)


def regression(name, y, t, w32=None):
    y32, t32 = np.asarray(y, np.float32), np.asarray(t, np.float32)
    y, t, w = y32.astype(np.float64), t32.astype(np.float64), weights(w32)
    want = {
        "mse": lambda: m.mean_squared_error(t, y, sample_weight=w),
        "rmse": lambda: m.mean_squared_error(t, y, sample_weight=w, squared=False),
        "mae": lambda: m.mean_absolute_error(t, y, sample_weight=w),
        "r2": lambda: m.r2_score(t, y, sample_weight=w),
    }
    case(name, 2, y32, t32, w32, want)


def logits(n, k, t, strength=1.5):
    return rng.normal(size=(n, k)) + strength * np.eye(k)[t]


def some(n):
    w = rng.uniform(0.1, 3, n).astype(np.float32)
    w[::7] = 0
    return w


N = 40
for k in 2, 5:
    t = rng.integers(0, k, N)
    t[:k] = range(k)
    suffix = "" if k == 5 else " two"
    classes("random" + suffix, logits(N, k, t), t)
    classes("weighted" + suffix, logits(N, k, t), t, some(N))
    classes("ties" + suffix, np.round(logits(N, k, t)), t)
    classes("all equal" + suffix, np.zeros((N, k)), t)
    classes("perfect" + suffix, logits(N, k, t, 9), t)
    classes("inverted" + suffix, logits(N, k, t, -9), t)
    classes("one class" + suffix, logits(N, k, t * 0, 1), t * 0)
    classes("one row" + suffix, logits(1, k, t[:1]), t[:1])
t = rng.integers(0, 4, N)
classes("class 4 never occurs", logits(N, 5, t), t)
never = logits(N, 5, t, 3)
never[:, 4] -= 50
classes("class 4 neither occurs nor is predicted", never, t)

t = rng.integers(0, 2, N)
t[:2] = 0, 1
y = rng.normal(size=N) + 1.2 * (2 * t - 1)
binary("random", y, t)
binary("weighted", y, t, some(N))
binary("ties", np.round(y), t)
binary("all equal", y * 0, t)
binary("perfect", 4 * (2 * t - 1) + np.abs(y) / 9, t)
binary("inverted", -4 * (2 * t - 1) + np.abs(y) / 9, t)
binary("only 1", y, t * 0 + 1)
binary("only 0", y, t * 0)
binary("none predicted", y - 30, t)

t = rng.integers(0, 2, (N, 3))
t[:2] = [[0, 0, 0], [1, 1, 1]]
y = rng.normal(size=(N, 3)) + 2 * t - 1
multilabel("labels", y, t)
multilabel("labels weighted", y, t, some(N))
multilabel("labels with ties", np.round(y), t)
multilabel("label 2 never occurs", y, t * [1, 1, 0])
multilabel("label 2 neither occurs nor is predicted", y * [1, 1, 0] - [0, 0, 9], t * [1, 1, 0])

t = rng.normal(size=(N, 3)) * [1, 10, 0.1] + [0, 100, 5]
y = t + rng.normal(size=(N, 3)) * [0.5, 1, 0.2]
regression("several", y, t)
regression("several weighted", y, t, some(N))
regression("one", y[:, :1], t[:, :1])
regression("perfect", t, t)
regression("constant target", y[:, :1], t[:, :1] * 0 + 2.5)
regression("constant target met", t[:, :1] * 0 + 2.5, t[:, :1] * 0 + 2.5)
regression("constant beside others", y, t * [1, 1, 0] + [0, 0, 2.5])
regression("worse than the mean", -y, t)

print("[")
print(",\n".join(json.dumps(c) for c in CASES))
print("]")
