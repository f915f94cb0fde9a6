#!/usr/bin/env python3
"""Writes activations.json: what PyTorch makes of activations, for activation_golden_test.go.

Elementwise ones on a vector of zero, kinks, tiny and huge numbers; GLU, Softmax and LogSoftmax on rows; and small
networks, 20 steps of gradient descent each. All in float64. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/activations.py > nn/testdata/activations.json
"""
import json
import torch
import torch.nn as nn

torch.set_default_dtype(torch.float64)
ROWS, INPUTS, STEPS, LR = 5, 4, 20, 0.1

# gloss' constructors in PyTorch.
LAYERS = {
    "ReLU": nn.ReLU, "LeakyReLU": nn.LeakyReLU, "ReLU6": nn.ReLU6, "Hardtanh": nn.Hardtanh,
    "ELU": nn.ELU, "SELU": nn.SELU, "CELU": nn.CELU, "Tanh": nn.Tanh, "Sigmoid": nn.Sigmoid, "LogSigmoid": nn.LogSigmoid,
    "GELU": nn.GELU, "GELUTanh": lambda: nn.GELU(approximate="tanh"), "SiLU": nn.SiLU, "Mish": nn.Mish,
    "Softplus": nn.Softplus, "SoftplusOf": nn.Softplus, "Softsign": nn.Softsign,
    "Hardswish": nn.Hardswish, "Hardsigmoid": nn.Hardsigmoid,
    "PReLU": nn.PReLU, "PReLUPerFeature": nn.PReLU,
    "GLU": nn.GLU, "Softmax": lambda: nn.Softmax(dim=1), "LogSoftmax": lambda: nn.LogSoftmax(dim=1),
}

MAGNITUDES = [1e-30, 1e-6, 0.01, 0.3, 0.5, 1, 1.5, 2, 3, 4, 6, 10, 16, 30, 88, 100, 1e4, 1e15, 1e30]
ELEMENTWISE = [
    ("ReLU",), ("LeakyReLU", 0.01), ("LeakyReLU", 0.5), ("ReLU6",), ("Hardtanh", -1, 1), ("Hardtanh", -2, 0.5),
    ("ELU", 1), ("ELU", 0.5), ("SELU",), ("CELU", 1), ("CELU", 2), ("Tanh",), ("Sigmoid",), ("LogSigmoid",),
    ("GELU",), ("GELUTanh",), ("SiLU",), ("Mish",), ("Softplus",), ("SoftplusOf", 0.5, 3), ("Softsign",),
    ("Hardswish",), ("Hardsigmoid",), ("PReLU",),
]
BY_ROWS = [("GLU",), ("Softmax",), ("LogSoftmax",)]
MATRIX = [[0, 0, 0, 0], [1, -2, 3, 0.5], [1e4, 1e4, -1e4, 9999], [-1e-6, 1e-6, 1e-30, 0], [30, -30, 88, -100], [1e30, 2, 2, -1e30]]

# Those that goldens.py has no network of.
TRAINED = [
    ("LeakyReLU", 0.2), ("ReLU6",), ("Hardtanh", -0.5, 0.5), ("ELU", 0.5), ("SELU",), ("CELU", 2), ("LogSigmoid",), ("GELUTanh",), ("Mish",),
    ("Softplus",), ("SoftplusOf", 2, 1), ("Softsign",), ("Hardswish",), ("Hardsigmoid",),
]
NETS = [
    ("PReLU", [("Linear", 6), ("PReLU",), ("Linear", 2)]),
    ("PReLUPerFeature", [("Linear", 6), ("PReLUPerFeature", 6), ("Linear", 2)]),
    ("PReLU first", [("PReLU",), ("Linear", 2)]),
    ("GLU", [("Linear", 8), ("GLU",), ("Linear", 2)]),
    ("Softmax", [("Linear", 5), ("Softmax",), ("Linear", 2)]),
    ("LogSoftmax", [("Linear", 3), ("LogSoftmax",)]),
    *[(" ".join(map(str, l)), [("Linear", 6), l, ("Linear", 2)]) for l in TRAINED],
    ("in a row", [("Linear", 6), ("ELU", 1), ("Hardswish",), ("Linear", 6), ("Mish",), ("PReLU",), ("Softmax",), ("GLU",), ("SELU",), ("Linear", 2)]),
]


def exact(t):
    """Numbers that float32 holds, so that gloss starts from the same."""
    return t.float().double()


def numbers(t):
    x = [float("%.9g" % x) for x in t.detach().reshape(-1)]
    assert all(abs(v) < 1e300 for v in x), x
    return x


def run(layer, x, dy):
    """The layer's outputs, and what gradients of its outputs become: the first of dy, in rows as wide as the outputs."""
    kind, *args = layer
    x = x.clone().requires_grad_()
    y = LAYERS[kind](*args)(x)
    dy = dy.reshape(-1)[:y.numel()].reshape(y.shape)
    y.backward(dy)
    if kind == "Hardswish":
        # At the kinks 0 and 1, on the flat and on the straight side. 1.13 has -1/2 at -3, and at 3 1 or 3/2: its loops
        # for whole vectors and for what is left of them differ.
        x.grad = torch.where(x == -3, 0 * dy, torch.where(x == 3, dy, x.grad))
    return dict(layer=layer, y=numbers(y), dx=numbers(x.grad))


def parameters(net):
    """Parameters in gloss' order and layout: the weight of a Linear is in×out there, out×in here."""
    return [(p.t(), p.grad.t() if p.grad is not None else None) if p.dim() == 2 else (p, p.grad) for p in net.parameters()]


def train(seed, name, layers):
    torch.manual_seed(seed)
    width, modules = INPUTS, []
    for kind, *args in layers:
        if kind == "Linear":
            modules.append(nn.Linear(width, args[0]))
            width = args[0]
        else:
            modules.append(LAYERS[kind](*args))
            width = width // 2 if kind == "GLU" else width
    net = nn.Sequential(*modules)
    for p in net.parameters():
        p.data = exact(p.data)
    x, target = exact(torch.randn(ROWS, INPUTS)), exact(torch.randn(ROWS, width))
    out = dict(name=name, layers=layers, x=numbers(x), target=numbers(target), start=sum((numbers(p) for p, _ in parameters(net)), []), losses=[])
    opt = torch.optim.SGD(net.parameters(), lr=LR)
    for step in range(STEPS):
        opt.zero_grad()
        y = net(x)
        loss = nn.MSELoss()(y, target)
        loss.backward()
        out["losses"].append(float(loss))
        if step == 0:
            out["outputs"] = numbers(y)
            out["gradients"] = sum((numbers(g) for _, g in parameters(net)), [])
        opt.step()
    out["end"] = sum((numbers(p) for p, _ in parameters(net)), [])
    return out


x = exact(torch.tensor([0.0] + [s * m for m in MAGNITUDES for s in (1, -1)]))
matrix = exact(torch.tensor(MATRIX, dtype=torch.float64))
dy = torch.tensor([1, -2.5, 0.5, 3, -0.25]).repeat(8)
data = dict(
    dy=numbers(dy),
    elementwise=dict(x=numbers(x), cols=1, cases=[run(a, x.reshape(-1, 1), dy) for a in ELEMENTWISE]),
    rows=dict(x=numbers(matrix), cols=len(MATRIX[0]), cases=[run(a, matrix, dy) for a in BY_ROWS]),
    nets=[train(i, *n) for i, n in enumerate(NETS)],
)
# A line for each list of a case.
print(json.dumps(data, separators=(",", ":")).replace('],"', '],\n"').replace("},{", "},\n{"))
