"""What the calls of several rooms are made of: few points, few pixels, few parameters."""

import torch

from descent.models import MLP, losses_many, stack_models

CALLS = {}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count=6, side=4):
    return torch.rand(count, side, side, generator=seeded(1))


def labels(count=6):
    return torch.arange(count) % 3


def model(hidden=(3,)):
    torch.manual_seed(0)
    return MLP(16, 3, hidden)


def params(hidden=(3,), models=1):
    """Stacked parameters, with a leading dimension of runs."""
    return stack_models([model(hidden) for _ in range(models)])


def start(hidden=(3,)):
    return [param[0] for param in params(hidden)]


def losses(stacked):
    return losses_many(stacked, images(), labels())


def loss(stacked):
    return losses(stacked).sum()


def bowl(points):
    return points.square().sum(dim=-1)


def bowl_of_params(stacked):
    return stacked[0].square().sum(dim=(1, 2))
