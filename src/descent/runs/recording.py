"""What is kept of many runs."""

from dataclasses import dataclass

import torch

from descent.runs.grids import Grid
from descent.runs.running import told_which_run


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
        The parameters after the last step, with a leading dimension of runs; NaN for a run that
        diverged. If the runs were interrupted, those of the moment.
    paths : list of torch.Tensor or None
        The parameters at each recorded step, shape (records, runs, ...).
    interrupted : bool
        Whether the runs were stopped before their end.
    """

    grid: Grid
    steps: list
    losses: torch.Tensor
    params: list
    paths: list | None = None
    interrupted: bool = False

    def table(self):
        """Return a tidy table: a row for each run and record; columns: axes, step, loss."""
        records, runs = self.losses.shape
        table = self.grid.table().loc[lambda rows: rows.index.repeat(records)]
        table = table.assign(step=self.steps * runs, loss=self.losses.T.reshape(-1).tolist())
        return table.reset_index(drop=True)


class Record:
    """What is kept of the recorded steps.

    Parameters
    ----------
    running : descent.runs.running.Running
        The runs.
    measure_fn, keep_paths
        As for `descent.runs.descend`.
    """

    def __init__(self, running, measure_fn=None, keep_paths=False):
        self.running = running
        self.measure_fn = told_which_run(measure_fn) if measure_fn else None
        self.keep_paths = keep_paths
        self.interrupted = False
        self.steps = []
        self._losses = []
        self._points = []

    def add(self, step, losses):
        """Keep the losses of a step, or what is measured in their place."""
        if self.measure_fn:
            with torch.no_grad():
                losses = self.running.losses(self.measure_fn, "measure_fn")
        losses = self.running.spread(losses.detach())
        points = self._params() if self.keep_paths else []
        self._losses.append(losses)
        self._points.append(points)
        self.steps.append(step)

    def _params(self):
        return [self.running.spread(param) for param in self.running.detached()]

    def runs(self, settings):
        """Return what was kept, and the last parameters."""
        params = self._params()
        records = len(self.steps)  # an interrupt may have come between two lists
        empty = params[0].new_empty(0, self.running.total)
        losses = torch.stack(self._losses[:records]) if records else empty
        paths = [torch.stack(parts) for parts in zip(*self._points[:records], strict=True)]
        kept = paths if self.keep_paths else None
        return Runs(settings, self.steps, losses, params, kept, self.interrupted)
