#!/usr/bin/env python3
"""Writes losses.json: value and gradient of each loss as PyTorch computes them, for loss_golden_test.go, and 20 steps of
gradient descent with it.

All in float64 from numbers that float32 holds. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/losses.py > nn/testdata/losses.json

What PyTorch 1.13 lacks is spelled here as its paper or library has it: weights of rows (the mean divides by their sum, as
scikit-learn and Keras do), the focal, quantile, log-cosh and hinge losses.
"""
import json
import math
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
ROWS, COLS, INPUTS, STEPS = 6, 4, 3, 20


def single(t):
    return t.float().double()


X = single(torch.randn(ROWS, COLS) * 2)
X[0, 0], X[1, 1], X[2, 2], X[5, 3] = 100, -100, 0, 30
T = single(torch.randn(ROWS, COLS))
T[3, 1], T[4, 2] = X[3, 1], X[4, 2] + 1  # kinks: no error, an error of 1
T = single(T)
P = single(torch.rand(ROWS, COLS))
P[0, 0], P[1, 1], P[2, 2], P[3, 3] = 0, 1, 1, 0
SIGNS = torch.where(T > 0, 1.0, -1.0)
HINGED = X.clone()
HINGED[0, 1] = SIGNS[0, 1]  # the margin is 0 there
COUNTS = torch.tensor([[0.0, 1, 2, 7], [3, 0, 1, 5], [2, 2, 0, 1], [1, 9, 4, 0], [0, 0, 3, 2], [6, 1, 1, 12]])
LOGRATES = single(torch.randn(ROWS, COLS))
RATES = single(torch.rand(ROWS, COLS) * 5 + 0.1)
LOGP = single(F.log_softmax(X / 4, 1))
Q = single(F.softmax(T, 1))
Q[2] = torch.tensor([0.0, 0.25, 0.75, 0])
LABELS = torch.tensor([0, 3, 1, 1, 2, 0])
IGNORED = torch.tensor([0, -100, 1, 1, -100, 0])
CLASSES = [0.5, 2.0, 1.0, 0.25]
POS = [0.5, 3.0, 1.0, 2.0]
W = single(torch.tensor([1.0, 0.0, 2.5, 0.5, 1.0, 3.0]))
VAR = single(torch.cat([torch.randn(ROWS, 2), torch.rand(ROWS, 2) * 3 + 0.05], 1))
VAR[0, 2] = 1e-8  # below the bound
QUANTILES = [0.1, 0.5, 0.9, 0.25]
ONE = single(torch.randn(ROWS, 1))
QX = X.clone()
QX[3, 0] = ONE[3, 0]  # a kink


def mean(elements, w=None):
    """The mean over rows and columns, rows weighed."""
    if w is None:
        return elements.mean()
    return (elements * w[:, None]).sum() / (w.sum() * elements.shape[1])


def focal(x, t, alpha, gamma):
    """torchvision.ops.sigmoid_focal_loss."""
    p = torch.sigmoid(x)
    ce = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    right = p * t + (1 - p) * (1 - t)
    loss = ce * (1 - right) ** gamma
    return loss if alpha < 0 else (alpha * t + (1 - alpha) * (1 - t)) * loss


def pinball(x, t):
    q = torch.tensor(QUANTILES)
    return torch.max(q * (t - x), (q - 1) * (t - x))


def weighed_xent(x, labels, w, c=None):
    c = torch.ones(COLS) if c is None else torch.tensor(c)
    rows = F.cross_entropy(x, labels, reduction="none", weight=c)
    return (rows * w).sum() / (c[labels] * w).sum()


def gauss(y, t, w=None, **kw):
    e = F.gaussian_nll_loss(y[:, :2], t, y[:, 2:], reduction="none", **kw)
    return mean(e, w)


