"""Parts of a grid that were run apart, made one again."""

import math
from dataclasses import replace
from itertools import pairwise

import torch

from descent.runs.grids import Grid


def join(parts):
    """Put the results of neighbouring parts of a grid together.

    Parameters
    ----------
    parts : sequence of Runs
        In the order of their runs, as `descent.runs.Grid.cut` cut their grids.

    Returns
    -------
    Runs
        What one descent over all these settings returns.

    Raises
    ------
    ValueError
        If there is no part, the parts are not neighbours in one grid, or they recorded other steps.
    """
    if not parts:
        raise ValueError("there is nothing to join: give at least one part")
    first, *others = parts
    if any(other.steps != first.steps for other in others):
        raise ValueError("the parts of a grid must have recorded the same steps")
    paths = None
    if first.paths is not None:
        paths = _joined([part.paths for part in parts], dim=1)
    return replace(
        first,
        grid=_whole([part.grid for part in parts]),
        losses=torch.cat([part.losses for part in parts], dim=1),
        params=_joined([part.params for part in parts], dim=0),
        paths=paths,
    )


def _joined(lists, dim):
    return [torch.cat(same, dim=dim) for same in zip(*lists, strict=True)]


def _whole(grids):
    axes = grids[0].axes
    ranges = [grid.chosen or range(len(grid)) for grid in grids]
    neighbours = all(one.stop == other.start for one, other in pairwise(ranges))
    if not neighbours or any(list(grid.axes.items()) != list(axes.items()) for grid in grids):
        raise ValueError("only neighbouring parts of one grid can be joined, in their order")
    rows = range(ranges[0].start, ranges[-1].stop)
    runs = math.prod(len(values) for values in axes.values())
    return Grid(axes, None if len(rows) == runs else rows)
