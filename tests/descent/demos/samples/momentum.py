"""Small data for the demos of chapter 4."""

import torch

from descent import demos
from descent.landscapes import quadratic
from descent.optimizers import momentum_update

CURVATURES = [0.02, 0.1]
MINIMUM = torch.tensor([-6.0, 0.5], dtype=torch.float64)


def slice_losses(points):
    """A ravine like the slice of the chapter, with a known minimum."""
    return quadratic(CURVATURES)(points - MINIMUM)


def momentum(update_fn=momentum_update):
    return demos.momentum(slice_losses, MINIMUM, update_fn)


DEMOS = {"momentum": momentum}
