"""Minibatch training of many networks at once."""

from descent.data import epoch
from descent.models import losses_many


def minibatch_losses(inputs, targets, batch_size, sample_fn=epoch):
    """Return a loss for `descent.runs.descend` that is taken on a new minibatch each time.

    All runs see the same minibatches, which are drawn from PyTorch's global random numbers.

    Parameters
    ----------
    inputs : torch.Tensor
        Shape (points, ...), on the device of the runs.
    targets : torch.Tensor
        The right classes, shape (points,).
    batch_size : int
        Points in each minibatch, from 1 to all.
    sample_fn : callable
        ``sample_fn(inputs, targets, batch_size)`` yields the minibatches of an epoch, as
        `descent.data.epoch` does.

    Returns
    -------
    callable
        Takes parameters of many networks, as from `descent.models.stack_models`; returns a loss
        for each.

    Raises
    ------
    ValueError
        If there is not one target for each input, there are fewer points than a minibatch has, or
        ``sample_fn`` yields none.
    """
    batches = iter(sample_fn(inputs, targets, batch_size))

    def losses(params):
        nonlocal batches
        batch = next(batches, None)
        if batch is None:
            batches = iter(sample_fn(inputs, targets, batch_size))
            batch = next(batches, None)
        if batch is None:
            raise ValueError("sample_fn must yield the minibatches of an epoch, but it yields none")
        return losses_many(params, *batch)

    return losses
