"""Small calls of the demos of the chapter on momentum."""

import torch

from descent import demos
from descent.landscapes import quadratic
from descent.optimizers import momentum_update

MU, L = 0.007, 0.083
MINIMUM = torch.tensor([0.6, 0.3], dtype=torch.float64)


def bowl(points):
    """A quadratic with curvatures like those of the slice of the chapter."""
    return quadratic([MU, L])(points - MINIMUM)


def forgets_its_velocity(loss, params, grad_vel, lr=1e-3, beta=0.8):
    """Gradient descent under the name of momentum."""
    gradients = torch.autograd.grad(loss, params)
    with torch.no_grad():
        for param, gradient in zip(params, gradients, strict=True):
            param -= lr * gradient


def momentum(update_fn=momentum_update):
    return demos.momentum(bowl, MINIMUM, update_fn)


def momentum_map(update_fn=momentum_update):
    return demos.momentum_map(MU, L, update_fn)


DEMOS = {"momentum": momentum, "momentum_map": momentum_map}
