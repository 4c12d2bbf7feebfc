"""Small data for the demos in `descent.demos.minibatches`."""

import numpy as np
import torch

from descent import demos
from descent.data import sample_minibatch
from descent.models import MLP
from descent.optimizers import gradient_update

BUDGET = 4000


def points():
    generator = torch.Generator().manual_seed(2)
    inputs = torch.randn(1000, 3, 3, generator=generator)
    return inputs, inputs.flatten(1)[:, :3].argmax(dim=1)


def start():
    generator = torch.Generator().manual_seed(1)
    shapes = (9, 4), (1, 4), (4, 3), (1, 3)
    return [0.3 * torch.randn(shape, generator=generator) for shape in shapes]


def some(data, count=50):
    return [part[:count] for part in data]


def batch_size_race_demo(update_fn=gradient_update, sample_fn=sample_minibatch):
    data = points()
    return demos.batch_size_race(start(), update_fn, sample_fn, data, some(data), BUDGET)


def times(model, sizes, repeats):
    """Stand in for a clock: the same time for the same question."""
    halves = np.array([1e-4, 2e-4]) * len(list(model.parameters()))
    return halves + 1e-6 * np.array(sizes)[:, None]


def update_cost_demo(measure_fn=times):
    networks = {"1": MLP(9, 3, (1,)), "4, 4": MLP(9, 3, (4, 4))}
    return demos.update_cost(networks, measure_fn)


DEMOS = {"batch_size_race": batch_size_race_demo, "update_cost": update_cost_demo}
