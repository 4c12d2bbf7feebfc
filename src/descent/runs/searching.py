"""Random search with many step lengths at once."""

import torch

from descent.landscapes import random_directions
from descent.runs.descents import check_steps, repeat
from descent.runs.recording import Record
from descent.runs.running import Running, told_which_run


@torch.no_grad()
def random_search(losses_fn, start, settings, steps, generator=None, keep_paths=False):
    """Search by random steps, with many step lengths at once: keep a step only if it helps.

    Each step tries one direction, uniform on the unit sphere, for each run.

    Parameters
    ----------
    losses_fn : callable
        Takes parameters with a leading dimension of runs, returns losses of shape (runs,).
    start : list of torch.Tensor
        Where every run starts, without a dimension of runs: shapes (in, out) and (1, out), say.
    settings : Grid
        With one axis, ``length``: how long a step is.
    steps : int
        Number of directions to try, at least 0.
    generator : torch.Generator, optional
        The source of random numbers; PyTorch's global one unless told otherwise.
    keep_paths : bool
        Whether to keep the parameters of every step.

    Returns
    -------
    Runs
        Its losses never rise.

    Raises
    ------
    ValueError
        If ``steps`` is negative or beyond a billion, the axis is not ``length``, the start has
        other than two dimensions, or the losses have other than one.
    """
    check_steps(steps)
    if list(settings.axes) != ["length"]:
        raise ValueError("random_search takes one axis, the length of a step: grid(length=[0.1])")
    lengths = settings.hyperparameters(like=start[0])["length"]
    running = Running(repeat(start, len(settings)), {}, {})
    losses = running.losses(told_which_run(losses_fn), "losses_fn")
    record = Record(running, keep_paths=keep_paths)
    for step in range(steps):
        record.add(step, losses)
        directions = random_directions(start, len(settings), generator)
        pairs = zip(running.params, directions, strict=True)
        tried = [param + lengths * part for param, part in pairs]
        tried_losses = losses_fn(tried)
        better = (tried_losses < losses).reshape(-1, 1, 1)
        pairs = zip(tried, running.params, strict=True)
        running.params = [torch.where(better, *pair) for pair in pairs]
        losses = torch.where(tried_losses < losses, tried_losses, losses)
    record.add(steps, losses)
    return record.runs(settings)
