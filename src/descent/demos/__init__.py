"""The demos of the chapters: figures that a reader moves."""

from descent.demos.momentum import momentum
from descent.demos.momentum_map import momentum_map
from descent.demos.overparameterization import overparameterization, overparameterization_data
from descent.demos.slices import slices

__all__ = [
    "momentum",
    "momentum_map",
    "overparameterization",
    "overparameterization_data",
    "slices",
]
