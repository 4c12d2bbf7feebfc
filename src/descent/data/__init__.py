"""The digits: where they come from, how they are checked, normalised and described."""

from descent.arguments import explain_errors
from descent.data.errors import DataError
from descent.data.loading import describe, load_mnist_data, show_data_notice
from descent.data.splitting import split_validation

__all__ = [
    "DataError",
    "describe",
    "epoch",
    "load_mnist_data",
    "sample_minibatch",
    "show_data_notice",
    "split_validation",
]


def __getattr__(name):
    """Import what needs torch when it is first asked for: `python -m descent.data` must not."""
    if name not in ("epoch", "sample_minibatch"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from descent.data import sampling

    return getattr(sampling, name)


def __dir__():
    return __all__


explain_errors(__name__)
