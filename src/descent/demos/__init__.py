"""The demos of the chapters: figures that a reader moves."""

from descent.demos.momentum import momentum
from descent.demos.search import random_steps

__all__ = ["momentum", "random_steps"]
