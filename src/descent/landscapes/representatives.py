"""A few of many losses that, each with its weight, stand for the mean of all of them."""

import numpy as np
import torch
from scipy.optimize import nnls


def representatives(losses, count):
    """Choose a few points whose weighted losses are nearly the mean loss, at many places at once.

    One after another, the point is added whose loss is most like what is still missing. After each,
    the weights of all that are chosen are fitted afresh, by least squares and at least zero.

    Parameters
    ----------
    losses : torch.Tensor
        The loss of each point at each place, shape (places, points).
    count : int
        How many points to choose at most, from 1 to all of them.

    Returns
    -------
    chosen : torch.Tensor
        The indices of the points, shape (count,), or fewer if these give the mean already.
    weights : torch.Tensor
        Their weights, double precision.

    Raises
    ------
    ValueError
        If ``count`` is out of its range.

    References
    ----------
    Bruckstein, Elad and Zibulevsky (2008), On the uniqueness of nonnegative sparse solutions to
    underdetermined systems of equations: orthogonal matching pursuit with weights of one sign.
    """
    points = losses.shape[1]
    if not 1 <= count <= points:
        raise ValueError(f"of {points} points 1 to {points} can be chosen, not {count}")
    each = losses.detach().double().cpu().numpy()
    mean = each.mean(axis=1)
    lengths = np.linalg.norm(each, axis=0)
    chosen, missing = [], mean
    while len(chosen) < count:
        likeness = each.T @ missing / lengths
        likeness[chosen] = -np.inf
        chosen.append(int(likeness.argmax()))
        weights, _ = nnls(each[:, chosen], mean)
        missing = mean - each[:, chosen] @ weights
    kept = np.flatnonzero(weights)
    return torch.tensor(chosen)[kept], torch.from_numpy(weights[kept])
