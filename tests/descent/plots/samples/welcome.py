"""Data for the figures in `descent.plots.welcome`."""

import torch
from tests.descent.plots.looking import METHODS, numbers

from descent import plots
from descent.landscapes import RAVINE


def overview_data():
    return {
        "landscape": RAVINE,
        "paths": {m: numbers(6, 2, seed=i) for i, m in enumerate(METHODS)},
        "losses": {m: 0.1 + numbers(9, seed=i) for i, m in enumerate(METHODS[:3])},
        "images": numbers(4, 28, 28),
        "labels": torch.tensor([3, 1, 4, 1]),
        "predictions": torch.tensor([3, 7, 4, 1]),
    }


FIGURES = {
    plots.overview: overview_data,
}