TWO = T[:, :2].clone()
none = dict(reduction="none")
CASES = [
    # name, outputs, labels, values, weights, function
    ("MSE", X, None, T, None, lambda y: F.mse_loss(y, T)),
    ("MSE weighted", X, None, T, W, lambda y: mean(F.mse_loss(y, T, **none), W)),
    ("MSE sum", X, None, T, W, lambda y: (F.mse_loss(y, T, **none) * W[:, None]).sum()),
    ("MAE", X, None, T, None, lambda y: F.l1_loss(y, T)),
    ("MAE weighted", X, None, T, W, lambda y: mean(F.l1_loss(y, T, **none), W)),
    ("Huber 1", X, None, T, None, lambda y: F.huber_loss(y, T)),
    ("Huber 0.5", X, None, T, W, lambda y: mean(F.huber_loss(y, T, delta=0.5, **none), W)),
    ("SmoothL1 1", X, None, T, None, lambda y: F.smooth_l1_loss(y, T)),
    ("SmoothL1 0.25", X, None, T, None, lambda y: F.smooth_l1_loss(y, T, beta=0.25)),
    # PyTorch documents beta 0 as L1Loss; its backward pass gives -1 instead of 0 where there is no error.
    ("SmoothL1 0", X, None, T, None, lambda y: F.l1_loss(y, T)),
    ("LogCosh", X, None, T, None, lambda y: (y - T + F.softplus(-2 * (y - T)) - math.log(2)).mean()),
    ("Hinge", HINGED, None, SIGNS, None, lambda y: F.relu(1 - SIGNS * y).mean()),
    ("BCEWithLogits", X, None, P, None, lambda y: F.binary_cross_entropy_with_logits(y, P)),
    ("BCEWithLogits weighted", X, None, P, W, lambda y: mean(F.binary_cross_entropy_with_logits(y, P, **none), W)),
    ("BCEWithLogits pos", X, None, P, None, lambda y: F.binary_cross_entropy_with_logits(y, P, pos_weight=torch.tensor(POS))),
    ("Focal", X, None, P, None, lambda y: focal(y, P, 0.25, 2).mean()),
    ("Focal hard", X, None, (P > 0.5).double(), W, lambda y: mean(focal(y, (P > 0.5).double(), -1, 1.5), W)),
    ("Focal 0", X, None, P, None, lambda y: focal(y, P, 0.75, 0).mean()),
    ("PoissonNLL", LOGRATES, None, COUNTS, None, lambda y: F.poisson_nll_loss(y, COUNTS)),
    ("PoissonNLL full", LOGRATES, None, COUNTS, W, lambda y: mean(F.poisson_nll_loss(y, COUNTS, full=True, **none), W)),
    ("PoissonNLL rate", RATES, None, COUNTS, None, lambda y: F.poisson_nll_loss(y, COUNTS, log_input=False)),
    ("KLDiv", LOGP, None, Q, None, lambda y: F.kl_div(y, Q, reduction="batchmean")),
    ("KLDiv mean", LOGP, None, Q, None, lambda y: F.kl_div(y, Q, reduction="mean")),
    ("KLDiv log", LOGP, None, single(Q.clamp(min=1e-3).log()), None, lambda y: F.kl_div(y, single(Q.clamp(min=1e-3).log()), reduction="batchmean", log_target=True)),
    ("Quantile", QX, None, ONE, None, lambda y: pinball(y, ONE).mean()),
    ("Quantile weighted", QX, None, ONE, W, lambda y: mean(pinball(y, ONE), W)),
    ("GaussianNLL", VAR, None, TWO, None, lambda y: gauss(y, TWO)),
    ("GaussianNLL full", VAR, None, TWO, W, lambda y: gauss(y, TWO, W, full=True, eps=1e-3)),
    ("CrossEntropy", X, LABELS, None, None, lambda y: F.cross_entropy(y, LABELS)),
    ("CrossEntropy weighted", X, LABELS, None, W, lambda y: weighed_xent(y, LABELS, W)),
    ("CrossEntropy classes", X, LABELS, None, None, lambda y: F.cross_entropy(y, LABELS, weight=torch.tensor(CLASSES))),
    ("CrossEntropy classes weighted", X, LABELS, None, W, lambda y: weighed_xent(y, LABELS, W, CLASSES)),
    ("CrossEntropy smooth", X, LABELS, None, None, lambda y: F.cross_entropy(y, LABELS, label_smoothing=0.1)),
    ("CrossEntropy smooth classes", X, LABELS, None, None, lambda y: F.cross_entropy(y, LABELS, label_smoothing=0.2, weight=torch.tensor(CLASSES))),
    ("CrossEntropy ignore", X, IGNORED, None, None, lambda y: F.cross_entropy(y, IGNORED)),
    ("CrossEntropy ignore 1", X, LABELS, None, None, lambda y: F.cross_entropy(y, LABELS, ignore_index=1, label_smoothing=0.1, weight=torch.tensor(CLASSES))),
    ("CrossEntropy probabilities", X, None, Q, None, lambda y: F.cross_entropy(y, Q)),
    ("CrossEntropy sum", X, LABELS, None, None, lambda y: F.cross_entropy(y, LABELS, reduction="sum")),
    ("NLL", LOGP, LABELS, None, None, lambda y: F.nll_loss(y, LABELS)),
    ("NLL classes", LOGP, LABELS, None, None, lambda y: F.nll_loss(y, LABELS, weight=torch.tensor(CLASSES))),
    ("NLL ignore", LOGP, IGNORED, None, None, lambda y: F.nll_loss(y, IGNORED)),
    ("Losses", X, LABELS.remainder(2)[:, None], T[:, :2].clone(), W, lambda y: weighed_heads(y)),
]


