"""Calls of the demos of chapter 7 with small data."""

import torch

from descent import demos
from descent.optimizers import adam_update, gradient_update, momentum_update, rmsprop_update

RULES = {
    "SGD": (gradient_update, {}),
    "momentum": (momentum_update, {"beta": [0.9]}),
    "RMSprop": (rmsprop_update, {"alpha": [0.9]}),
    "Adam": (adam_update, {}),
}
RATES = torch.logspace(-4, 0, 13)
RECORDED = range(0, 41, 10)


def images_and_labels(points=40):
    """Return images of 4 x 4 pixels whose class is the brightest of their first ten."""
    images = torch.rand(points, 4, 4, generator=torch.Generator().manual_seed(1))
    return images, images.flatten(1)[:, :10].argmax(dim=1)


def sweeps():
    """Return valleys of the loss, at another place for each method; one run has diverged."""
    depth = torch.linspace(0, 1, len(RECORDED))[:, None]
    seeds = 1 + torch.tensor([0.0, 0.1, 0.2])[:, None, None]
    valleys = {
        name: seeds * 2.3 * (1 - depth + depth * (0.05 + (RATES.log10() + bottom).abs() / 2.5))
        for name, bottom in zip(RULES, (0.7, 1.5, 2.3, 2.5), strict=True)
    }
    valleys["SGD"][0, -1, -1] = torch.nan
    return valleys


def four_optimizers(rules=RULES):
    return demos.four_optimizers(*images_and_labels(), rules, hidden_dims=[6, 6])


def robustness():
    return demos.robustness(RATES, RECORDED, sweeps())


DEMOS = {"four_optimizers": four_optimizers, "robustness": robustness}
