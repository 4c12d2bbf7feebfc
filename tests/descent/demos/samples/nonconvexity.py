"""Small calls of the demos of the chapter on non-convexity."""

import torch

from descent import demos
from descent.landscapes import permute_hidden, plane_through, random_directions
from descent.models import MLP, stack_models
from descent.optimizers import gradient_update, momentum_update

TINY = {"3": (3,), "6 + 6": (6, 6)}


def digits(count=40):
    """Return blurred patterns of ten kinds, of the shape of digits, and their kinds."""
    generator = torch.Generator().manual_seed(0)
    kinds = torch.arange(count) % 10
    patterns = torch.randn(10, 28, 28, generator=generator)
    noise = torch.randn(count, 28, 28, generator=generator)
    return 2 * patterns[kinds] + noise, kinds


def overparameterization(update_fn=momentum_update):
    return demos.overparameterization(*digits(), update_fn, TINY)


def network():
    """Return a small network, the same each time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return [param[0].detach() for param in stack_models([MLP(hidden_dims=(4,))])]


def planes():
    """Return a random plane with one network, and one through three."""
    first = network()
    second = permute_hidden(first, [torch.tensor([1, 2, 3, 0])])
    third = [1.5 * param + 0.01 for param in first]
    directions = random_directions(first, 2, torch.Generator().manual_seed(1))
    through, places = plane_through(first, second, third)
    named = dict(zip(("first", "second", "third"), places, strict=True))
    return {"random": (directions, {"first": (0, 0)}), "three": (through, named)}


def slices(update_fn=gradient_update):
    return demos.slices(network(), planes(), *digits(), update_fn)


DEMOS = {"overparameterization": overparameterization, "slices": slices}
