#!/usr/bin/env python3
"""PyTorch's counterpart of mlpbench -start, new processes from their start until their first training step is done: for scripts/bench-gpu.

  torch_start.py [-o FILE] [-compile]

A process imports PyTorch, builds 784-128-10 on the device, takes a step of 32 rows with Adam, waits for it and tells its loss. Written to
FILE are records as mlpbench's: cold, where the folders in which PyTorch and CUDA keep what they compile are empty, which is all there is to
eager, as it compiles nothing; with -compile the step is torch.compile's instead, cold and warm. Everything is strict float32: TF32 is off.

What measures never imports PyTorch: no process finds a driver that another one keeps awake.
"""
import argparse, json, math, os, statistics, subprocess, sys, tempfile, time

PROCESSES = 3
NAME = "start/784-128-10/b32/adam"


def first(way):
    """What a process does."""
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.backends.cuda.matmul.allow_tf32 = False
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)).to(device)
    x, y = torch.rand(32, 784, device=device), torch.randint(0, 10, (32,), device=device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def forward(x, y):
        return F.cross_entropy(model(x), y)

    if way == "compile":
        forward = torch.compile(forward)
    loss = forward(x, y)
    loss.backward()
    optimizer.step()
    if device == "cuda":
        torch.cuda.synchronize()
    name = torch.cuda.get_device_name(0) if device == "cuda" else "CPU"
    print(json.dumps(dict(loss=loss.item(), software=device == "cpu", version=torch.__version__, name=name)), flush=True)


def process(way, caches):
    """The seconds that a process takes, and what it tells."""
    env = dict(os.environ, CUDA_CACHE_PATH=caches, TORCHINDUCTOR_CACHE_DIR=caches, TRITON_CACHE_DIR=caches, TORCHINDUCTOR_FX_GRAPH_CACHE="1")
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, os.path.abspath(__file__), "first", way], env=env, stdout=subprocess.PIPE, text=True) as p:
        line = p.stdout.readline()
        took = time.perf_counter() - start
    if p.returncode:
        raise SystemExit(f"torch_start: {way}: a process ended with status {p.returncode}")
    told = json.loads(line)
    if not math.isfinite(told["loss"]):
        raise SystemExit(f"torch_start: {way}: the loss of the first step is {told['loss']}")
    return took, told


def measure(way):
    """The times of processes with each filling of the caches, and what the last one told."""
    samples = {"cold": [], "warm": []} if way == "compile" else {"cold": []}
    with tempfile.TemporaryDirectory() as filled:
        process(way, filled)
        for _ in range(PROCESSES):
            for stock in samples:
                with tempfile.TemporaryDirectory() as empty:
                    took, told = process(way, filled if stock == "warm" else empty)
                samples[stock].append(took)
    return samples, told


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-o")
    args.add_argument("-compile", action="store_true", help="time processes that use torch.compile")
    args = args.parse_args()
    way, records = "compile" if args.compile else "eager", []
    samples, told = measure(way)
    build = f"PyTorch {told['version']}"
    for stock, s in samples.items():
        t = statistics.median(s)
        records.append(dict(workload=f"{NAME}/{stock}", device=f"torch-{way}", renderer=f"{told['name']}, {build}", software=told["software"],
                            median_s=t, min_s=min(s), max_s=max(s), runs=len(s), samples_s=s, build=build,
                            time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())))
        print(f"{NAME + '/' + stock:40} torch-{way:13} {t:8.3f} s", flush=True)
    if args.o:
        with open(args.o, "w") as f:
            json.dump(records, f, indent=1)


if sys.argv[1:2] == ["first"]:
    first(sys.argv[2])
else:
    main()
