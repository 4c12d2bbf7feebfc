"""The landscapes of the playground: where each starts, and with which learning rates."""

from dataclasses import dataclass

import numpy as np
import torch

from descent.landscapes import BOWL, HIMMELBLAU, RAVINE, ROSENBROCK, SADDLE, Landscape


@dataclass(frozen=True)
class Scene:
    """A landscape to play on.

    Attributes
    ----------
    landscape : descent.landscapes.Landscape
        Its function must be one that can be traced.
    start : (float, float)
        Where the methods start at first.
    rates : dict of str to float
        The first learning rate of each method.
    axes : (str, str)
        What the two parameters are called.
    bounded : bool
        Whether the function stands for the loss only within the region, so that a path ends where
        it leaves the map.
    """

    landscape: Landscape
    start: tuple
    rates: dict
    axes: tuple = ("x", "y")
    bounded: bool = False

    @property
    def region(self):
        """The map: the landscape's region, made square, so that both axes have one scale."""
        left, right, bottom, top = self.landscape.region
        x, y, half = (left + right) / 2, (bottom + top) / 2, max(right - left, top - bottom) / 2
        return x - half, x + half, y - half, y + half

    def levels(self, count=15, points=121):
        """Return losses at which to draw lines: close together near the lowest, sparse far up."""
        left, right, bottom, top = self.region
        x, y = torch.linspace(left, right, points), torch.linspace(bottom, top, points)
        losses = self.landscape.function(torch.cartesian_prod(x, y).double())
        return np.quantile(losses.numpy(), np.linspace(0, 1, count + 1)[1:-1] ** 1.5).tolist()


def rates(descent, momentum, rmsprop, adagrad, adam):
    """Return the learning rate of each method; Nesterov's momentum has that of the heavy ball."""
    return {
        "gradient descent": descent,
        "momentum": momentum,
        "Nesterov": momentum,
        "RMSprop": rmsprop,
        "Adagrad": adagrad,
        "Adam": adam,
    }


SCENES = (
    Scene(BOWL, (-1.5, 1.2), rates(0.1, 0.05, 0.05, 0.5, 0.1)),
    Scene(RAVINE, (-2.4, 0.9), rates(0.05, 0.02, 0.03, 0.3, 0.1)),
    Scene(ROSENBROCK, (-0.8, -0.4), rates(1e-3, 1e-3, 0.02, 0.5, 0.1)),
    Scene(HIMMELBLAU, (-0.2, 0.4), rates(0.01, 5e-3, 0.05, 0.5, 0.2)),
    Scene(SADDLE, (-1.6, 0.1), rates(0.1, 0.05, 0.02, 0.2, 0.05)),
)
"""The landscapes with a formula."""
