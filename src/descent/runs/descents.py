"""One update rule, many settings and starts, in one batched program."""

import inspect
from dataclasses import dataclass

import torch

from descent.runs.grids import Grid

START = "start"  # the axis that chooses among several starts


@dataclass(frozen=True)
class Runs:
    """What many optimizations gave.

    Attributes
    ----------
    grid : Grid
        The settings of each run.
    steps : list of int
        The steps that were recorded: 0 is before the first update.
    losses : torch.Tensor
        Shape (records, runs): the loss at each recorded step. A run that diverges ends in infinity
        or NaN.
    params : list of torch.Tensor
        The parameters after the last step, with a leading dimension of runs.
    paths : list of torch.Tensor or None
        The parameters at each recorded step, shape (records, runs, ...).
    """

    grid: Grid
    steps: list
    losses: torch.Tensor
    params: list
    paths: list | None = None

    def table(self):
        """Return a tidy table: a row for each run and record; columns: axes, step, loss."""
        records, runs = self.losses.shape
        table = self.grid.table().loc[lambda rows: rows.index.repeat(records)]
        table = table.assign(step=self.steps * runs, loss=self.losses.T.reshape(-1).tolist())
        return table.reset_index(drop=True)


def descend(
    losses_fn, start, update_fn, settings, steps, keep_paths=False, measure_fn=None, every=1
):
    """Run one update rule with every combination of some settings, all at once.

    The rule is an ordinary update function, such as the one that a reader writes for a single
    network. It serves many runs because it is elementwise, and because the gradient of the summed
    loss of independent runs is the gradient of each.

    Parameters
    ----------
    losses_fn : callable
        Takes parameters with a leading dimension of runs, returns losses of shape (runs,). It is
        called once a step, so it may draw a new minibatch each time.
    start : list of torch.Tensor
        Where every run starts, without a dimension of runs: shapes (in, out) and (1, out), say. If
        ``settings`` has an axis ``start``, several starts along a leading dimension.
    update_fn : callable
        ``update_fn(loss, params, *state, **hyperparameters)``, in place. Every argument after
        ``params`` without a default and without an axis is a state, such as a velocity: it starts
        at zero.
    settings : Grid
        From `grid`. Its names are arguments of ``update_fn``; the axis ``start`` counts the starts
        from 0.
    steps : int
        Number of updates, at least 0.
    keep_paths : bool
        Whether to keep the parameters of every recorded step. Meant for small problems.
    measure_fn : callable, optional
        What to record in place of the losses that are descended, which those on a minibatch call
        for. Takes and returns what ``losses_fn`` does; called at recorded steps only.
    every : int
        Record each step whose number this divides, and the last.

    Returns
    -------
    Runs

    Raises
    ------
    ValueError
        If ``steps`` is negative, ``every`` is less than 1, an axis is not an argument of
        ``update_fn``, the start has other dimensions than it should, a start is not there, or there
        is not one loss for each run.
    """
    check_steps(steps)
    if every < 1:
        raise ValueError(f"every must be at least 1, but it is {every}")
    hyperparameters = settings.hyperparameters(like=start[0])
    indices = hyperparameters.pop(START, None)
    states = state_names(update_fn, hyperparameters)
    first = repeat(start, len(settings)) if indices is None else _chosen(start, indices)
    params = [param.requires_grad_() for param in first]
    state = {name: [torch.zeros_like(param) for param in params] for name in states}
    record = Record(measure_fn, keep_paths)
    for step in range(steps):
        losses = losses_fn(params)
        check_losses(losses, params, "losses_fn")
        if step % every == 0:
            record.add(step, losses, params)
        update_fn(losses.sum(), params, **state, **hyperparameters)
    params = [param.detach() for param in params]
    record.add(steps, None if measure_fn else losses_fn(params), params)
    return record.runs(settings, params)


def check_steps(steps):
    """Raise an error if a number of steps is negative."""
    if steps < 0:
        raise ValueError(f"the number of steps must be at least 0, but it is {steps}")


def repeat(start, runs):
    """Return a copy of the start for each run: a leading dimension of runs."""
    _check_dimensions(start, 2, "a start is a list of tensors with two dimensions")
    return [param.detach().repeat(runs, *[1] * param.dim()) for param in start]


def _chosen(starts, indices):
    """Return for each run a copy of the start that its setting names."""
    _check_dimensions(
        starts, 3, "with an axis start, the starts are a list of tensors with three dimensions"
    )
    counts = sorted({len(param) for param in starts})
    if len(counts) > 1:
        raise ValueError(f"the tensors of the starts must hold equally many, not {counts}")
    wanted = indices.flatten().tolist()
    if not set(wanted) <= set(range(counts[0])):
        raise ValueError(f"the axis start counts the {counts[0]} starts from 0, but has {wanted}")
    return [param.detach()[indices.flatten().long()] for param in starts]


def _check_dimensions(params, wanted, what):
    shapes = [tuple(param.shape) for param in params]
    if any(len(shape) != wanted for shape in shapes):
        raise ValueError(f"{what}, but it has shapes {shapes}")


def check_losses(losses, params, name):
    """Raise an error that names the function if there is not one loss for each run."""
    runs = len(params[0])
    if losses.shape != (runs,):
        raise ValueError(
            f"{name} must return one loss for each of {runs} runs, "
            f"but it returned a shape of {tuple(losses.shape)}"
        )


class Record:
    """What is kept of the recorded steps."""

    def __init__(self, measure_fn=None, keep_paths=False):
        self.measure_fn = measure_fn
        self.keep_paths = keep_paths
        self.steps = []
        self.losses = []
        self.points = []

    def add(self, step, losses, params):
        """Keep the losses of a step, or what is measured in their place."""
        if self.measure_fn:
            with torch.no_grad():
                losses = self.measure_fn([param.detach() for param in params])
        check_losses(losses, params, "measure_fn" if self.measure_fn else "losses_fn")
        self.steps.append(step)
        self.losses.append(losses.detach().clone())
        if self.keep_paths:
            self.points.append([param.detach().clone() for param in params])

    def runs(self, settings, params):
        """Return what was kept, and the last parameters."""
        paths = [torch.stack(parts) for parts in zip(*self.points, strict=True)]
        return Runs(
            settings,
            self.steps,
            torch.stack(self.losses),
            params,
            paths if self.keep_paths else None,
        )


def state_names(update_fn, hyperparameters):
    """Return the names of the states of an update rule; check those of its hyperparameters."""
    arguments = list(inspect.signature(update_fn).parameters.values())[2:]
    names = [argument.name for argument in arguments]
    unknown = [name for name in hyperparameters if name not in names]
    if unknown:
        rule = getattr(update_fn, "__name__", "the update rule")
        raise ValueError(f"{rule} takes {', '.join(names)}, but not {', '.join(unknown)}")
    required = [argument.name for argument in arguments if argument.default is argument.empty]
    return [name for name in required if name not in hyperparameters]
