#!/usr/bin/env python3
"""State dicts of PyTorch in the safetensors format, for torch_golden_test.go.

    state_dict.py write DIR         writes DIR/state_dict-NAME.safetensors for each network, and DIR/state_dict.json: inputs and outputs
    state_dict.py predict NAME=FILE … loads each FILE with load_state_dict and prints the outputs for the same inputs

Made with Debian 12's python3-torch 1.13.1, which has no package safetensors: save and load below are what
safetensors.torch.save_file and load_file do.

    /usr/bin/python3 nn/testdata/state_dict.py write nn/testdata
"""
import json
import struct
import sys
import numpy
import torch
from torch import nn

DTYPES = {"F32": torch.float32, "I64": torch.int64}


def save(state, path):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, t in sorted(state.items(), key=lambda kv: (-kv[1].element_size(), kv[0])):
        raw = t.contiguous().numpy().tobytes()
        dtype = next(k for k, v in DTYPES.items() if v == t.dtype)
        header[name] = {"dtype": dtype, "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def load(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    header.pop("__metadata__", None)
    state = {}
    for name, t in header.items():
        raw = data[slice(*t["data_offsets"])]
        dtype = numpy.dtype({"F32": "<f4", "I64": "<i8"}[t["dtype"]])
        state[name] = torch.from_numpy(numpy.frombuffer(raw, dtype).reshape(t["shape"]).copy())
    return state


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Concat(nn.ModuleList):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self], 1)


class Embeddings(nn.Module):
    """Two numeric columns and two codes."""

    def __init__(self):
        super().__init__()
        self.embedding0 = nn.Embedding(5, 3)
        self.embedding1 = nn.Embedding(4, 2)

    def forward(self, x):
        codes = x[:, 2:].long()
        return torch.cat([x[:, :2], self.embedding0(codes[:, 0]), self.embedding1(codes[:, 1])], 1)


NETWORKS = {
    "mlp": lambda: nn.Sequential(
        nn.Linear(4, 6), nn.ReLU(), nn.BatchNorm1d(6), nn.Dropout(0.5), nn.PReLU(6), nn.Linear(6, 5), nn.LayerNorm(5), nn.PReLU(),
        nn.Linear(5, 1, bias=False), nn.Linear(1, 3)),
    "nested": lambda: nn.Sequential(
        nn.Linear(4, 3), Residual(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3)),
        Concat([nn.Linear(3, 2), nn.Sequential(nn.Linear(3, 4), nn.GELU())])),
    "embeddings": lambda: nn.Sequential(Embeddings(), nn.Linear(7, 3)),
}


def inputs(name):
    torch.manual_seed(1)
    x = torch.randn(6, 4)
    if name == "embeddings":
        x[:, 2:] = torch.tensor([[0, 3], [4, 0], [1, 1], [2, 2], [3, 3], [4, 1]])
    return x


def outputs(net, name):
    with torch.no_grad():
        return net.double().eval()(inputs(name).double()).flatten().tolist()


def write(folder):
    cases = {}
    for i, (name, make) in enumerate(NETWORKS.items()):
        torch.manual_seed(10 + i)
        net = make()
        for module in net.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.LayerNorm)):
                for t in list(module.parameters()) + [b for b in module.buffers() if b.dim()]:
                    t.data = torch.rand_like(t) + 0.5
        save(net.state_dict(), f"{folder}/state_dict-{name}.safetensors")
        cases[name] = {"X": inputs(name).double().flatten().tolist(), "Outputs": outputs(net, name)}
    with open(f"{folder}/state_dict.json", "w") as f:
        json.dump(cases, f, indent=0)
        f.write("\n")


if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    predicted = {}
    for name, path in (arg.split("=", 1) for arg in sys.argv[2:]):
        net = NETWORKS[name]()
        net.load_state_dict(load(path))
        predicted[name] = outputs(net, name)
    print(json.dumps(predicted))
