import torch
from numpy.polynomial import Polynomial
from tests.descent.inputs.calls.small import (
    bowl_of_params,
    images,
    labels,
    loss,
    losses,
    model,
    params,
    seeded,
    start,
)

from descent import landscapes


def points():
    return torch.rand(3, 1, 2, generator=seeded(2))


def directions():
    return landscapes.random_directions(start(), 2, seeded(3))


def flat_bowl(stacked):
    return bowl_of_params(stacked).sum()


def pair():
    return [torch.ones(1, 1, 2)]


CALLS = {
    landscapes.Landscape: lambda: {
        "name": "bowl",
        "function": losses,
        "minima": ((0.0, 0.0),),
        "region": (-1, 1, -1, 1),
    },
    landscapes.curvature_range: lambda: {"loss_fn": loss, "params": params(), "tolerance": 0.1},
    landscapes.filter_normalized: lambda: {"directions": directions(), "params": start()},
    landscapes.gradient: lambda: {"loss_fn": loss, "params": params()},
    landscapes.himmelblau: lambda: {"points": points()},
    landscapes.largest_curvature: lambda: {"loss_fn": loss, "params": params()},
    landscapes.local_minima: lambda: {"polynomial": Polynomial([0, -2, -2, 1, 1])},
    landscapes.loss_2d: lambda: {
        "model": model(()),
        "u": 0.1,
        "v": 0.2,
        "mask_idx": (0, 3),
        "bias_id": 1,
        "inputs": images(),
        "targets": labels(),
    },
    landscapes.nearest_minimum: lambda: {
        "loss_fn": flat_bowl,
        "params": pair(),
        "max_steps": 20,
    },
    landscapes.norm: lambda: {"params": params()},
    landscapes.permute_hidden: lambda: {
        "params": params(),
        "orders": [torch.tensor([2, 0, 1])],
    },
    landscapes.plane_losses: lambda: {
        "origin": start(),
        "directions": directions(),
        "inputs": images(),
        "targets": labels(),
    },
    landscapes.plane_through: lambda: {
        "first": params(),
        "second": [param + 1 for param in params()],
        "third": [param * 2 for param in params()],
    },
    landscapes.quadratic: lambda: {"curvatures": [1.0, 2.0]},
    landscapes.random_directions: lambda: {
        "params": start(),
        "count": 3,
        "generator": seeded(),
    },
    landscapes.representatives: lambda: {
        "losses": torch.rand(6, 5, generator=seeded()),
        "count": 2,
    },
    landscapes.rescale_hidden: lambda: {"params": params(), "factors": [2.0]},
    landscapes.rosenbrock: lambda: {"points": points()},
    landscapes.saddle: lambda: {"points": points()},
    landscapes.segment: lambda: {
        "start": params(),
        "end": params(),
        "fractions": torch.linspace(0, 1, 3),
    },
    landscapes.slopes_and_curvatures: lambda: {
        "losses_fn": losses,
        "params": start(),
        "directions": directions(),
    },
    landscapes.step_along: lambda: {
        "params": start(),
        "directions": directions(),
        "sizes": torch.tensor([0.1, 0.2]),
    },
    landscapes.two_parameter_losses: lambda: {
        "model": model(()),
        "inputs": images(),
        "targets": labels(),
        "mask_idx": (0, 3),
        "bias_id": 1,
    },
}
