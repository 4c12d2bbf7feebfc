"""The demos of the chapters: figures that a reader moves."""

from descent.demos.minibatches import batch_size_race, update_cost
from descent.demos.momentum import momentum
from descent.demos.momentum_map import momentum_map
from descent.demos.overparameterization import overparameterization, overparameterization_data
from descent.demos.search import random_steps

__all__ = [
    "batch_size_race",
    "momentum",
    "momentum_map",
    "overparameterization",
    "overparameterization_data",
    "random_steps",
    "update_cost",
]
