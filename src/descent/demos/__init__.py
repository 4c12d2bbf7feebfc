"""The demos of the chapters: figures that a reader moves."""

from descent.demos.adaptive import four_optimizers, optimizers_data, robustness, robustness_data
from descent.demos.minibatches import batch_size_race, update_cost
from descent.demos.momentum import momentum
from descent.demos.momentum_map import momentum_map
from descent.demos.overparameterization import overparameterization, overparameterization_data
from descent.demos.playing import digits_slice, playground
from descent.demos.search import random_steps

__all__ = [
    "batch_size_race",
    "digits_slice",
    "four_optimizers",
    "momentum",
    "momentum_map",
    "optimizers_data",
    "overparameterization",
    "overparameterization_data",
    "playground",
    "random_steps",
    "robustness",
    "robustness_data",
    "update_cost",
]
