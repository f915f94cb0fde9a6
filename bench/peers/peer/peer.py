"""What peers in Python share: the protocol, the data and the clock of internal/peer, which says what they mean."""
import sys, time
import numpy as np

VEC_A, VEC_B, VEC_LEFT, VEC_RIGHT, VEC_W, VEC_G, VEC_PROBE = range(1, 8)
VEC_X, VEC_Y, VEC_WEIGHTS = 50, 51, 100
AXPY_FACTOR, ADAM_RATE, TINY_RATE = 1e-3, 1e-3, 1e-9
WALK_RATE = {"adam": 1e-3, "sgd": 1e-2}


class Not(Exception):
    """The workload is not this peer's."""


def bits(v, n):
    with np.errstate(over="ignore"):
        h = np.arange(n, dtype=np.uint32) + np.uint32(v * 0x9E3779B9 & 0xFFFFFFFF)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        return h ^ h >> np.uint32(16)


def uniform(v, n):
    return (bits(v, n) >> np.uint32(8)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)


def labels(v, n, classes):
    return (bits(v, n) % np.uint32(classes)).astype(np.int64)


def dot(a, b):
    return float(np.dot(a.astype(np.float64).ravel(), b.astype(np.float64).ravel()))


def projection(c):
    rows, cols = c.shape
    left, right = uniform(VEC_LEFT, rows), uniform(VEC_RIGHT, cols)
    return float(left.astype(np.float64) @ (c.astype(np.float64) @ right.astype(np.float64)))


class Workload:
    """train/NET/bBATCH/OPT[/LOSS[/ACTIVATION]], infer/NET/bBATCH, each/OP/N or gemm/FORM/MxNxK"""

    def __init__(self, name):
        part = name.split("/")
        self.name, self.kind = name, part[0]
        if self.kind in ("train", "infer"):
            self.net, self.batch = [int(x) for x in part[1].split("-")], int(part[2][1:])
            self.opt, self.loss, self.act = (part[3:] + ["", "xent", "relu"][len(part) - 3:])[:3]
        elif self.kind == "each":
            unit = {"K": 1000, "M": 1000000}.get(part[2][-1], 1)
            self.op, self.n = part[1], int(part[2].rstrip("KM")) * unit
        elif self.kind == "gemm":
            self.form = part[1]
            self.m, self.nn, self.k = (int(x) for x in part[2].split("x"))
        else:
            raise Not("unknown workload")

    def start(self, seed):
        """Weights, in×out, and biases of each layer."""
        out = []
        for l, (i, o) in enumerate(zip(self.net, self.net[1:])):
            limit = np.float32(1 / np.sqrt(float(i)))
            w, b = (uniform(1000 * seed + VEC_WEIGHTS + 2 * l + j, n) * limit for j, n in enumerate((i * o, o)))
            out.append((w.reshape(i, o), b))
        return out

    def flops(self):
        macs = [i * o for i, o in zip(self.net, self.net[1:])]
        return self.batch * (6 * sum(macs) - 2 * macs[0])

    def together(self):
        """How many batches to hand over at once, as internal/peer does."""
        return int(min(max(4, 1e9 / self.flops()), 64))

    def data(self, seed, batches=1):
        rows, outputs = self.batch * batches, self.net[-1]
        x = uniform(1000 * seed + VEC_X, rows * self.net[0]).reshape(rows, -1)
        if self.loss == "xent":
            return x, labels(1000 * seed + VEC_Y, rows, outputs)
        return x, uniform(1000 * seed + VEC_Y, rows * outputs).reshape(rows, outputs)


class Slot:
    """A step that is measured for a while, again and again. step(n) takes n units, cheapest as many as together at once."""

    def __init__(self, step, together=1):
        self.step, self.units = step, together
        start = time.perf_counter()
        while True:
            took = self.timed()
            if took < 200e-6 and self.units < 1 << 24:
                self.units *= 2
            elif time.perf_counter() - start >= 0.05:
                return

    def timed(self):
        start = time.perf_counter()
        self.step(self.units)
        return time.perf_counter() - start

    def measure(self, seconds):
        times, start = [], time.perf_counter()
        while not times or time.perf_counter() - start < seconds:
            times.append(self.timed() / self.units * 1e9)
        times.sort()
        return "%.1f %.1f %d" % (times[len(times) // 2], times[0], len(times) * self.units)


def serve(peer):
    """peer has version(), open(workload) -> step(n)[, together], check(workload), walk(workload, seed, steps, file)."""
    current, slot = None, None
    for line in sys.stdin:
        word, *rest = line.split()
        answer = ""
        try:
            if word == "version":
                answer = peer.version()
            elif word == "drop":
                current = slot = None
            elif word == "check":
                answer = "%.17g" % peer.check(Workload(rest[0]))
            elif word in ("walk", "walk64"):
                losses = getattr(peer, word)(Workload(rest[0]), int(rest[1]), int(rest[2]), rest[3])
                answer = " ".join("%.9g" % x for x in losses)
            else:
                if current != rest[0]:
                    current = slot = None
                    opened = peer.open(Workload(rest[0]))
                    slot = Slot(*opened) if isinstance(opened, tuple) else Slot(opened)
                    current = rest[0]
                answer = slot.measure(float(rest[1]))
            print("ok", answer, flush=True)
        except Not as e:
            print("no", e, flush=True)
        except Exception as e:
            print("error", repr(e).replace("\n", " "), flush=True)
