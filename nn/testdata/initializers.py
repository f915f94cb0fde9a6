#!/usr/bin/env python3
"""Writes initializers.json: what PyTorch's initialisers draw from, for init_golden_test.go.

For each initialiser and shape the arguments with which it calls uniform_ or normal_, caught in a tensor that draws
nothing; the gains; and for orthogonal_ a matrix of normals with what becomes of it. Shapes are in×out, as gloss has
them: PyTorch is given the transpose. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/initializers.py > nn/testdata/initializers.json
"""
import json
import math
import torch
from torch.nn import init

torch.set_default_dtype(torch.float64)


class Recorder(torch.Tensor):
    """A tensor that remembers what it should have been drawn from."""
    __torch_function__ = torch._C._disabled_torch_function_impl

    def uniform_(self, a, b):
        self.drawn = ["uniform", a, b]
        return self

    def normal_(self, mean, std):
        self.drawn = ["normal", mean, std]
        return self


def drawn(f, rows, cols):
    t = torch.empty(cols, rows).as_subclass(Recorder)
    f(t)
    return t.drawn


def truncated(us, mean, std, a, b):
    """What trunc_normal_ makes of draws u from [0, 1)."""
    class Given(Recorder):
        def uniform_(self, lo, hi):
            return self.copy_(lo + (hi - lo) * torch.tensor(us))
    t = torch.empty(len(us)).as_subclass(Given)
    return [float(x) for x in init.trunc_normal_(t, mean, std, a, b).as_subclass(torch.Tensor)]


def lecun_uniform(t):
    """LeCun, Bottou, Orr and Müller (1998), as Keras has it; PyTorch has no name for it."""
    return init.uniform_(t, -math.sqrt(3 / t.shape[1]), math.sqrt(3 / t.shape[1]))


US = [0.001, 0.02, 0.25, 0.5, 0.625, 0.9, 0.999]
CUTS = [(0, 1, -2, 2), (1, 0.5, 0, 1.25), (0, 1, 2, 9)]
# Keras' lecun_normal: cut at two standard deviations, widened by what the cut takes.
LECUN_FAN_IN = 50
LECUN_STD = math.sqrt(1 / LECUN_FAN_IN) / 0.87962566103423978
SHAPES = [(3, 5), (784, 128), (64, 1)]
INITIALIZERS = {
    # Linear.reset_parameters, torch/nn/modules/linear.py
    "default": lambda t: init.kaiming_uniform_(t, a=math.sqrt(5)),
    "kaiming uniform relu": lambda t: init.kaiming_uniform_(t, nonlinearity="relu"),
    "kaiming uniform leaky out": lambda t: init.kaiming_uniform_(t, a=0.2, mode="fan_out"),
    "kaiming normal tanh": lambda t: init.kaiming_normal_(t, nonlinearity="tanh"),
    "kaiming normal selu out": lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="selu"),
    "kaiming normal linear": lambda t: init.kaiming_normal_(t, nonlinearity="linear"),
    "xavier uniform": lambda t: init.xavier_uniform_(t),
    "xavier uniform relu": lambda t: init.xavier_uniform_(t, math.sqrt(2)),
    "xavier normal": lambda t: init.xavier_normal_(t),
    "xavier normal tanh": lambda t: init.xavier_normal_(t, 5 / 3),
    "uniform": lambda t: init.uniform_(t, -0.3, 0.7),
    "normal": lambda t: init.normal_(t, 0.1, 0.02),
    "lecun uniform": lecun_uniform,
}
GAINS = {"linear": None, "sigmoid": None, "tanh": None, "relu": None, "selu": None, "leaky_relu": 0.01}


def orthogonal(seed, rows, cols):
    torch.manual_seed(seed)
    start = torch.empty(rows, cols).normal_(0, 1)
    torch.manual_seed(seed)
    end = init.orthogonal_(torch.empty(rows, cols), 0.5)
    return dict(rows=rows, cols=cols, gain=0.5, start=start.reshape(-1).tolist(), end=end.reshape(-1).tolist())


print(json.dumps(dict(
    gains={name: init.calculate_gain(name, slope) for name, slope in GAINS.items()},
    initializers=[dict(name=name, rows=r, cols=c, drawn=drawn(f, r, c)) for name, f in INITIALIZERS.items() for r, c in SHAPES],
    us=US,
    truncated=[dict(cut=cut, quantiles=truncated(US, *cut)) for cut in CUTS],
    lecun_normal=dict(fan_in=LECUN_FAN_IN, quantiles=truncated(US, 0, LECUN_STD, -2 * LECUN_STD, 2 * LECUN_STD)),
    orthogonal=[orthogonal(1, 4, 4), orthogonal(2, 6, 3), orthogonal(3, 2, 5), orthogonal(4, 1, 3)],
), indent=1))
