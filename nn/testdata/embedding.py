#!/usr/bin/env python3
"""Writes embedding.json: numeric and categorical columns in small networks, for embedding_golden_test.go.

All in float64 from numbers that float32 holds. Made with Debian 12's python3-torch 1.13.1:

    /usr/bin/python3 nn/testdata/embedding.py > nn/testdata/embedding.json
"""
import json
import torch
from torch import nn
from goldens import numbers

torch.set_default_dtype(torch.float64)
ROWS, NUMERIC, STEPS = 6, 3, 20


class Net(nn.Module):
    """Numeric columns and two categorical ones, three tokens side by side, or a bag whose padding is code 6."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        if kind == "columns":
            self.tables, width = nn.ModuleList([nn.Embedding(5, 2), nn.Embedding(4, 3)]), 5
        elif kind == "tokens":
            self.tables, width = nn.ModuleList([nn.Embedding(7, 2, padding_idx=6)]), 6
        else:
            self.tables, width = nn.ModuleList([nn.EmbeddingBag(7, 4, mode=kind, padding_idx=6)]), 4
        self.hidden, self.last = nn.Linear(NUMERIC + width, 6), nn.Linear(6, 2)

    def forward(self, x, codes):
        if self.kind == "columns":
            parts = [t(codes[:, i]) for i, t in enumerate(self.tables)]
        else:
            parts = [self.tables[0](codes).reshape(ROWS, -1)]
        return self.last(torch.tanh(self.hidden(torch.cat([x] + parts, 1))))


def parameters(net):
    """gloss has no row for the padding, and Linear in×out."""
    out = [t.weight if net.kind == "columns" else t.weight[:6] for t in net.tables]
    return out + [p.t() if p.dim() == 2 else p for m in (net.hidden, net.last) for p in (m.weight, m.bias)]


def gradients(net):
    out = [t.weight.grad if net.kind == "columns" else t.weight.grad[:6] for t in net.tables]
    return out + [p.grad.t() if p.dim() == 2 else p.grad for m in (net.hidden, net.last) for p in (m.weight, m.bias)]


CODES = {
    "columns": [[0, 3], [4, 1], [0, 0], [2, 3], [4, 3], [0, 2]],
    "tokens": [[0, 3, 6], [5, 5, 1], [6, 6, 6], [2, 3, 0], [4, 6, 4], [0, 2, 1]],
}


def case(seed, kind):
    torch.manual_seed(seed)
    net = Net(kind)
    for p in net.parameters():
        p.data = p.data.float().double()
    x, target = torch.randn(ROWS, NUMERIC).float().double(), torch.randn(ROWS, 2).float().double()
    codes = torch.tensor(CODES.get(kind, CODES["tokens"]))
    out = dict(name=kind, x=numbers(x), codes=codes.reshape(-1).tolist(), target=numbers(target), start=sum((numbers(p) for p in parameters(net)), []))
    opt, losses = torch.optim.Adam(net.parameters(), lr=0.02), []
    for step in range(STEPS):
        opt.zero_grad()
        y = net(x, codes)
        loss = nn.functional.mse_loss(y, target)
        loss.backward()
        losses.append(float(loss))
        if step == 0:
            out.update(outputs=numbers(y), gradients=sum((numbers(g) for g in gradients(net)), []))
        opt.step()
    out.update(losses=losses, end=sum((numbers(p) for p in parameters(net)), []))
    return out


print(json.dumps([case(i, kind) for i, kind in enumerate(["columns", "tokens", "sum", "mean"])]))
