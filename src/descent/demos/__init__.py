"""The demos of the chapters: figures that a reader moves."""

from descent.demos.momentum import momentum
from descent.demos.momentum_map import momentum_map

__all__ = ["momentum", "momentum_map"]
