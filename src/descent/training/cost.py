"""What one update costs, in seconds on this machine."""

import copy
import time

import numpy as np
import torch

from descent.models import loss_fn
from descent.optimizers import gradient_update
from descent.training.fitting import check_counts


def measure_update_time(model, num_points):
    """Measure how long the forward pass takes, and how long backward pass and update take.

    The points are random numbers, since their values do not matter for the time. The model is left
    as it was. One unmeasured update comes first: the first one is slower.

    Parameters
    ----------
    model : descent.models.MLP
        On any device.
    num_points : int
        Number of points in the batch, at least 1.

    Returns
    -------
    forward_seconds, backward_seconds : float
        Wall time of computing the loss, and of computing its gradient and changing the parameters.

    Raises
    ------
    ValueError
        If there is no point.
    """
    if num_points < 1:
        raise ValueError(f"an update needs at least 1 point, but num_points is {num_points}")
    model = copy.deepcopy(model)
    params = list(model.parameters())
    device = params[0].device
    generator = torch.Generator().manual_seed(0)  # leaves the reader's random numbers alone
    inputs = torch.randn(num_points, model.in_dim, generator=generator).to(device)
    targets = torch.randint(model.out_dim, (num_points,), generator=generator).to(device)
    gradient_update(loss_fn(model(inputs), targets), params)
    started = _now(device)
    loss = loss_fn(model(inputs), targets)
    halfway = _now(device)
    gradient_update(loss, params)
    return halfway - started, _now(device) - halfway


def update_times(model, sizes, repeats=5):
    """Return the median times of an update for several numbers of points.

    Parameters
    ----------
    model : descent.models.MLP
        On any device; left as it was.
    sizes : sequence of int
        Numbers of points, each at least 1.
    repeats : int
        How often to measure each, at least 1. The median drops what another program delayed.

    Returns
    -------
    numpy.ndarray
        Shape (sizes, 2): seconds of the forward pass, and of backward pass and update.

    Raises
    ------
    ValueError
        If there is no point, or ``repeats`` is less than 1 or beyond a billion.
    """
    check_counts(repeats=repeats)
    measured = [[measure_update_time(model, size) for _ in range(repeats)] for size in sizes]
    return np.median(measured, axis=1)


def _now(device):
    """Return the time in seconds, once the device has done all that was asked of it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
