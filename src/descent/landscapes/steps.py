"""Points, directions and steps in the space of all parameters, which are lists of tensors."""

import math

import torch


def norm(params):
    """Return the Euclidean length of a list of tensors, taken as one long vector."""
    return math.sqrt(sum(param.detach().double().square().sum().item() for param in params))


def random_directions(params, count, generator=None):
    """Draw directions uniformly from the unit sphere of all parameters together.

    Parameters
    ----------
    params : list of torch.Tensor
        Their shapes, type and device are taken.
    count : int
        How many directions to draw.
    generator : torch.Generator, optional
        The source of random numbers; PyTorch's global one unless told otherwise.

    Returns
    -------
    list of torch.Tensor
        For each parameter a tensor of shape (count, ...). Over the whole list, each of the
        ``count`` directions has length one.
    """
    noise = [
        torch.randn(
            (count, *param.shape), generator=generator, dtype=param.dtype, device=param.device
        )
        for param in params
    ]
    lengths = sum(part.flatten(1).square().sum(dim=1) for part in noise).sqrt()
    return [part / _one_per_run(lengths, part) for part in noise]


def _one_per_run(values, like):
    """Give numbers of shape (runs,) the trailing dimensions that broadcast with ``like``."""
    return values.reshape(-1, *[1] * (like.dim() - 1))


def step_along(params, directions, sizes):
    """Return the points ``params + size * direction`` for many directions at once.

    Parameters
    ----------
    params : list of torch.Tensor
        The point to start from.
    directions : list of torch.Tensor
        Shape (runs, ...) each, as from `random_directions`.
    sizes : float or torch.Tensor
        One size for all, or one for each run, shape (runs,).

    Returns
    -------
    list of torch.Tensor
        Shape (runs, ...) each.
    """

    def each(like):
        return _one_per_run(torch.as_tensor(sizes, dtype=like.dtype, device=like.device), like)

    return [
        param.detach() + each(direction) * direction
        for param, direction in zip(params, directions, strict=True)
    ]


def segment(start, end, fractions):
    """Return points on the straight line from one list of parameters to another.

    Parameters
    ----------
    start, end : list of torch.Tensor
        Two points with the same shapes.
    fractions : torch.Tensor
        Shape (points,): 0 is the start, 1 is the end.

    Returns
    -------
    list of torch.Tensor
        Shape (points, ...) each.
    """
    towards_end = [(last - first).detach()[None] for first, last in zip(start, end, strict=True)]
    repeated = [part.expand(len(fractions), *part.shape[1:]) for part in towards_end]
    return step_along(start, repeated, fractions)
