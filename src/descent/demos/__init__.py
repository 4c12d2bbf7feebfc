"""The demos of the chapters: figures that a reader moves."""

from descent.demos.momentum import momentum

__all__ = ["momentum"]
