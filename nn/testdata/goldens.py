#!/usr/bin/env python3
"""Writes goldens.json: what PyTorch makes of small networks, for golden_test.go.

Each case is a network from a fixed start on a fixed batch: outputs, loss and gradients of the first step, then the
losses and the final weights of 20 steps with an optimizer. All in float64. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/goldens.py > nn/testdata/goldens.json
"""
import json
import torch
import torch.nn as nn

torch.set_default_dtype(torch.float64)
ROWS, INPUTS, STEPS = 6, 4, 20

CASES = [
    ("relu-xent-adam", "xent", [("linear", 8), ("relu",), ("linear", 3)], ("adam", dict(lr=0.01))),
    ("relu-xent-adam-l2", "xent", [("linear", 8), ("relu",), ("linear", 3)], ("adam", dict(lr=0.01, weight_decay=0.1))),
    ("relu-xent-adam-betas", "xent", [("linear", 5), ("relu",), ("linear", 4)], ("adam", dict(lr=0.05, betas=(0.5, 0.9), eps=1e-3))),
    ("tanh-mse-sgd", "mse", [("linear", 8), ("tanh",), ("linear", 2)], ("sgd", dict(lr=0.1))),
    ("sigmoid-mse-momentum", "mse", [("linear", 8), ("sigmoid",), ("linear", 2)], ("sgd", dict(lr=0.1, momentum=0.9))),
    ("gelu-xent-momentum-l2", "xent", [("linear", 8), ("gelu",), ("linear", 7), ("gelu",), ("linear", 3)], ("sgd", dict(lr=0.05, momentum=0.8, weight_decay=0.01))),
    ("silu-mse-adam", "mse", [("linear", 6), ("silu",), ("linear", 5), ("silu",), ("linear", 2)], ("adam", dict(lr=0.02))),
    ("tanh-huber-sgd", "huber", [("linear", 8), ("tanh",), ("linear", 2)], ("sgd", dict(lr=0.2))),
    ("tanh-mae-adam", "mae", [("linear", 8), ("tanh",), ("linear", 2)], ("adam", dict(lr=0.01))),
    ("relu-bce-momentum", "bce", [("linear", 8), ("relu",), ("linear", 3)], ("sgd", dict(lr=0.1, momentum=0.9))),
    ("relu-smooth-adam", "smooth", [("linear", 8), ("relu",), ("linear", 3)], ("adam", dict(lr=0.02))),
    ("sigmoid-last-mse-sgd-l2", "mse", [("linear", 5), ("sigmoid",)], ("sgd", dict(lr=0.5, weight_decay=0.02))),
]
LAYERS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU, "silu": nn.SiLU}
OPTIMIZERS = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}


def numbers(t):
    return [float(x) for x in t.detach().reshape(-1)]


def parameters(net):
    """Parameters in gloss' order and layout: the weight of a Linear is in×out there, out×in here."""
    return [p.t() if p.dim() == 2 else p for p in net.parameters()]


def case(seed, name, loss, layers, optimizer, scheduler=None):
    torch.manual_seed(seed)
    width, modules = INPUTS, []
    for kind, *args in layers:
        if kind == "linear":
            modules.append(nn.Linear(width, args[0]))
            width = args[0]
        else:
            modules.append(LAYERS[kind]())
    net = nn.Sequential(*modules)
    # Inputs and weights that float32 holds exactly, so that gloss starts from the same numbers.
    for p in net.parameters():
        p.data = p.data.float().double()
    x = torch.randn(ROWS, INPUTS).float().double()
    if loss in ("xent", "smooth"):
        target = torch.randint(0, width, (ROWS,))
        criterion = nn.CrossEntropyLoss(label_smoothing=0.1 if loss == "smooth" else 0)
    else:
        target = torch.randn(ROWS, width).float().double()
        criterion = {"mse": nn.MSELoss(), "huber": nn.HuberLoss(), "mae": nn.L1Loss(), "bce": nn.BCEWithLogitsLoss()}[loss]
        if loss == "bce":
            target = (target > 0).double()
    out = dict(name=name, loss=loss, layers=[list(l) for l in layers], optimizer=[optimizer[0], optimizer[1]],
               x=numbers(x), target=numbers(target), start=sum((numbers(p) for p in parameters(net)), []))
    opt = OPTIMIZERS[optimizer[0]](net.parameters(), **optimizer[1])
    schedule = scheduler(opt) if scheduler else None
    losses = []
    for step in range(STEPS):
        opt.zero_grad()
        y = net(x)
        value = criterion(y, target)
        value.backward()
        losses.append(float(value))
        if step == 0:
            out["outputs"] = numbers(y)
            out["gradients"] = sum((numbers(p.grad.t() if p.dim() == 2 else p.grad) for p in net.parameters()), [])
        opt.step()
        if schedule:
            schedule.step()
    out["losses"] = losses
    out["end"] = sum((numbers(p) for p in parameters(net)), [])
    return out


if __name__ == "__main__":
    print(json.dumps([case(i, *c) for i, c in enumerate(CASES)], indent=1))
