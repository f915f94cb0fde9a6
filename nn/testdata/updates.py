#!/usr/bin/env python3
"""Writes updates.json: 20 steps of a small network with clipped gradients and parameter groups, for update_golden_test.go.

All in float64 from numbers that float32 holds. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/updates.py > nn/testdata/updates.json
"""
import json
import torch
from torch import nn
from torch.optim import swa_utils
from goldens import numbers, parameters

torch.set_default_dtype(torch.float64)
ROWS, INPUTS, OUTPUTS, STEPS = 6, 4, 2, 20


def groups(net, **kw):
    """Weight decay for matrices alone."""
    return [dict(params=[p for p in net.parameters() if p.dim() == 2]),
            dict(params=[p for p in net.parameters() if p.dim() == 1], weight_decay=0.0)]


def penalize(net, strength):
    for p in net.parameters():
        if p.dim() == 2:
            p.grad += strength * torch.sign(p.detach())


@torch.no_grad()
def bound(net, most):
    """Srivastava et al. (2014), section 5.1: rows of PyTorch's weights are units."""
    for p in net.parameters():
        if p.dim() == 2:
            p *= (most / p.norm(dim=1, keepdim=True)).clamp(max=1)


AVERAGES = {
    "ema": lambda t: (1 if t == 0 else 0.1),
    "swa": lambda t: (1 / ((t - 5) // 3 + 1) if t >= 5 and (t - 5) % 3 == 0 else 0),
}
CASES = {
    "ema": (lambda net: torch.optim.Adam(net.parameters(), lr=0.02), lambda net: None),
    "swa": (lambda net: torch.optim.Adam(net.parameters(), lr=0.02), lambda net: None),
    "clip norm": (lambda net: torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.5), lambda net: nn.utils.clip_grad_norm_(net.parameters(), 0.3)),
    "clip value": (lambda net: torch.optim.Adam(net.parameters(), lr=0.02), lambda net: nn.utils.clip_grad_value_(net.parameters(), 0.02)),
    "clip both": (lambda net: torch.optim.SGD(net.parameters(), lr=0.5, weight_decay=0.1),
                  lambda net: (nn.utils.clip_grad_norm_(net.parameters(), 0.3), nn.utils.clip_grad_value_(net.parameters(), 0.05))),
    "groups": (lambda net: torch.optim.AdamW(groups(net), lr=0.02, weight_decay=0.3), lambda net: None),
    "groups clipped": (lambda net: torch.optim.SGD(groups(net), lr=0.2, momentum=0.9, weight_decay=0.1), lambda net: nn.utils.clip_grad_norm_(net.parameters(), 0.5)),
    # What PyTorch has no option for: the penalty's gradient, and the largest norm of a unit's incoming weights.
    "l1": (lambda net: torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.5), lambda net: penalize(net, 0.05)),
    "l1 groups": (lambda net: torch.optim.AdamW(groups(net), lr=0.02, weight_decay=0.3),
                  lambda net: (nn.utils.clip_grad_value_(net.parameters(), 0.1), penalize(net, 0.02))),
    "max norm": (lambda net: torch.optim.SGD(net.parameters(), lr=0.3), lambda net: None),
    "own groups": (lambda net: torch.optim.AdamW([
        dict(params=net[0].parameters(), lr=0.1 * 0.02, weight_decay=2 * 0.3), dict(params=[net[3].bias], lr=0.0),
        dict(params=[*net[1].parameters(), net[3].weight])], lr=0.02, weight_decay=0.3), lambda net: None),
}


def case(seed, name, optimizer, clip):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(INPUTS, 8), nn.LayerNorm(8), nn.Tanh(), nn.Linear(8, OUTPUTS))
    for p in net.parameters():
        p.data = p.data.float().double()
    x, target = torch.randn(ROWS, INPUTS).float().double(), torch.randn(ROWS, OUTPUTS).float().double()
    out = dict(name=name, x=numbers(x), target=numbers(target), start=sum((numbers(p) for p in parameters(net)), []))
    opt, losses = optimizer(net), []
    # The averages by swa_utils, which is told when to look and, for the exponential one, how to add.
    fade = lambda old, new, n: 0.9 * old + 0.1 * new
    averaged = swa_utils.AveragedModel(net, avg_fn=fade if name == "ema" else None)
    for step in range(STEPS):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(x), target)
        loss.backward()
        clip(net)
        opt.step()
        if name == "max norm":
            bound(net, 0.6)
        if name in AVERAGES and AVERAGES[name](step):
            averaged.update_parameters(net)
        losses.append(float(loss))
    out.update(losses=losses, end=sum((numbers(p) for p in parameters(net)), []))
    if name in AVERAGES:
        out["averaged"] = sum((numbers(p) for p in parameters(averaged.module)), [])
    return out


print(json.dumps([case(i, name, *c) for i, (name, c) in enumerate(CASES.items())]))
