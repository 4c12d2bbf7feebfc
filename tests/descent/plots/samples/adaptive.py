"""Data for the figures in `descent.plots.adaptive`."""

import torch
from tests.descent.plots.looking import STAGES, numbers

from descent import plots
from descent.landscapes import BOWL, RAVINE


def gradient_sizes_data(layers=("weights 1", "biases 1", "weights 2")):
    return {
        "sizes": {
            stage: {
                layer: 10 ** (3 * numbers(40, 5, seed=10 * row + index) - 4)
                for index, layer in enumerate(layers)
            }
            for row, stage in enumerate(STAGES)
        }
    }


def kept_promises_data():
    lengths = torch.logspace(-2, 1, 9)
    return {
        "lengths": lengths,
        "shares": {stage: 1 - (2 + i) * lengths for i, stage in enumerate(STAGES)},
    }


def turned_ravine_data():
    return {
        "landscapes": [RAVINE, BOWL],
        "paths": [
            {"gradient descent": numbers(9, 2, seed=i), "RMSprop": numbers(9, 2, seed=i + 1)}
            for i in range(2)
        ],
    }


def step_lengths_data():
    t = torch.arange(1, 101)
    return {
        "lengths": {
            "Adagrad": (t**-0.5).tolist(),
            "RMSprop": (1 + 2 / t).tolist(),
            "Adam without correction": (1 + 5 / t).tolist(),
            "Adam": [1.0] * 100,
        }
    }


def scaled_losses_data():
    return {
        "rates": torch.logspace(-3, 0, 7),
        "losses": {
            name: {factor: 0.1 + numbers(7, seed=i) for i, factor in enumerate(("once", "twice"))}
            for name in ("SGD", "Adam")
        },
    }


def second_order_paths_data():
    methods = "gradient descent", "Adam", "L-BFGS", "Newton"
    return {
        "landscape": BOWL,
        "paths": {name: numbers(70 - 20 * i, 2, seed=i) for i, name in enumerate(methods)},
        "optimum": torch.tensor([0.5, 0.25]),
    }


FIGURES = {
    plots.gradient_sizes: gradient_sizes_data,
    plots.kept_promises: kept_promises_data,
    plots.turned_ravine: turned_ravine_data,
    plots.step_lengths: step_lengths_data,
    plots.scaled_losses: scaled_losses_data,
    plots.second_order_paths: second_order_paths_data,
}
