#!/usr/bin/env python3
"""PyTorch's part of random_test.go: for each line of JSON it builds the described network, loads a state dict, prints the outputs in
float64 as a line, and saves the state dict again. Debian's python3-torch 1.13 has no package safetensors: nn's script has it."""
import json, pathlib, sys
import torch
from torch import nn

sys.argv = ["", "none"]
scope = {"__name__": "state_dict"}
text = (pathlib.Path(__file__).parents[2] / "nn/testdata/state_dict.py").read_text()
exec(text[:text.index("class Embeddings")], scope)  # save, load, Residual and Concat
load, save, Residual, Concat = (scope[k] for k in ("load", "save", "Residual", "Concat"))


class RMSNorm(nn.Module):  # PyTorch has it since 2.4
    def __init__(self, width, eps, affine):
        super().__init__()
        self.eps, self.weight = eps, nn.Parameter(torch.ones(width)) if affine else None

    def forward(self, x):
        y = x / torch.sqrt(x.pow(2).mean(1, keepdim=True) + self.eps)
        return y if self.weight is None else y * self.weight


class Embeddings(nn.Module):
    def __init__(self, columns):
        super().__init__()
        self.columns = columns
        for i, (_, (count, dim, _)) in enumerate(columns):
            self.add_module(f"embedding{i}", nn.Embedding(int(count), int(dim)))

    def forward(self, x):
        numbers, codes = x
        parts, at = [numbers], 0
        for i, (kind, (_, _, n)) in enumerate(self.columns):
            c = codes[:, at:at + int(n)]
            at += int(n)
            there = (c >= 0).unsqueeze(2)
            rows = getattr(self, f"embedding{i}")(c.clamp(min=0)) * there
            if kind == "Tokens":
                parts.append(rows.flatten(1))
            elif kind == "BagSum":
                parts.append(rows.sum(1))
            else:
                parts.append(rows.sum(1) / there.sum(1).clamp(min=1))
        return torch.cat(parts, 1)


PLAIN = {
    "ReLU": nn.ReLU, "ReLU6": nn.ReLU6, "SELU": nn.SELU, "Tanh": nn.Tanh, "Sigmoid": nn.Sigmoid, "LogSigmoid": nn.LogSigmoid, "GELU": nn.GELU, "SiLU": nn.SiLU,
    "Mish": nn.Mish, "Softplus": nn.Softplus, "Softsign": nn.Softsign, "Hardswish": nn.Hardswish, "Hardsigmoid": nn.Hardsigmoid, "PReLU": nn.PReLU,
    "GELUTanh": lambda: nn.GELU("tanh"), "Softmax": lambda: nn.Softmax(1), "LogSoftmax": lambda: nn.LogSoftmax(1), "LeakyReLU": nn.LeakyReLU, "ELU": nn.ELU,
    "CELU": nn.CELU, "Hardtanh": nn.Hardtanh, "SoftplusOf": nn.Softplus, "Dropout": nn.Dropout,
}


def layer(s, width):
    """The module of a description, and the width behind it."""
    kind, args, options, inner = s["kind"], s.get("args") or [], s.get("options") or {}, s.get("layers") or []
    eps, affine = float(options.get("epsilon", 1e-5)), "no_affine" not in options
    if kind == "Linear":
        return nn.Linear(width, int(args[0]), bias="no_bias" not in options), int(args[0])
    if kind == "GLU":
        return nn.GLU(1), width // 2
    if kind == "PReLUPerFeature":
        return nn.PReLU(width), width
    if kind == "BatchNorm":
        return nn.BatchNorm1d(width, eps, affine=affine), width
    if kind == "LayerNorm":
        return nn.LayerNorm(width, eps, affine), width
    if kind == "RMSNorm":
        return RMSNorm(width, float(options.get("epsilon", 2**-23)), affine), width
    if kind == "Concat":
        branches = [layer(b, width) for b in inner]
        return Concat([b for b, _ in branches]), sum(w for _, w in branches)
    if kind in ("Sequence", "Residual"):
        layers, out = sequence(inner, width)
        return (Residual if kind == "Residual" else nn.Sequential)(*layers), out
    if kind == "Embeddings":
        columns = [(c["kind"], c["args"]) for c in inner]
        return Embeddings(columns), width + sum(int(d * n if k == "Tokens" else d) for k, (_, d, n) in columns)
    return PLAIN[kind](*args), width


def sequence(specs, width):
    layers = []
    for s in specs:
        module, width = layer(s, width)
        layers.append(module)
    return layers, width


for line in sys.stdin:
    q = json.loads(line)
    arch = q["arch"]
    net = nn.Sequential(*sequence(arch["layers"], arch["inputs"])[0])
    net.load_state_dict(load(q["load"]))
    save(net.state_dict(), q["save"])
    x = torch.tensor(q["x"], dtype=torch.float64).reshape(q["rows"], -1)
    if q["codes"]:
        x = x, torch.tensor(q["codes"]).reshape(q["rows"], -1)
    with torch.no_grad():
        print(json.dumps(net.double().eval()(x).flatten().tolist()), flush=True)
