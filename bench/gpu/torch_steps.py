#!/usr/bin/env python3
"""PyTorch at mlpbench's workloads, on the same machine: for scripts/bench-gpu.

  torch_steps.py [-o FILE] [-budget SECONDS] [-compile] WORKLOAD...

A workload is one of mlpbench's names: gemm/nn/512x512x512, train/784-128-10/b32/adam, train/8-64-64-1/b64/adam/mse,
train/784-128-10/b128/adam/logged, sweep/1-32-32-1/b16/adam/mse/x1000, each/adam/1M. Written to FILE are records as mlpbench's, one for each way: eager,
fused (the optimizer in one kernel), graph (a CUDA graph of the whole step, with the fused optimizer). With -compile the ways are
compile (forward and backward by torch.compile, the fused optimizer) and compile-graph (a CUDA graph of that), and workloads that do not
train are left out: compiling takes minutes. On a machine without CUDA only eager and compile run, on the CPU.

Everything is strict float32: TF32 is off. Data and network lie on the device; a step is zero_grad, forward, loss, backward
and the optimizer, or what it replays of them; where it is logged, .item() of its loss follows. Times are medians of runs of many steps with
a synchronisation at the end.
"""
import argparse, json, os, statistics, sys, time

import torch
import torch.nn as nn
import torch.nn.functional as F

CUDA = torch.cuda.is_available()
DEVICE = "cuda" if CUDA else "cpu"
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
if hasattr(torch, "set_float32_matmul_precision"):
    torch.set_float32_matmul_precision("highest")


def sync():
    if CUDA:
        torch.cuda.synchronize()


def measure(f, budget):
    """The times of one f(), in seconds: seven runs of as many as fit."""
    for _ in range(3):
        f()
    sync()
    start = time.perf_counter()
    f()
    sync()
    n = max(1, min(5000, int(budget / 7 / max(1e-7, time.perf_counter() - start))))
    samples = []
    for _ in range(7):
        sync()
        start = time.perf_counter()
        for _ in range(n):
            f()
        sync()
        samples.append((time.perf_counter() - start) / n)
    return samples


