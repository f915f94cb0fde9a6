#!/usr/bin/env python3
"""Networks of PyTorch as ONNX files, with rows and their outputs: torch_onnx.py FOLDER"""
import json, sys
import torch
import torch.nn as nn

torch.manual_seed(0)
nets = {
    "plain": nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)),
    "norms": nn.Sequential(nn.BatchNorm1d(6), nn.Linear(6, 8), nn.BatchNorm1d(8), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(8, 5, bias=False), nn.Tanh(), nn.Linear(5, 3), nn.Softmax(1)),
    "several": nn.Sequential(nn.Linear(6, 7), nn.SiLU(), nn.Linear(7, 7), nn.GELU(), nn.Linear(7, 7), nn.Mish(), nn.Linear(7, 7), nn.Hardswish(), nn.Linear(7, 7), nn.LogSigmoid(), nn.Linear(7, 2), nn.GELU()),
    "activations": nn.Sequential(nn.Linear(6, 7), nn.ELU(0.5), nn.Linear(7, 7), nn.SELU(), nn.Linear(7, 7), nn.PReLU(7), nn.Linear(7, 7), nn.Softplus(), nn.Linear(7, 7), nn.Sigmoid(), nn.ReLU6(), nn.Linear(7, 2), nn.LogSoftmax(1)),
}
x = 2 * torch.randn(9, 6)
out = {"x": x.flatten().tolist()}
for name, net in nets.items():
    for m in net:
        if isinstance(m, nn.BatchNorm1d):
            m.running_mean.normal_()
            m.running_var.uniform_(0.5, 2)
    net.eval()
    torch.onnx.export(net, x, f"{sys.argv[1]}/{name}.onnx", opset_version=13, dynamic_axes={"rows": {0: "n"}}, input_names=["rows"])
    out[name] = net(x).flatten().tolist()
print(json.dumps(out))
