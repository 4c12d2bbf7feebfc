"""The demos of the chapters: figures that a reader moves."""

from descent.demos.adaptive import four_optimizers, optimizers_data, robustness, robustness_data
from descent.demos.momentum import momentum

__all__ = ["four_optimizers", "momentum", "optimizers_data", "robustness", "robustness_data"]
