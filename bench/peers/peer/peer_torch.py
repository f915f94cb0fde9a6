"""PyTorch on the CPU: peer_torch.py THREADS. Its BLAS' threads and kernels come from OPENBLAS_NUM_THREADS and
OPENBLAS_CORETYPE. A step is zero_grad(set_to_none), forward, backward, step, on one batch that stays."""
import sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from peer import *


def blas():
    """The BLAS that torch has loaded: Debian's goes by an alternative."""
    with open("/proc/self/maps") as f:
        files = {line.split()[-1].split("/")[-1] for line in f if "/" in line and "blas" in line}
    return ", ".join(sorted(files)) or "a BLAS of its own"


def model(w, seed, dtype=torch.float32):
    layers = []
    for weight, bias in w.start(seed):
        linear = nn.Linear(*weight.shape)
        linear.weight.data = torch.from_numpy(weight.T.copy()).to(dtype)
        linear.bias.data = torch.from_numpy(bias.copy()).to(dtype)
        layers += [linear, nn.Tanh() if w.act == "tanh" else nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def training(w, seed, rate, dtype=torch.float32):
    m = model(w, seed, dtype)
    x, y = (torch.from_numpy(v) for v in w.data(seed))
    x, y = x.to(dtype), y if w.loss == "xent" else y.to(dtype)
    loss = F.cross_entropy if w.loss == "xent" else F.mse_loss
    opt = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[w.opt](m.parameters(), rate)

    def step():
        opt.zero_grad(set_to_none=True)
        l = loss(m(x), y)
        l.backward()
        opt.step()
        return l

    return m, step


def adam(w):
    p = nn.Parameter(torch.from_numpy(uniform(VEC_W, w.n)))
    p.grad = torch.from_numpy(uniform(VEC_G, w.n))
    return p, torch.optim.Adam([p], ADAM_RATE).step


def axpy(w):
    y, x = torch.from_numpy(uniform(VEC_W, w.n)), torch.from_numpy(uniform(VEC_G, w.n))
    return y, lambda: y.add_(x, alpha=AXPY_FACTOR)


def again(f):
    def run(n):
        for _ in range(n):
            f()
    return run


class Torch:
    def version(self):
        return "PyTorch %s, %s" % (torch.__version__, blas())

    def open(self, w):
        if w.kind == "train":
            return again(training(w, 0, TINY_RATE)[1])
        if w.kind == "each":
            return again({"adam": adam, "axpy": axpy}[w.op](w)[1])
        if w.kind == "infer":
            return self.inference(w)[1]
        raise Not("its products are its BLAS'")

    def inference(self, w):
        m, x = model(w, 0), torch.from_numpy(w.data(0)[0])

        def run(n):
            with torch.inference_mode():
                for _ in range(n):
                    y = m(x)
            return y

        return m, run

    def check(self, w):
        if w.kind == "each":
            params, step = {"adam": adam, "axpy": axpy}[w.op](w)
            step(), step()
            return dot(params.detach().numpy(), uniform(VEC_PROBE, w.n))
        if w.kind == "infer":
            return projection(self.inference(w)[1](1).numpy())
        raise Not("a training is walked")

    def walk(self, w, seed, steps, file, dtype=torch.float32):
        if w.kind != "train":
            raise Not("no training")
        m, step = training(w, seed, WALK_RATE[w.opt], dtype)
        losses = [step().item() for _ in range(steps)]
        with open(file, "wb") as f:
            for layer in m:
                if isinstance(layer, nn.Linear):
                    for v in (layer.weight.detach().T, layer.bias.detach()):
                        f.write(v.contiguous().numpy().astype("<f8" if dtype is torch.float64 else "<f4").tobytes())
        return losses

    def walk64(self, w, seed, steps, file):
        """The same in float64: what float32 is measured by."""
        return self.walk(w, seed, steps, file, torch.float64)


torch.set_num_threads(int(sys.argv[1]))
serve(Torch())
