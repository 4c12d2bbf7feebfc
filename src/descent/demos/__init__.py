"""The demos of the chapters: figures that a reader moves."""

from descent.demos.momentum import momentum
from descent.demos.playground import digits_slice, playground

__all__ = ["digits_slice", "momentum", "playground"]
