"""The numbers behind an explorer: checked, and packed small for the page.

A column has one axis for each control, in their order, and a last one for its rows. An axis that a
control does not matter for has length one.
"""

import base64
import gzip
import json

import numpy as np

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
    ValueError
        If a column has another shape than one axis of the right length, or of length one, for each
        control and one for the rows; or the columns of a data set have different numbers of rows.
    """
    checked = {}
    for name, columns in datasets.items():
        arrays = {column: _as_array(values) for column, values in columns.items()}
        for column, array in arrays.items():
            _check_shape(f"{name}.{column}", array, lengths)
        rows = {array.shape[-1] for array in arrays.values()} - {1}
        if len(rows) > 1:
            raise ValueError(f"the columns of {name} have different numbers of rows: {rows}")
        checked[name] = arrays
    return checked


def _as_array(values):
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return np.asarray(values)


def _check_shape(name, array, lengths):
    axes = array.shape[:-1]
    fits = len(axes) == len(lengths) and all(
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
    described, parts = [], []
    for dataset, columns in datasets.items():
        for name, array in columns.items():
            kind, numbers, words = _encode(array)
            described.append(
                {"dataset": dataset, "name": name, "kind": kind, "shape": array.shape}
                | ({"words": words} if words else {})
            )
            planes = numbers.reshape(-1).view(np.uint8).reshape(-1, numbers.itemsize).T
            parts.append(planes.tobytes())
    blob = gzip.compress(b"".join(parts), compresslevel=9, mtime=0)
    return {"columns": described, "blob": base64.b64encode(blob).decode()}


def _encode(array):
    """Return how a column is kept, its numbers, and the words that they count, if any."""
    if array.dtype.kind in "US":
        words, codes = np.unique(array, return_inverse=True)
        return "words", codes.astype("<u2").reshape(array.shape), words.tolist()
    if array.dtype.kind == "b":
        return "int16", array.astype("<i2"), None
    if array.dtype.kind in "iu":
        kind = "int16" if abs(array).max(initial=0) < 2**15 else "int32"
        return kind, array.astype("<i2" if kind == "int16" else "<i4"), None
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
