"""Many optimizations at once: every combination of some settings, in one batched program."""

import inspect
import itertools
from dataclasses import dataclass

import pandas as pd
import torch

from descent.landscapes import random_directions


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of some named settings; one combination is one run.

    Attributes
    ----------
    axes : dict of str to tuple of float
        The values of each setting. The last axis varies fastest from run to run.
    """

    axes: dict

    def __len__(self):
        return len(self.combinations())

    def combinations(self):
        """Return one tuple of values for each run."""
        return list(itertools.product(*self.axes.values()))

    def hyperparameters(self, like):
        """Return each setting as a tensor of shape (runs, 1, 1), with the type of ``like``."""
        columns = zip(*self.combinations(), strict=True)
        return {
            name: like.new_tensor(column).reshape(-1, 1, 1)
            for name, column in zip(self.axes, columns, strict=True)
        }

    def table(self):
        """Return one row for each run, with a column for each axis."""
        return pd.DataFrame(self.combinations(), columns=list(self.axes))


def grid(**axes):
    """Name the settings of many runs: ``grid(lr=[0.1, 0.2], beta=[0, 0.9])`` makes four.

    Parameters
    ----------
    **axes : number or sequence of numbers
        The values of each setting, under the name that the update rule gives it.

    Returns
    -------
    Grid

    Raises
    ------
    ValueError
        If there is no axis, or an axis has no value.
    """
    if not axes:
        raise ValueError("a grid needs at least one axis, as in grid(lr=[0.1, 0.2])")
    values = {
        name: tuple(torch.as_tensor(axis, dtype=torch.float64).reshape(-1).tolist())
        for name, axis in axes.items()
    }
    empty = [name for name, axis in values.items() if not axis]
    if empty:
        raise ValueError(f"every axis of a grid needs a value, but {', '.join(empty)} has none")
    return Grid(values)


@dataclass(frozen=True)
class Runs:
    """What many optimizations gave.

    Attributes
    ----------
    grid : Grid
        The settings of each run.
    losses : torch.Tensor
        Shape (steps + 1, runs): the loss before the first step and after each one. A run that
        diverges ends in infinity or NaN.
    params : list of torch.Tensor
        The parameters after the last step, with a leading dimension of runs.
    paths : list of torch.Tensor or None
        The parameters before the first step and after each one, shape (steps + 1, runs, ...).
    """

    grid: Grid
    losses: torch.Tensor
    params: list
    paths: list | None = None

    def table(self):
        """Return a tidy table: a row for each run and step; columns: axes, step, loss."""
        steps, runs = self.losses.shape
        table = self.grid.table().loc[lambda rows: rows.index.repeat(steps)]
        table = table.assign(
            step=list(range(steps)) * runs, loss=self.losses.T.reshape(-1).tolist()
        )
        return table.reset_index(drop=True)


def descend(losses_fn, start, update_fn, settings, steps, keep_paths=False):
    """Run one update rule from one start with every combination of some settings, all at once.

    The rule is an ordinary update function, such as the one that a reader writes for a single
    network. It serves many runs because it is elementwise, and because the gradient of the summed
    loss of independent runs is the gradient of each.

    Parameters
    ----------
    losses_fn : callable
        Takes parameters with a leading dimension of runs, returns losses of shape (runs,).
    start : list of torch.Tensor
        Where every run starts, without a dimension of runs: shapes (in, out) and (1, out), say.
    update_fn : callable
        ``update_fn(loss, params, *state, **hyperparameters)``, in place. Every argument after
        ``params`` without a default and without an axis is a state, such as a velocity: it starts
        at zero.
    settings : Grid
        From `grid`; its names are arguments of ``update_fn``.
    steps : int
        Number of updates, at least 0.
    keep_paths : bool
        Whether to keep the parameters of every step. Meant for small problems.

    Returns
    -------
    Runs

    Raises
    ------
    ValueError
        If ``steps`` is negative, an axis is not an argument of ``update_fn``, the start has other
        than two dimensions, or the losses have other than one.
    """
    _check_steps(steps)
    hyperparameters = settings.hyperparameters(like=start[0])
    states = _state_names(update_fn, hyperparameters)
    params = [param.requires_grad_() for param in _repeat(start, len(settings))]
    state = {name: [torch.zeros_like(param) for param in params] for name in states}
    record = _Record(keep_paths)
    for _ in range(steps):
        losses = losses_fn(params)
        record.add(losses, params)
        update_fn(losses.sum(), params, **state, **hyperparameters)
    params = [param.detach() for param in params]
    record.add(losses_fn(params), params)
    return record.runs(settings, params)


def _check_steps(steps):
    if steps < 0:
        raise ValueError(f"the number of steps must be at least 0, but it is {steps}")


def _repeat(start, runs):
    """Return a copy of the start for each run: a leading dimension of runs."""
    shapes = [tuple(param.shape) for param in start]
    if any(len(shape) != 2 for shape in shapes):
        raise ValueError(
            f"a start is a list of tensors with two dimensions, but it has shapes {shapes}"
        )
    return [param.detach().repeat(runs, *[1] * param.dim()) for param in start]


class _Record:
    """What is kept of every step."""

    def __init__(self, keep_paths):
        self.keep_paths = keep_paths
        self.losses = []
        self.points = []

    def add(self, losses, params):
        if losses.shape != params[0].shape[:1]:
            raise ValueError(
                f"losses_fn must return one loss for each of {len(params[0])} runs, "
                f"but it returned a shape of {tuple(losses.shape)}"
            )
        self.losses.append(losses.detach().clone())
        if self.keep_paths:
            self.points.append([param.detach().clone() for param in params])

    def runs(self, settings, params):
        paths = [torch.stack(parts) for parts in zip(*self.points, strict=True)]
        return Runs(settings, torch.stack(self.losses), params, paths if self.keep_paths else None)


def _state_names(update_fn, hyperparameters):
    """Return the names of the states of an update rule; check those of its hyperparameters."""
    arguments = list(inspect.signature(update_fn).parameters.values())[2:]
    names = [argument.name for argument in arguments]
    unknown = [name for name in hyperparameters if name not in names]
    if unknown:
        rule = getattr(update_fn, "__name__", "the update rule")
        raise ValueError(f"{rule} takes {', '.join(names)}, but not {', '.join(unknown)}")
    required = [argument.name for argument in arguments if argument.default is argument.empty]
    return [name for name in required if name not in hyperparameters]


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
        If ``steps`` is negative, the axis is not ``length``, the start has other than two
        dimensions, or the losses have other than one.
    """
    _check_steps(steps)
    if list(settings.axes) != ["length"]:
        raise ValueError("random_search takes one axis, the length of a step: grid(length=[0.1])")
    lengths = settings.hyperparameters(like=start[0])["length"]
    params = _repeat(start, len(settings))
    losses = losses_fn(params)
    record = _Record(keep_paths)
    for _ in range(steps):
        record.add(losses, params)
        directions = random_directions(start, len(settings), generator)
        tried = [param + lengths * part for param, part in zip(params, directions, strict=True)]
        tried_losses = losses_fn(tried)
        better = (tried_losses < losses).reshape(-1, 1, 1)
        params = [torch.where(better, *both) for both in zip(tried, params, strict=True)]
        losses = torch.where(tried_losses < losses, tried_losses, losses)
    record.add(losses, params)
    return record.runs(settings, params)
