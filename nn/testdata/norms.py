#!/usr/bin/env python3
"""Writes norms.json: normalisations and containers in small networks, for norm_golden_test.go.

Outputs, loss and gradients of the first step, the losses and the end of 20 steps of Adam, then the running statistics and
the outputs of evaluation. All in float64 from numbers that float32 holds. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/norms.py > nn/testdata/norms.json

RMSNorm, which that version has not, is the paper's formula with the epsilon that later versions have.
"""
import json
import torch
from torch import nn
from goldens import numbers, parameters

torch.set_default_dtype(torch.float64)
ROWS, INPUTS, OUTPUTS, STEPS = 6, 4, 2, 20


class RMSNorm(nn.Module):
    """Zhang and Sennrich (2019), equation 4."""

    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * x / (x.pow(2).mean(1, keepdim=True) + 2**-23).sqrt()


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Concat(nn.ModuleList):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self], 1)


NETS = {
    "BatchNorm": lambda: [nn.Linear(4, 5, bias=False), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 2)],
    "BatchNorm settings": lambda: [nn.BatchNorm1d(4, eps=0.01, momentum=0.3, affine=False), nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2)],
    "LayerNorm": lambda: [nn.Linear(4, 5), nn.LayerNorm(5), nn.GELU(), nn.Linear(5, 2)],
    "LayerNorm settings": lambda: [nn.Linear(4, 5), nn.LayerNorm(5, eps=0.1, elementwise_affine=False), nn.Linear(5, 2)],
    "RMSNorm": lambda: [nn.Linear(4, 5), RMSNorm(5), nn.SiLU(), nn.Linear(5, 2)],
    "Residual": lambda: [nn.Linear(4, 5), Residual(nn.LayerNorm(5), nn.Linear(5, 7), nn.GELU(), nn.Linear(7, 5)), nn.Linear(5, 2)],
    "Concat": lambda: [nn.Linear(4, 5), nn.Tanh(), Concat([nn.Linear(5, 1), nn.Sequential(nn.Linear(5, 3), nn.Tanh(), nn.Linear(3, 1))])],
}


def case(seed, name, make):
    torch.manual_seed(seed)
    net = nn.Sequential(*make())
    for p in net.parameters():
        if p.dim() == 1:  # scales and shifts that do something
            p.data += torch.randn(p.shape) * 0.2
        p.data = p.data.float().double()
    x, target = torch.randn(ROWS, INPUTS).float().double(), torch.randn(ROWS, OUTPUTS).float().double()
    out = dict(name=name, x=numbers(x), target=numbers(target), start=sum((numbers(p) for p in parameters(net)), []))
    opt, losses = torch.optim.Adam(net.parameters(), lr=0.01), []
    for step in range(STEPS):
        opt.zero_grad()
        y = net(x)
        loss = nn.functional.mse_loss(y, target)
        loss.backward()
        losses.append(float(loss))
        if step == 0:
            out["outputs"] = numbers(y)
            out["gradients"] = sum((numbers(p.grad.t() if p.dim() == 2 else p.grad) for p in net.parameters()), [])
        opt.step()
    net.eval()
    out.update(losses=losses, end=sum((numbers(p) for p in parameters(net)), []), evaluated=numbers(net(x)),
               running=sum((numbers(b) for n, b in net.named_buffers() if "running" in n), []))
    return out


print(json.dumps([case(i, name, make) for i, (name, make) in enumerate(NETS.items())]))
