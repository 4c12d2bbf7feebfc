"""Many optimizations at once: every combination of some settings, in one batched program."""

from descent.arguments import explain_errors
from descent.runs.descents import descend
from descent.runs.grids import Grid, grid
from descent.runs.joining import join
from descent.runs.rates import (
    best_gradient_descent,
    best_heavy_ball,
    first_step_below,
    heavy_ball_factor,
)
from descent.runs.recording import Runs
from descent.runs.robustness import decades_below
from descent.runs.searching import random_search
from descent.runs.second_order import run_lbfgs
from descent.runs.trajectories import run_newton, run_optimizer

__all__ = [
    "Grid",
    "Runs",
    "best_gradient_descent",
    "best_heavy_ball",
    "decades_below",
    "descend",
    "first_step_below",
    "grid",
    "heavy_ball_factor",
    "join",
    "random_search",
    "run_lbfgs",
    "run_newton",
    "run_optimizer",
]

explain_errors(__name__)
