"""The numbers behind an explorer: checked, and packed small for the page.

A column has one axis for each control, in their order, and a last one for its rows. An axis that a
control does not matter for has length one.
"""

import base64
import gzip
import json
from collections.abc import Mapping

import numpy as np

from livepage.describing import described

KINDS = "biufU"  # of NumPy's types: those that a page can show
MESSAGE = "message"  # the data set that is shown in words
DIGITS = 12  # bits kept of a number's fraction: an error of at most one part in 8,192


def check_datasets(datasets, lengths):
    """Return the columns of all data sets as arrays, after checking their shapes.

    Parameters
    ----------
    datasets : dict of str to dict of str to array-like
        For each data set its columns.
    lengths : sequence of int
        How many values each control has.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray

    Raises
    ------
    TypeError
        If these are no dicts, or a column holds other things than real numbers, words and truths.
    ValueError
        If a column has another shape than one axis of the right length, or of length one, for each
        control and one for the rows; or the columns of a data set have different numbers of rows.
    """
    checked = {}
    for name, columns in _named("compute is to return a dict of data sets", datasets):
        pairs = list(_named(f"the data set {name!r} is to be a dict of columns", columns))
        arrays = {column: _as_array(f"{name}.{column}", values) for column, values in pairs}
        for column, array in arrays.items():
            _check_shape(f"{name}.{column}", array, lengths)
        rows = {array.shape[-1] for array in arrays.values()} - {1}
        if len(rows) > 1:
            raise ValueError(f"the columns of {name} have different numbers of rows: {rows}")
        checked[name] = arrays
    _check_message(checked.get(MESSAGE))
    return checked


def _check_message(columns):
    if columns is None:
        return
    text = columns.get("text")
    if text is None or text.dtype.kind != "U" or text.shape[-1] != 1:
        raise ValueError(
            f"the data set {MESSAGE!r} is to have a column 'text' with one row of words"
        )


def _named(wanted, parts):
    """Return the pairs of a dict whose keys are words and which is not empty."""
    if not isinstance(parts, Mapping):
        raise TypeError(f"{wanted}, not {described(parts)}")
    if not parts:
        raise TypeError(f"{wanted}, and it is empty")
    for name in parts:
        if not isinstance(name, str):
            raise TypeError(f"{wanted} by name, but {described(name)} is no name")
    return parts.items()


def _as_array(name, values):
    try:
        if hasattr(values, "detach"):
            values = values.detach().cpu().numpy()
        array = np.asarray(values)
    except Exception as error:  # what cannot be an array says so in many ways
        raise TypeError(f"{name} cannot be made an array: {error}") from error
    if array.dtype.kind not in KINDS:
        raise TypeError(f"{name} is to hold real numbers, words or truths, not {array.dtype}")
    return array


def _check_shape(name, array, lengths):
    axes = array.shape[:-1]
    fits = array.ndim == len(lengths) + 1 and all(
        axis in (1, length) for axis, length in zip(axes, lengths, strict=True)
    )
    if not fits:
        wanted = " x ".join(f"{length} or 1" for length in lengths)
        raise ValueError(
            f"{name} has the shape {array.shape}; wanted {wanted} x the number of rows: "
            "one axis for each control, and the rows last"
        )


def rows_at(columns, indices):
    """Return the rows of a data set at one setting, as a chart takes them.

    Parameters
    ----------
    columns : dict of str to numpy.ndarray
        As from `check_datasets`.
    indices : sequence of int
        Which value each control has.

    Returns
    -------
    list of dict
    """
    count = max(array.shape[-1] for array in columns.values())
    picked = {}
    for name, array in columns.items():
        place = tuple(
            0 if axis == 1 else index for axis, index in zip(array.shape[:-1], indices, strict=True)
        )
        picked[name] = [_plain(value) for value in np.broadcast_to(array[place], count)]
    return [dict(zip(picked, row, strict=True)) for row in zip(*picked.values(), strict=True)]


def _plain(value):
    """Return a number or a word as JSON knows it; what is not finite is missing."""
    value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def pack(datasets):
    """Pack all columns into text that `explorer.js` unpacks.

    Whole numbers are kept, other numbers to one part in 8,192, words as places in a list. The bytes
    of equal weight lie together, which makes them compress well.

    Parameters
    ----------
    datasets : dict of str to dict of str to numpy.ndarray
        As from `check_datasets`.

    Returns
    -------
    dict
        ``columns`` describes each column in turn; ``blob`` holds them, in base64 of gzip.
    """
    listed, parts = [], []
    for dataset, columns in datasets.items():
        for name, array in columns.items():
            kind, numbers, words = _encode(array)
            listed.append(
                {"dataset": dataset, "name": name, "kind": kind, "shape": array.shape}
                | ({"words": words} if words else {})
            )
            planes = numbers.reshape(-1).view(np.uint8).reshape(-1, numbers.itemsize).T
            parts.append(planes.tobytes())
    blob = gzip.compress(b"".join(parts), compresslevel=9, mtime=0)
    return {"columns": listed, "blob": base64.b64encode(blob).decode()}


def _encode(array):
    """Return how a column is kept, its numbers, and the words that they count, if any."""
    if array.dtype.kind == "U":
        words, codes = np.unique(array, return_inverse=True)
        return "words", codes.astype("<u2").reshape(array.shape), words.tolist()
    if array.dtype.kind == "b":
        return "int16", array.astype("<i2"), None
    for kind in ("int16", "int32") if array.dtype.kind in "iu" else ():
        whole = np.iinfo(kind)
        if whole.min <= array.min(initial=0) and array.max(initial=0) <= whole.max:
            return kind, array.astype(np.dtype(kind).newbyteorder("<")), None
    return "float32", _shorten(array), None


def _shorten(array):
    """Round to the nearest number whose fraction has few bits, as 32-bit floats."""
    exact = np.clip(array, -3e38, 3e38)  # infinity stays infinite only if nothing overflows
    exact = np.where(np.isfinite(array), exact, np.nan).astype("<f4")
    drop = 23 - DIGITS
    bits = exact.view("<u4")
    rounded = (bits + np.uint32(1 << (drop - 1))) & np.uint32(~((1 << drop) - 1) & 0xFFFFFFFF)
    return np.where(np.isnan(exact), np.float32(np.nan), rounded.view("<f4")).astype("<f4")


def as_script(name, payload):
    """Return a classic script that hands data to `explorer.js`: it loads from a file too."""
    return f"livepage.receive({json.dumps(name)}, {json.dumps(payload, separators=(',', ':'))});\n"
