"""Small calls of the demos of the chapter on non-convexity."""

import torch

from descent import demos
from descent.optimizers import momentum_update

TINY = {"3": (3,), "6 + 6": (6, 6)}


def digits(count=40):
    """Return blurred patterns of ten kinds, of the shape of digits, and their kinds."""
    generator = torch.Generator().manual_seed(0)
    kinds = torch.arange(count) % 10
    patterns = torch.randn(10, 28, 28, generator=generator)
    noise = torch.randn(count, 28, 28, generator=generator)
    return 2 * patterns[kinds] + noise, kinds


def overparameterization(update_fn=momentum_update):
    return demos.overparameterization(*digits(), update_fn, TINY)


DEMOS = {"overparameterization": overparameterization}
