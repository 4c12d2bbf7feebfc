"""A slice of the digits' loss, small enough to travel with a page."""

from dataclasses import dataclass

import torch

from descent.demos.playing.scenes import Scene, rates
from descent.landscapes import Landscape, representatives, two_parameter_losses
from descent.runs import run_newton

REACH = 6.0  # how far the map goes from the minimum, along both parameters


@dataclass(frozen=True)
class DigitsSlice:
    """The loss of two parameters of the model, and what it leaves out.

    Attributes
    ----------
    scene : Scene
        The slice, ready to play on.
    digits : int
        How many weighted digits it is computed from.
    deviation : float
        The largest difference from the loss of all digits, at any point of a fine grid over the
        map.
    """

    scene: Scene
    digits: int
    deviation: float


def digits_slice(model, inputs, targets, count=16):
    """Return the loss of two parameters with a few digits that stand for all.

    The few are chosen and weighted so that their loss is that of all digits, all over the map. The
    loss itself is `descent.landscapes.two_parameter_losses`, as in chapter 4.

    Parameters
    ----------
    model : descent.models.MLP
        Without a hidden layer.
    inputs : torch.Tensor
        Shape (points, ...).
    targets : torch.Tensor
        The right classes, shape (points,).
    count : int
        How many digits to choose at most.

    Returns
    -------
    DigitsSlice
    """
    model, inputs, targets = model.cpu(), inputs.cpu(), targets.cpu()
    losses = two_parameter_losses(model, inputs, targets)
    minimum = run_newton(lambda u, v: losses(torch.stack([u, v])))
    coarse, fine = (_places_around(minimum, points) for points in (33, 101))
    each = [
        two_parameter_losses(model, inputs[i : i + 1], targets[i : i + 1])(coarse)
        for i in range(len(inputs))
    ]
    chosen, weights = representatives(torch.stack(each, dim=1), count)
    few = two_parameter_losses(model, inputs[chosen], targets[chosen], weights=weights)
    lowest = run_newton(lambda u, v: few(torch.stack([u, v]))).tolist()
    deviation = (few(fine) - losses(fine)).abs().max().item()
    return DigitsSlice(_scene(few, tuple(lowest)), len(chosen), deviation)


def _places_around(minimum, points):
    away = torch.linspace(-REACH, REACH, points, dtype=torch.float64)
    return torch.cartesian_prod(away, away) + minimum


def _scene(function, minimum):
    u, v = minimum
    region = (u - REACH, u + REACH, v - REACH, v + REACH)
    landscape = Landscape("digits", function, (minimum,), region)
    start = (round(u + 0.75 * REACH, 1), round(v + 0.6 * REACH, 1))
    return Scene(
        landscape,
        start,
        rates(10.0, 4.0, 0.2, 2.0, 0.5),
        axes=("u", "v"),
        bounded=True,
    )
