"""Data for the figures in `descent.plots.nonconvexity`."""

import torch
from tests.descent.plots.looking import numbers

from descent import plots
from descent.landscapes import Landscape

STARTS = ("all alike", "all alike, with a nudge", "random")


def barriers_data(ways=3):
    fractions = torch.linspace(0, 1, 11)
    hill = (torch.pi * fractions).sin()
    return {
        "fractions": fractions,
        "losses": 0.01 + torch.arange(1, ways + 1)[:, None] * hill,
        "convex_losses": torch.full((11,), 0.02),
    }


def symmetric_starts_data():
    step = torch.arange(20)
    return {"losses": {s: 2.3 * (-0.1 * i * step).exp() for i, s in enumerate(STARTS)}}


def rescaled_slices_data():
    distances = torch.linspace(-1, 1, 9)
    both = {"One direction for both": (1, 4), "Filter-normalized": (1, 1)}
    return {
        "distances": distances,
        "slices": {
            title: tuple(curvature * distances.square() for curvature in pair)
            for title, pair in both.items()
        },
    }


def landscape_slice_data(**networks):
    bowl = Landscape("bowl", lambda points: 0.01 + points.square().sum(-1), (), (-1, 2, -1, 2))
    return {
        "landscape": bowl,
        "paths": numbers(5, 3, 1, 2),
        "networks": networks or {"one": (0, 0), "two": torch.tensor([1.0, 0.5])},
        "points": 15,
    }


def losses_by_size_data():
    return {"losses": {"10 units": 0.1 + numbers(9, 4), "100 units": 0.1 + numbers(9, 4, seed=1)}}


FIGURES = {
    plots.barriers: barriers_data,
    plots.symmetric_starts: symmetric_starts_data,
    plots.rescaled_slices: rescaled_slices_data,
    plots.landscape_slice: landscape_slice_data,
    plots.losses_by_size: losses_by_size_data,
}