def graph(f, then=None):
    """f as a CUDA graph, warmed up as PyTorch's manual says, and what is done with its result after each replay."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(5):
            f()
    torch.cuda.current_stream().wait_stream(side)
    g = torch.cuda.CUDAGraph()
    with torch.cuda.graph(g):
        out = f()

    def replay():
        g.replay()
        return then(out)

    return replay if then else g.replay


def compiled(f):
    """f by torch.compile, for its shapes alone: by what it remembers of other workloads it would take them for variable."""
    if not hasattr(torch, "compiler"):
        raise SystemExit(f"torch_steps: PyTorch {torch.__version__} has no torch.compile: 2.1 is the first that serves")
    torch.compiler.reset()
    return torch.compile(f, dynamic=False)


def gemm(form, m, n, k):
    a = torch.randn(k, m, device=DEVICE).t() if form[0] == "t" else torch.randn(m, k, device=DEVICE)
    b = torch.randn(n, k, device=DEVICE).t() if form[1] == "t" else torch.randn(k, n, device=DEVICE)
    out = torch.empty(m, n, device=DEVICE)
    f = lambda: torch.mm(a, b, out=out)
    yield "eager", f, lambda: None
    if CUDA:
        yield "graph", f, lambda: graph(f)


def adam(n):
    for way in ["eager"] + (["fused"] if CUDA else []):
        p = nn.Parameter(torch.randn(n, device=DEVICE))
        p.grad = torch.randn(n, device=DEVICE)
        yield way, torch.optim.Adam([p], lr=1e-9, **({"fused": True} if way == "fused" else {})).step, lambda: None


def optimizer_of(params, opt, way):
    more = {"fused": True} if CUDA and way != "eager" else {}
    if way.endswith("graph") and opt == "adam":
        more["capturable"] = True
    return (torch.optim.Adam if opt == "adam" else torch.optim.SGD)(params, lr=1e-9, **more)


def train(ways, widths, batch, opt, loss, logged):
    for way in ways:
        torch.manual_seed(0)
        layers = []
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            layers += [nn.Linear(a, b)] + ([nn.ReLU()] if i < len(widths) - 2 else [])
        model = nn.Sequential(*layers).to(DEVICE)
        x = torch.rand(batch, widths[0], device=DEVICE)
        if loss == "mse":
            y, criterion = torch.randn(batch, widths[-1], device=DEVICE), F.mse_loss
        else:
            y, criterion = torch.randint(0, widths[-1], (batch,), device=DEVICE), F.cross_entropy
        optimizer = optimizer_of(model.parameters(), opt, way)

        def forward(x, y):
            return criterion(model(x), y)

        if way.startswith("compile"):
            forward = compiled(forward)

        def whole():
            optimizer.zero_grad(set_to_none=True)
            result = forward(x, y)
            result.backward()
            optimizer.step()
            return result

        read = torch.Tensor.item if logged else None
        f = (lambda: whole().item()) if logged else whole
        yield way, f, (lambda: graph(whole, read)) if way.endswith("graph") else (lambda: None)


def sweep(ways, widths, batch, opt, loss, models):
    """Sixteen steps of many networks at once: their weights are stacked, and each layer is one batched product. That is what torch.func.vmap
    makes of them, without its cost on the host."""
    if loss != "mse":
        raise SystemExit("torch_steps: sweeps are of mse")
    for way in ways:
        torch.manual_seed(0)
        params = []
        for a, b in zip(widths, widths[1:]):
            params += [nn.Parameter(torch.randn(models, a, b, device=DEVICE) / a**0.5), nn.Parameter(torch.zeros(models, 1, b, device=DEVICE))]
        x = torch.rand(models, batch, widths[0], device=DEVICE)
        y = torch.randn(models, batch, widths[-1], device=DEVICE)
        optimizer = optimizer_of(params, opt, way)

        def forward(x, y):
            h = x
            for i in range(0, len(params), 2):
                h = torch.baddbmm(params[i + 1], h, params[i])
                if i < len(params) - 2:
                    h = torch.relu(h)
            return ((h - y) ** 2).mean(dim=(1, 2)).sum()

        if way.startswith("compile"):
            forward = compiled(forward)

        def whole():
            for _ in range(16):
                optimizer.zero_grad(set_to_none=True)
                forward(x, y).backward()
                optimizer.step()

        yield way, whole, (lambda: graph(whole)) if way.endswith("graph") else (lambda: None)


def count(s):
    """A number of elements as mlpbench writes it."""
    return int(s.rstrip("KM")) * {"K": 1000, "M": 1000000}.get(s[-1], 1)


def ways(name, compiling):
    """What to time, how many floating point operations and samples one is."""
    part = name.split("/")
    if compiling:
        trained = ["compile"] + (["compile-graph"] if CUDA else [])
    else:
        trained = ["eager"] + (["fused", "graph"] if CUDA else [])
    if part[0] == "gemm":
        m, n, k = map(int, part[2].split("x"))
        return gemm(part[1], m, n, k), 2 * m * n * k, 0
    if part[0] == "each" and part[1] == "adam":
        return adam(count(part[2])), 0, 0
    if part[0] == "train":
        batch, logged = int(part[2][1:]), part[-1] == "logged"
        loss = "mse" if "mse" in part else "xent"
        return train(trained, [int(w) for w in part[1].split("-")], batch, part[3], loss, logged), 0, batch
    if part[0] == "sweep":
        batch, models = int(part[2][1:]), int(part[-1][1:])
        return sweep(trained, [int(w) for w in part[1].split("-")], batch, part[3], part[4] if len(part) > 5 else "xent", models), 0, 16 * batch * models
    raise SystemExit(f"torch_steps: no workload is called {name!r}")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-o")
    args.add_argument("-budget", type=float, default=1.0, help="seconds of measuring for each way of a workload")
    args.add_argument("-compile", action="store_true", help="time what torch.compile makes of the workloads that train")
    args.add_argument("workload", nargs="+")
    args = args.parse_args()
    if args.compile:
        args.workload = [w for w in args.workload if w.startswith(("train/", "sweep/"))]
    name = torch.cuda.get_device_name(0) if CUDA else "CPU"
    records = []
    for workload in args.workload:
        all_ways, flops, batch = ways(workload, args.compile)
        for way, f, prepare in all_ways:
            try:
                s = sorted(measure(prepare() or f, args.budget))
            except Exception as e:  # an old version without this way
                print(f"{workload:40} torch-{way:13} {type(e).__name__}: {str(e)[:100]}", flush=True)
                continue
            t = statistics.median(s)
            r = dict(workload=workload, device=f"torch-{way}", renderer=f"{name}, PyTorch {torch.__version__}", software=not CUDA,
                     median_s=t, min_s=s[0], max_s=s[-1], runs=len(s), samples_s=s, build=f"PyTorch {torch.__version__}",
                     time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
            if flops:
                r["gflops"] = flops / t * 1e-9
            if batch:
                r["samples_per_s"] = batch / t
            records.append(r)
            print(f"{workload:40} torch-{way:13} {t * 1e6:10.1f} µs", flush=True)
        if args.o:  # now, for whoever is stopped before the last
            with open(args.o, "w") as f:
                json.dump(records, f, indent=1)


main()
