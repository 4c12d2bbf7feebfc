"""Data for the figures in `descent.plots.search`."""

import torch
from tests.descent.plots.looking import STAGES, numbers

from descent import plots


def search_progress_data():
    return {
        "losses": {
            "random search": numbers(12, 4),
            "gradient descent": numbers(12, 1, seed=1),
        }
    }


def update_histograms_data(stages=STAGES):
    return {
        "changes": {s: 0.01 * (numbers(60, seed=i) - 0.4) for i, s in enumerate(stages)},
        "gradient_changes": {s: -0.02 - 0.01 * i for i, s in enumerate(stages)},
    }


def slopes_by_dimension_data():
    return {
        "dimensions": [2, 10, 100, 7850],
        "best_shares": [0.99, 0.7, 0.24, 0.03],
        "typical_shares": [0.7, 0.3, 0.1, 0.011],
    }


def improving_shares_data():
    lengths = torch.logspace(-3, 1, 9)
    falling = 0.5 - 0.05 * torch.arange(9)
    return {
        "lengths": lengths,
        "measured": {s: falling - 0.02 * i for i, s in enumerate(STAGES)},
        "predicted": {s: falling - 0.03 * i for i, s in enumerate(STAGES)},
    }


def stable_steps_data():
    multiples = torch.linspace(0.5, 2.5, 9)
    return {"multiples": multiples, "excess_losses": (3 * multiples - 6).exp()}


FIGURES = {
    plots.search_progress: search_progress_data,
    plots.update_histograms: update_histograms_data,
    plots.slopes_by_dimension: slopes_by_dimension_data,
    plots.improving_shares: improving_shares_data,
    plots.stable_steps: stable_steps_data,
}
