"""Many optimizations at once: every combination of some settings, in one batched program."""

from descent.runs.descents import Runs, descend
from descent.runs.grids import Grid, grid
from descent.runs.searching import random_search
from descent.runs.trajectories import run_newton, run_optimizer

__all__ = ["Grid", "Runs", "descend", "grid", "random_search", "run_newton", "run_optimizer"]
