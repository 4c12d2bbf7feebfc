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
