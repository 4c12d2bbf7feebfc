"""The demos of the chapters: figures that a reader moves."""

from descent.arguments import explain_errors
from descent.demos.adaptive import four_optimizers, optimizers_data, robustness, robustness_data
from descent.demos.bonus import rate_and_batch
from descent.demos.data_parallel import step_time, step_time_data
from descent.demos.ethics import goodhart, goodhart_data, weighting, weighting_data
from descent.demos.minibatches import batch_size_race, update_cost
from descent.demos.momentum import momentum
from descent.demos.momentum_map import momentum_map
from descent.demos.overparameterization import overparameterization, overparameterization_data
from descent.demos.playing import digits_slice, playground
from descent.demos.search import random_steps
from descent.demos.slices import slices

__all__ = [
    "batch_size_race",
    "digits_slice",
    "four_optimizers",
    "goodhart",
    "goodhart_data",
    "momentum",
    "momentum_map",
    "optimizers_data",
    "overparameterization",
    "overparameterization_data",
    "playground",
    "random_steps",
    "rate_and_batch",
    "robustness",
    "robustness_data",
    "slices",
    "step_time",
    "step_time_data",
    "update_cost",
    "weighting",
    "weighting_data",
]

explain_errors(__name__)
