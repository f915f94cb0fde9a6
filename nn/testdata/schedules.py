#!/usr/bin/env python3
"""Writes schedules.json: what PyTorch's schedulers make of a learning rate, for schedule_golden_test.go and train's
plateau_test.go.

For each scheduler the rates (and momenta) of steps 0, 1, ...; for ReduceLROnPlateau the rates after each of a row of
metrics; and two trainings of goldens.py with a scheduler. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/schedules.py > nn/testdata/schedules.json
"""
import json
import math
import random
import warnings
import torch
from torch.optim import lr_scheduler as s
from goldens import case

warnings.simplefilter("ignore")
LR = 0.3


def warmup(opt, then):
    """Five steps up from a tenth of the rate, then a scheduler of its own."""
    return s.SequentialLR(opt, [s.LinearLR(opt, 0.1, total_iters=5), then(opt)], [5])


# Names are keys of the Go test's table. Where PyTorch is periodic or fails after the last step, rates end there.
SCHEDULES = {
    "step": (40, lambda o: s.StepLR(o, 3, 0.5)),
    "multi-step": (40, lambda o: s.MultiStepLR(o, [2, 5, 30], 0.1)),
    "exponential": (40, lambda o: s.ExponentialLR(o, 0.9)),
    "linear": (40, lambda o: s.LinearLR(o, 1 / 3, 1, 5)),
    "linear down": (40, lambda o: s.LinearLR(o, 1, 0.25, 33)),
    "polynomial": (40, lambda o: s.PolynomialLR(o, 10, 2)),
    "polynomial 0.9": (40, lambda o: s.PolynomialLR(o, 33, 0.9)),
    "cosine": (31, lambda o: s.CosineAnnealingLR(o, 30)),
    "cosine floor": (31, lambda o: s.CosineAnnealingLR(o, 30, 0.01 * LR)),
    "restarts 1": (40, lambda o: s.CosineAnnealingWarmRestarts(o, 7, 1, 0.05 * LR)),
    "restarts 2": (80, lambda o: s.CosineAnnealingWarmRestarts(o, 5, 2)),
    "restarts 3": (80, lambda o: s.CosineAnnealingWarmRestarts(o, 2, 3, 0.1 * LR)),
    "one cycle": (50, lambda o: s.OneCycleLR(o, LR, 50)),
    "one cycle set": (33, lambda o: s.OneCycleLR(o, LR, 33, pct_start=0.25, div_factor=10, final_div_factor=100)),
    "one cycle short": (3, lambda o: s.OneCycleLR(o, LR, 3)),
    "one cycle falls": (20, lambda o: s.OneCycleLR(o, LR, 20, pct_start=0.0)),
    "inverse sqrt": (40, lambda o: s.LambdaLR(o, lambda t: min((t + 1) / 6, math.sqrt(6 / (t + 1))))),
    "warmup alone": (20, lambda o: s.LambdaLR(o, lambda t: min(t / 8, 1))),
    "warmup cosine": (26, lambda o: warmup(o, lambda o: s.CosineAnnealingLR(o, 20, 0.1 * LR))),
    "warmup step": (26, lambda o: warmup(o, lambda o: s.StepLR(o, 4, 0.3))),
    "warmup exponential": (26, lambda o: warmup(o, lambda o: s.ExponentialLR(o, 0.8))),
}


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR, momentum=0.95)


def rates(steps, make):
    opt = optimizer()
    scheduler = make(opt)
    group, lr, momentum = opt.param_groups[0], [], []
    for step in range(steps):
        lr.append(group["lr"])
        momentum.append(group["momentum"])
        opt.step()
        if step < steps - 1:
            scheduler.step()
    return dict(lr=lr, momentum=momentum if len(set(momentum)) > 1 else None)


PLATEAUS = {
    "default": dict(),
    "impatient": dict(patience=0, factor=0.5),
    "patient": dict(patience=2, factor=0.5, cooldown=3, min_lr=0.01),
    "absolute": dict(patience=1, factor=0.3, threshold=0.05, threshold_mode="abs"),
    "maximize": dict(mode="max", patience=1, factor=0.5, threshold=0.01),
    "maximize absolute": dict(mode="max", patience=1, factor=0.5, threshold=0.01, threshold_mode="abs", cooldown=1),
    "floor": dict(patience=0, factor=0.1, min_lr=0.002, eps=2e-3),
}


def metrics():
    """Is not a number at first, falls and rises twice with noise, stalls, falls below 0, and ends in infinities."""
    draw = random.Random(1)
    row = [math.nan] + [0.5 + 0.4 * math.cos(i / 5) + 0.05 * draw.random() for i in range(62)]
    row += [0.08] * 12 + [math.nan] * 3 + [0.05 - 0.02 * i for i in range(8)]
    return row + [math.inf, -math.inf, -math.inf, math.inf, 0]


def plateau(settings):
    opt = optimizer()
    scheduler = s.ReduceLROnPlateau(opt, **settings)
    out = []
    for m in metrics():
        scheduler.step(m)
        out.append(opt.param_groups[0]["lr"])
    return out


NET = [("linear", 8), ("tanh",), ("linear", 3)]
TRAININGS = [
    case(11, "sgd-step", "xent", NET, ("sgd", dict(lr=0.2, momentum=0.9)), lambda o: s.StepLR(o, 4, 0.5)),
    case(12, "adam-one-cycle", "mse", NET, ("adam", dict(lr=0.05)), lambda o: s.OneCycleLR(o, 0.05, 21)),
]

print(json.dumps(dict(
    lr=LR,
    schedules={name: rates(*x) for name, x in SCHEDULES.items()},
    metrics=[str(m) for m in metrics()],  # JSON has no NaN
    plateaus={name: plateau(x) for name, x in PLATEAUS.items()},
    trainings=TRAININGS,
), indent=1))
