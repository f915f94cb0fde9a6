#!/usr/bin/env python3
"""Writes lbfgs.json: small networks trained by some steps of L-BFGS, and line searches, for lbfgs_golden_test.go.

All in float64 from numbers that float32 holds. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/lbfgs.py > nn/testdata/lbfgs.json
"""
import json
import math
import torch
import torch.nn as nn
from torch.optim.lbfgs import _strong_wolfe
from goldens import INPUTS, LAYERS, ROWS, numbers, parameters

torch.set_default_dtype(torch.float64)
LOSSES = {"mse": nn.MSELoss(), "huber": nn.HuberLoss(), "xent": nn.CrossEntropyLoss()}

# Name, seed, layers, loss, how much larger than PyTorch's the first weights are, steps, settings.
TANH = [("linear", 8), ("tanh",), ("linear", 2)]
CASES = [
    ("wolfe", 0, TANH, "mse", 1, 4, dict(max_iter=4, max_eval=20, history_size=3, line_search_fn="strong_wolfe")),
    ("wolfe evaluations", 1, [("linear", 6), ("silu",), ("linear", 3)], "xent", 2, 4,
     dict(lr=8, max_iter=5, max_eval=4, line_search_fn="strong_wolfe")),
    ("wolfe change", 5, [("linear", 2)], "mse", 1, 2, dict(tolerance_change=1e-3, line_search_fn="strong_wolfe")),
    ("wolfe gradient", 6, TANH, "mse", 1, 3, dict(max_iter=10, tolerance_grad=2e-2, line_search_fn="strong_wolfe")),
    ("fixed", 3, TANH, "huber", 1, 4, dict(lr=0.3, max_iter=5, history_size=2)),
    # Pairs of steps that the loss curves downwards along are left out here.
    ("fixed curvature", 1, [("linear", 4), ("sigmoid",), ("linear", 2), ("tanh",)], "mse", 2, 4, dict(lr=0.3, max_iter=4, max_eval=3)),
]


def network(layers, scale):
    width, modules = INPUTS, []
    for kind, *args in layers:
        modules.append(nn.Linear(width, *args) if kind == "linear" else LAYERS[kind]())
        width = args[0] if args else width
    net = nn.Sequential(*modules)
    for p in net.parameters():
        p.data = (p.data * scale).float().double()
    return net, width


def weights(net):
    return sum((numbers(p) for p in parameters(net)), [])


def case(name, seed, layers, loss, scale, steps, settings):
    torch.manual_seed(seed)
    net, width = network(layers, scale)
    x, target = torch.randn(ROWS, INPUTS).float().double(), torch.randn(ROWS, width).float().double()
    if loss == "xent":
        target = torch.randint(0, width, (ROWS,))
    out = dict(name=name, layers=layers, loss=loss, settings=settings, x=numbers(x), target=numbers(target), start=weights(net), steps=[])
    opt = torch.optim.LBFGS(net.parameters(), **settings)
    state = opt.state[next(net.parameters())]

    def closure():
        opt.zero_grad()
        value = LOSSES[loss](net(x), target)
        value.backward()
        return value

    done = dict(n_iter=0, func_evals=0)
    for _ in range(steps):
        first = float(opt.step(closure))
        out["steps"].append(dict(loss=first, iterations=state["n_iter"] - done["n_iter"],
                                 evaluations=state["func_evals"] - done["func_evals"], pairs=len(state["old_dirs"]), end=weights(net)))
        done = {k: state[k] for k in done}
    return out


# Functions of t with their derivatives, and first trials: where the first is taken, one goes on, one narrows down, no minimum.
LINES = {
    "parabola": (lambda t: (t - 1) ** 2, lambda t: 2 * (t - 1), [1e-3, 0.1, 1, 3, 100]),
    "quartic": (lambda t: (t - 2) ** 4 - t, lambda t: 4 * (t - 2) ** 3 - 1, [0.01, 1, 5, 50]),
    "wave": (lambda t: -math.sin(5 * t) - t / 2, lambda t: -5 * math.cos(5 * t) - 0.5, [0.1, 0.7, 1, 10]),
    "wall": (lambda t: -t + math.exp(20 * (t - 1)), lambda t: -1 + 20 * math.exp(20 * (t - 1)), [0.01, 0.9, 1.5, 4]),
    "kink": (lambda t: abs(t - 0.3), lambda t: math.copysign(1, t - 0.3), [0.1, 0.5, 2]),
    "slope": (lambda t: -t, lambda t: -1.0, [1]),
}


def line(name, trial):
    f, slope, _ = LINES[name]
    zero = torch.zeros(1)

    def at(x, t, d):
        return f(float(t)), torch.tensor([slope(float(t))])

    loss, _, t, evaluations = _strong_wolfe(at, zero, float(trial), torch.ones(1), f(0), torch.tensor([slope(0)]), torch.tensor(slope(0)))
    return dict(name=name, trial=trial, t=float(t), loss=float(loss), evaluations=evaluations)


print(json.dumps(dict(cases=[case(*c) for c in CASES], lines=[line(n, t) for n in LINES for t in LINES[n][2]])))
