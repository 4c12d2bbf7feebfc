"""Data for the figures in `descent.plots.minibatches`."""

import torch
from tests.descent.plots.looking import numbers

from descent import plots


def gradient_clouds_data():
    full = torch.tensor([2.0, 0.0, 0.0])
    return {
        "clouds": {
            size: full + 4 / size**0.5 * (numbers(30, 3, seed=size) - 0.5) for size in (1, 16)
        },
        "full": full,
    }


def gradient_variances_data():
    predicted_sizes = torch.arange(1, 11)
    with_replacement = 20 / predicted_sizes
    different = with_replacement * (10 - predicted_sizes) / 9
    sizes = [1, 2, 4, 8]
    chosen = torch.tensor(sizes) - 1
    return {
        "batch_sizes": sizes,
        "measured": {
            "different points": 1.02 * different[chosen],
            "with replacement": 0.98 * with_replacement[chosen],
        },
        "predicted_sizes": predicted_sizes,
        "predicted": {"different points": different, "with replacement": with_replacement},
    }


def batch_and_rate_map_data():
    losses = 0.2 + numbers(3, 4)
    losses[0, 3] = torch.inf
    return {
        "lrs": [0.1, 0.2, 0.4, 0.8],
        "batch_sizes": [4, 16, 64],
        "losses": losses,
        "worst": 2.3,
    }


def settling_data():
    steps = torch.arange(0, 50, 10)
    return {
        "steps": steps.tolist(),
        "excess": {"full gradient": (-0.2 * steps).exp(), "50 points": 0.01 + (-0.2 * steps).exp()},
        "predicted": 0.012,
    }


def floor_heights_data():
    sizes = [5, 20]
    ratios = torch.tensor([0.01, 0.02]) / torch.tensor(sizes)[:, None]
    return {"ratios": ratios, "floors": 20 * ratios, "batch_sizes": sizes, "variance": 80.0}


FIGURES = {
    plots.gradient_clouds: gradient_clouds_data,
    plots.gradient_variances: gradient_variances_data,
    plots.batch_and_rate_map: batch_and_rate_map_data,
    plots.settling: settling_data,
    plots.floor_heights: floor_heights_data,
}
