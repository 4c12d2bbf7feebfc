"""How exactly a learning rate has to be chosen."""

import numpy as np
import torch

DIVERGED = 1e6  # stands for a loss that is infinite or NaN


def decades_below(rates, losses, limit):
    """Return for how many decades of the learning rate the loss lies below a limit.

    Between two learning rates the loss is interpolated, both on logarithmic scales. From 0.01 to 1
    are two decades. What lies outside the rates that were tried is not counted.

    Parameters
    ----------
    rates : torch.Tensor or sequence of float
        Learning rates in ascending order, shape (rates,).
    losses : torch.Tensor
        Positive losses, shape (..., rates). One that is infinite or NaN counts as above the limit.
    limit : float or torch.Tensor
        Positive; a tensor holds one limit for each sweep, shape (...).

    Returns
    -------
    numpy.ndarray
        Decades, shape (...).

    Raises
    ------
    ValueError
        If the rates do not ascend from a positive number, or there is not one loss for each.
    """
    rates = np.asarray(rates, dtype=float)
    if len(rates) < 2 or rates[0] <= 0 or (np.diff(rates) <= 0).any():
        raise ValueError(f"rates must be positive and ascending, two at least: {rates.tolist()}")
    shape = tuple(losses.shape)
    if shape[-1:] != rates.shape:
        raise ValueError(f"{len(rates)} rates need as many losses, not a shape of {shape}")
    limit = torch.as_tensor(limit, dtype=torch.float64).cpu()[..., None]
    finite = losses.double().cpu().nan_to_num(nan=DIVERGED, posinf=DIVERGED)
    height = (finite / limit).log().numpy()
    left, right = height[..., :-1], height[..., 1:]
    depth = np.maximum(-left, 0) + np.maximum(-right, 0)
    shares = depth / np.maximum(np.abs(left) + np.abs(right), np.finfo(float).tiny)
    return (shares * np.diff(np.log10(rates))).sum(axis=-1)