def weighed_heads(y):
    """A head of two classes, and one of two values that weighs a third."""
    rows = F.cross_entropy(y[:, :2], LABELS.remainder(2), reduction="none")
    return (rows * W).sum() / W.sum() + mean(F.mse_loss(y[:, 2:], T[:, :2], **none), W) / 4


def numbers(t):
    return None if t is None else [float(x) for x in t.detach().reshape(-1)]


# Behind the network where a loss does not take just any number.
LAST = {"KLDiv": torch.nn.LogSoftmax(1), "NLL": torch.nn.LogSoftmax(1), "PoissonNLL rate": torch.nn.Softplus(), "GaussianNLL": torch.nn.Softplus()}


def train(seed, name, cols, f):
    """A layer that learns by the loss, and the rate that suits it."""
    torch.manual_seed(seed)
    net = torch.nn.Linear(INPUTS, cols)
    for p in net.parameters():
        p.data = single(p.data)
    last = next((l for prefix, l in LAST.items() if name.startswith(prefix)), torch.nn.Identity())
    x, lr = single(torch.randn(ROWS, INPUTS)), 0.01 if name.endswith("sum") else 0.1
    weights = lambda: numbers(net.weight.t()) + numbers(net.bias)
    out = dict(lr=lr, x=numbers(x), start=weights())
    opt, losses = torch.optim.SGD(net.parameters(), lr=lr), []
    for _ in range(STEPS):
        opt.zero_grad()
        loss = f(last(net(x)))
        loss.backward()
        opt.step()
        losses.append(float(loss))
    return dict(out, losses=losses, end=weights())


def case(seed, name, outputs, labels, values, weights, f):
    y = outputs.clone().requires_grad_()
    loss = f(y)
    loss.backward()
    out = dict(name=name, cols=outputs.shape[1], outputs=numbers(outputs), loss=float(loss), gradient=numbers(y.grad))
    if labels is not None:
        out["labels"] = [int(x) % 2**32 for x in labels.reshape(-1)]
    if values is not None:
        out["values"] = numbers(values)
    if weights is not None:
        out["weights"] = numbers(weights)
    return dict(out, training=train(seed, name, outputs.shape[1], f))


print(json.dumps(dict(rows=ROWS, classes=CLASSES, pos=POS, quantiles=QUANTILES, cases=[case(i, *c) for i, c in enumerate(CASES)])))
