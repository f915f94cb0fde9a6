#!/usr/bin/env python3
"""Writes trajectories.json: the losses of the two networks of ../main.go as PyTorch computes them, in float64.

Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 examples/twolayer/testdata/trajectories.py > examples/twolayer/testdata/trajectories.json
"""
import json
import math

import torch

torch.set_default_dtype(torch.float64)
SAMPLES, STEPS, RATE = 100, 1000, 0.01


def uniform(seed):
    while True:
        seed = (seed * 1664525 + 1013904223) % 2**32
        yield (seed >> 8) / 2**24


def float32(x):
    return torch.tensor(x).float().double()


def table():
    draw = uniform(1)
    points = [(2 * next(draw) - 1, 2 * next(draw) - 1) for _ in range(SAMPLES)]
    return torch.tensor(points), float32([[math.sin(3 * a) * b] for a, b in points])


def losses(hidden, activation):
    draw = uniform(7)
    shapes = [(2, hidden), (1, hidden), (hidden, 1), (1, 1)]
    w1, b1, w2, b2 = [torch.tensor([[2 * next(draw) - 1 for _ in range(c)] for _ in range(r)], requires_grad=True)
                      for r, c in shapes]
    x, target = table()
    optimizer = torch.optim.SGD([w1, b1, w2, b2], lr=RATE)
    out = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(activation(x @ w1 + b1) @ w2 + b2, target)
        loss.backward()
        optimizer.step()
        out.append(float(loss))
    return out


# A step in ten is enough to tell a trajectory by.
print(json.dumps({"tanh": losses(4, torch.tanh)[::10], "relu": losses(8, torch.relu)[::10]}, indent=1))
