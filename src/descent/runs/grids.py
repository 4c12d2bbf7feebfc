"""Every combination of some settings."""

import itertools
from dataclasses import dataclass

import pandas as pd
import torch


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of some named settings; one combination is one run.

    Attributes
    ----------
    axes : dict of str to tuple of float
        The values of each setting. The last axis varies fastest from run to run.
    chosen : range or None
        Which of all combinations this grid holds, as a part that `cut` made does; ``None`` stands
        for all.
    """

    axes: dict
    chosen: range | None = None

    def __len__(self):
        return len(self.combinations())

    def combinations(self):
        """Return one tuple of values for each run."""
        every = list(itertools.product(*self.axes.values()))
        return every if self.chosen is None else every[self.chosen.start : self.chosen.stop]

    def cut(self, parts):
        """Return the grid in parts of neighbouring runs, which differ in length by at most one run.

        Parameters
        ----------
        parts : int
            How many, at least 1. There are no more than runs.

        Returns
        -------
        list of Grid
            Each as good as a grid for `descend`. `join` makes their results one again.

        Raises
        ------
        ValueError
            If ``parts`` is less than 1.
        """
        if parts < 1:
            raise ValueError(f"a grid is cut into at least 1 part, not {parts}")
        runs, parts = len(self), min(parts, len(self))
        first = self.chosen.start if self.chosen else 0
        ends = [first + runs * part // parts for part in range(parts + 1)]
        return [Grid(self.axes, range(*pair)) for pair in itertools.pairwise(ends)]

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
