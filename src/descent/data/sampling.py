"""Minibatches: a few random points at a time, inputs and targets together."""

import torch

from descent.arguments import explain_errors


def sample_minibatch(input_data, target_data, num_points=100):
    """Draw different points at random: inputs, and the targets that belong to them.

    Parameters
    ----------
    input_data : torch.Tensor
        Shape (points, ...).
    target_data : torch.Tensor
        Shape (points, ...).
    num_points : int
        How many points to draw, from 1 to all. No point is drawn twice in one call.

    Returns
    -------
    batch_inputs, batch_targets : torch.Tensor
        Shapes (num_points, ...): copies, in random order.

    Raises
    ------
    ValueError
        If there is not one target for each input, or there are fewer points than are asked for.
    """
    _check(input_data, target_data, num_points)
    batch_indices = torch.randperm(len(input_data))[:num_points]
    return input_data[batch_indices], target_data[batch_indices]


def epoch(input_data, target_data, batch_size=100):
    """Go through the data once, in random order, a minibatch at a time.

    Parameters
    ----------
    input_data : torch.Tensor
        Shape (points, ...).
    target_data : torch.Tensor
        Shape (points, ...).
    batch_size : int
        Points in each minibatch, from 1 to all. The last one is smaller if this does not divide the
        number of points, so that every point comes exactly once.

    Returns
    -------
    iterator of (torch.Tensor, torch.Tensor)
        Inputs and targets of one minibatch after the other.

    Raises
    ------
    ValueError
        If there is not one target for each input, or there are fewer points than are asked for.
    """
    _check(input_data, target_data, batch_size)
    order = torch.randperm(len(input_data))
    return ((input_data[part], target_data[part]) for part in order.split(batch_size))


def _check(input_data, target_data, num_points):
    points = len(input_data)
    if len(target_data) != points:
        raise ValueError(
            f"every input needs a target, but there are {points} inputs "
            f"and {len(target_data)} targets"
        )
    if not 1 <= num_points <= points:
        raise ValueError(
            f"a minibatch of different points holds 1 to {points} of these {points} points, "
            f"but {num_points} were asked for"
        )


explain_errors(__name__)
