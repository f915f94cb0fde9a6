#!/usr/bin/env python3
"""Writes optimizers.json: 20 steps of a small network with each optimizer, for optimizer_golden_test.go.

All in float64 from numbers that float32 holds. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/optimizers.py > nn/testdata/optimizers.json

Lion, which PyTorch has not, is the paper's algorithm 2; NAdam is PyTorch's documentation; Keras' forms, with epsilon in another place, are spelled as Keras'
documentation has them.
"""
import json
import torch
from torch import optim
from goldens import numbers, parameters

torch.set_default_dtype(torch.float64)
ROWS, INPUTS, OUTPUTS, STEPS = 6, 4, 2, 20


class Rule(optim.Optimizer):
    """An optimizer from a function of the step, the parameter, its gradient and its state."""

    def __init__(self, params, update, **defaults):
        super().__init__(params, defaults)
        self.update, self.t = update, 0

    @torch.no_grad()
    def step(self):
        self.t += 1
        for group in self.param_groups:
            for p in group["params"]:
                self.update(self.t, p, p.grad, self.state[p])


def lion(lr, b1, b2, decay):
    def update(t, p, g, s):
        m = s.setdefault("m", torch.zeros_like(p))
        c = b1 * m + (1 - b1) * g
        p.sub_(lr * (torch.sign(c) + decay * p))
        m.copy_(b2 * m + (1 - b2) * g)
    return lambda params: Rule(params, update)


def nadam(lr, b1, b2, eps, psi, decay):
    """PyTorch's documentation of NAdam. Its code in 1.13 has a factor mu too many in the next product, mended in 2.0."""
    def update(t, p, g, s):
        mu, after = [b1 * (1 - 0.5 * 0.96 ** (i * psi)) for i in (t, t + 1)]
        product = s["product"] = s.get("product", 1) * mu
        g = g + decay * p
        m, v = s.setdefault("m", torch.zeros_like(p)), s.setdefault("v", torch.zeros_like(p))
        m.copy_(b1 * m + (1 - b1) * g)
        v.copy_(b2 * v + (1 - b2) * g * g)
        denominator = (v / (1 - b2**t)).sqrt() + eps
        p.sub_(lr * ((1 - mu) / (1 - product) * g + after / (1 - product * after) * m) / denominator)
    return lambda params: Rule(params, update)


def keras_adam(lr, b1, b2, eps):
    def update(t, p, g, s):
        m, v = s.setdefault("m", torch.zeros_like(p)), s.setdefault("v", torch.zeros_like(p))
        m.add_((g - m) * (1 - b1))
        v.add_((g * g - v) * (1 - b2))
        p.sub_(lr * (1 - b2**t) ** 0.5 / (1 - b1**t) * m / (v.sqrt() + eps))
    return lambda params: Rule(params, update)


def keras_rms(lr, rho, eps, initial, gain):
    def update(t, p, g, s):
        v = s.setdefault("v", torch.full_like(p, initial))
        v.mul_(rho).add_(gain * g * g)
        p.sub_(lr * g / (v + eps).sqrt())
    return lambda params: Rule(params, update)


CASES = {
    "SGD": lambda p: optim.SGD(p, lr=0.2),
    "SGD nesterov": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "SGD dampening": lambda p: optim.SGD(p, lr=0.1, momentum=0.8, dampening=0.3),
    "Adam": lambda p: optim.Adam(p, lr=0.02),
    "Adam amsgrad": lambda p: optim.Adam(p, lr=0.05, betas=(0.8, 0.9), amsgrad=True, weight_decay=0.02),
    "Adam epsilon hat": keras_adam(0.02, 0.9, 0.99, 1e-2),
    "AdamW": lambda p: optim.AdamW(p, lr=0.02, weight_decay=0.1),
    "AdamW amsgrad": lambda p: optim.AdamW(p, lr=0.05, betas=(0.8, 0.9), amsgrad=True),
    "NAdam": nadam(0.02, 0.9, 0.999, 1e-8, 4e-3, 0),
    "NAdam decay": nadam(0.02, 0.8, 0.95, 1e-4, 0.5, 0.05),
    "RAdam": lambda p: optim.RAdam(p, lr=0.02),
    "RAdam rectified": lambda p: optim.RAdam(p, lr=0.02, betas=(0.9, 0.9), weight_decay=0.01),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.005),
    "RMSprop momentum": lambda p: optim.RMSprop(p, lr=0.002, alpha=0.9, momentum=0.8, weight_decay=0.01),
    "RMSprop centered": lambda p: optim.RMSprop(p, lr=0.002, alpha=0.9, momentum=0.5, centered=True, eps=1e-3),
    "RMSprop inside": keras_rms(0.005, 0.9, 1e-3, 0, 1 - 0.9),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.05),
    "Adagrad decay": lambda p: optim.Adagrad(p, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.2, weight_decay=0.05),
    "Adagrad inside": keras_rms(0.05, 1, 1e-3, 0.1, 1),
    "Lion": lion(0.005, 0.9, 0.99, 0),
    "Lion decay": lion(0.01, 0.8, 0.9, 0.5),
}


def case(seed, name, optimizer):
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(INPUTS, 8), torch.nn.Tanh(), torch.nn.Linear(8, OUTPUTS))
    for p in net.parameters():
        p.data = p.data.float().double()
    x, target = torch.randn(ROWS, INPUTS).float().double(), torch.randn(ROWS, OUTPUTS).float().double()
    out = dict(name=name, x=numbers(x), target=numbers(target), start=sum((numbers(p) for p in parameters(net)), []))
    opt, losses = optimizer(net.parameters()), []
    for _ in range(STEPS):
        opt.zero_grad()
        loss = torch.nn.functional.mse_loss(net(x), target)
        loss.backward()
        opt.step()
        losses.append(float(loss))
    out.update(losses=losses, end=sum((numbers(p) for p in parameters(net)), []))
    return out


print(json.dumps([case(i, name, opt) for i, (name, opt) in enumerate(CASES.items())]))
