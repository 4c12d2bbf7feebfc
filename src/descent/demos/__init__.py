"""The demos of the chapters: figures that a reader moves."""

from descent.demos.momentum import momentum
from descent.demos.momentum_map import momentum_map
from descent.demos.overparameterization import overparameterization, overparameterization_data

__all__ = ["momentum", "momentum_map", "overparameterization", "overparameterization_data"]
