"""Small data for the demos in `descent.demos.search`."""

import torch

from descent import demos


def stages():
    generator = torch.Generator().manual_seed(1)
    weights = torch.randn(2, 9, 3, generator=generator)
    return {
        name: [scale * weight, torch.zeros(1, 3)]
        for name, scale, weight in zip(("early", "late"), (0.1, 1.0), weights, strict=True)
    }


def digits():
    generator = torch.Generator().manual_seed(2)
    return torch.randn(40, 3, 3, generator=generator), torch.arange(40) % 3


def random_steps_demo():
    return demos.random_steps(stages(), *digits())


DEMOS = {"random_steps": random_steps_demo}
