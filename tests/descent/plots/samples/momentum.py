"""Data for the figures in `descent.plots.momentum`."""

import torch
from tests.descent.plots.looking import numbers

from descent import plots
from descent.landscapes import RAVINE, quadratic

MINIMUM = torch.zeros(2, dtype=torch.float64)
BETAS = [0.0, 0.5, 0.8]


def spiral(factor, steps=40):
    """Return points (steps + 1, 2) that shrink towards the origin by a factor a step."""
    k = torch.arange(steps + 1, dtype=torch.float64)
    return factor ** k[:, None] * torch.stack([-2 * k.cos(), k.sin()], dim=1)


def ravine_paths_data():
    return {"landscape": RAVINE, "paths": {"slow": spiral(0.9), "fast": spiral(0.5)}}


def two_curvatures_data():
    return {
        "losses_fn": quadratic([0.25, 4.0]),
        "minimum": MINIMUM,
        "curvatures": [0.25, 4.0],
    }


def velocities_data():
    return {
        "velocities": {"same": numbers(12, 3), "alternating": numbers(12, 3, seed=1)},
        "betas": BETAS,
    }


def steps_per_digit_data():
    return {
        "kappas": [4, 100, 900],
        "factors": {
            "gradient descent": torch.tensor([0.6, 0.98, 0.998]),
            "momentum": torch.tensor([0.33, 0.82, 0.94]),
        },
    }


def at_their_best_data():
    return {
        "lrs": torch.logspace(-2, 0, 6),
        "excess_losses": 0.1 + numbers(3, 6),
        "betas": BETAS,
    }


def look_ahead_data():
    return {"distances": {"heavy ball": spiral(0.9).abs(), "Nesterov": spiral(0.6).abs()}}


FIGURES = {
    plots.ravine_paths: ravine_paths_data,
    plots.two_curvatures: two_curvatures_data,
    plots.velocities: velocities_data,
    plots.steps_per_digit: steps_per_digit_data,
    plots.at_their_best: at_their_best_data,
    plots.look_ahead: look_ahead_data,
}
