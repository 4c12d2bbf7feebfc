"""What many networks answer, and how sure a share of right answers is."""

import math

import torch

from descent.models import predict_many


@torch.no_grad()
def answers_many(params, inputs):
    """Return the most probable class that each of many networks finds for the same points.

    Parameters
    ----------
    params : list of torch.Tensor
        Weights (..., in, out) and biases (..., 1, out), layer by layer. So both the ``params`` of
        `descent.runs.Runs`, of shape (runs, in, out), and its ``paths``, of shape
        (records, runs, in, out), will do.
    inputs : torch.Tensor
        Shape (points, ...).

    Returns
    -------
    torch.Tensor
        Whole numbers of shape (..., points): (runs, points), or (records, runs, points).
    """
    leading = params[0].shape[:-2]
    flat = [param.flatten(0, -3) for param in params]
    return predict_many(flat, inputs).argmax(dim=-1).reshape(*leading, len(inputs))


def standard_error(share, count):
    r"""Return the standard error of a share that was measured on some independent cases.

    .. math:: \sqrt{p (1 - p) / n}

    Parameters
    ----------
    share : float
        The share p that was found, from 0 to 1.
    count : int
        The number n of cases, at least 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the share does not lie between 0 and 1, or there is no case.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, but it is {share}")
    if count < 1:
        raise ValueError(f"a share needs at least 1 case, but count is {count}")
    return math.sqrt(share * (1 - share) / count)
