"""Data for the figures in `descent.plots.data_parallel`."""

import torch
from tests.descent.plots.looking import numbers

from descent import plots


def two_workers_data():
    loss = torch.linspace(2.3, 0.4, 20)
    noise = 0.2 * (numbers(20) - 0.5)
    return {
        "one_loss": loss,
        "part_losses": [loss + noise, loss - noise],
        "distances": {
            "average": 1e-7 * numbers(20, seed=1),
            "never talk": 0.3 + numbers(20, seed=2),
        },
    }


def traffic_data():
    return {
        "workers": [2, 4, 8, 16],
        "sent": {"server": [2, 4, 8, 16], "ring": [1, 1.5, 1.75, 1.875]},
    }


FIGURES = {plots.two_workers: two_workers_data, plots.traffic: traffic_data}
