"""The demos of the chapters: figures that a reader moves."""

from descent.demos.adaptive import four_optimizers, optimizers_data, robustness, robustness_data
from descent.demos.ethics import goodhart, goodhart_data, weighting, weighting_data
from descent.demos.momentum import momentum

__all__ = [
    "four_optimizers",
    "goodhart",
    "goodhart_data",
    "momentum",
    "optimizers_data",
    "robustness",
    "robustness_data",
    "weighting",
    "weighting_data",
]
