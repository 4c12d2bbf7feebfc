"""The digits: where they come from, how they are checked, normalised and described."""

from descent.data.errors import DataError
from descent.data.loading import describe, load_mnist_data, show_data_notice

__all__ = ["DataError", "describe", "load_mnist_data", "show_data_notice"]
