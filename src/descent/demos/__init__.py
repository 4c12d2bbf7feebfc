"""The demos of the chapters: figures that a reader moves."""

from descent.demos.bonus import rate_and_batch
from descent.demos.minibatches import batch_size_race, update_cost
from descent.demos.momentum import momentum
from descent.demos.search import random_steps

__all__ = ["batch_size_race", "momentum", "random_steps", "rate_and_batch", "update_cost"]
