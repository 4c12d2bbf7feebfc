"""Values in a few words, as errors tell of them."""

import inspect
import reprlib

import numpy as np
import torch

MOST_DIGITS = 15  # of an integer that is told


def describe(value):
    """Say in a few words what a value is: a number or a text itself, of a tensor its shape.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str
    """
    if isinstance(value, torch.Tensor):
        return _described_tensor(value)
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}, {value.dtype}"
    kind = type(value)
    if kind is int and abs(value) >= 10**MOST_DIGITS:
        return f"an integer of {value.bit_length()} bits"
    if value is None or kind in (bool, int, float, complex, str, bytes):
        return reprlib.repr(value)
    if kind in (list, tuple, set, dict):
        return f"a {kind.__name__} of {len(value)}" if value else f"an empty {kind.__name__}"
    if inspect.isclass(value) or inspect.isroutine(value):
        return f"{getattr(value, '__name__', 'a callable')} itself"
    return f"an object of type {kind.__name__}"


def _described_tensor(tensor):
    words = [f"a tensor of shape {tuple(tensor.shape)}", str(tensor.dtype).removeprefix("torch.")]
    if tensor.device.type != "cpu":
        words.append(f"on {tensor.device}")
    can_be_read = tensor.device.type != "meta" and tensor.layout is torch.strided
    if can_be_read and not tensor.isfinite().all():
        words.append("not all finite")
    return ", ".join(words)
