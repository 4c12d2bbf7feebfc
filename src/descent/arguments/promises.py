"""What docstrings promise about arguments, in the words of numpydoc, and whether values keep it."""

import functools
import inspect
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from numbers import Integral, Real

import numpy as np
import torch

from descent.arguments.describing import describe

SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}\n|\Z)", re.MULTILINE | re.DOTALL)
PROMISE = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*) : (.+)$", re.MULTILINE)
KINDS = {
    "bool": (bool, np.bool_),
    "int": Integral,
    "float": Real,
    "number": Real,
    "numbers": Real,
    "str": str,
    "dict": Mapping,
}
CONTAINERS = {
    "list": (list, tuple),
    "tuple": (list, tuple),
    "sequence": (Sequence, np.ndarray, torch.Tensor),
    "collection": (Collection, np.ndarray, torch.Tensor),
}
MAPPINGS = {"dict", "mapping"}


@functools.cache
def promises(documented):
    """Return what kind of thing each argument is, in the words of the docstring."""
    section = SECTION.search(inspect.getdoc(documented) or "")
    return {
        name.strip("* "): kind
        for names, kind in PROMISE.findall(section[1] if section else "")
        for name in names.split(",")
    }


def misfit(value, kind, place, names):
    """Say what in a value is not of a kind, or nothing.

    Parameters
    ----------
    value : object
        The argument, or a part of it.
    kind : str
        In the words of numpydoc: "list of torch.Tensor", "int or str", "(float, float)".
    place : str
        How the value is reached: ``"params[0]"``.
    names : dict
        Where the names of classes are looked up.
    """
    wrong = f"{place} is {describe(value)}"
    if kind.endswith(", optional"):
        return "" if value is None else misfit(value, kind.removesuffix(", optional"), place, names)
    alternatives = _split(kind, " or ")
    if len(alternatives) > 1:
        fits = any(not misfit(value, one, place, names) for one in alternatives)
        return "" if fits else wrong
    if kind.startswith("("):
        return _misfit_of_brackets(value, _split(kind[1:-1], ", "), place, names)
    outer, _, inner = kind.partition(" of ")
    if outer in MAPPINGS and inner:
        return _misfit_of_mapping(value, inner, place, names)
    if outer in CONTAINERS:
        return _misfit_of_container(value, outer, inner, place, names)
    return "" if _is(value, kind, names) else wrong


def _misfit_of_container(value, outer, kind, place, names):
    if not isinstance(value, CONTAINERS[outer]) or isinstance(value, str | bytes):
        return f"{place} is {describe(value)}"
    if isinstance(value, np.ndarray | torch.Tensor):
        return "" if value.ndim else f"{place} is {describe(value)}"
    return _first_misfit(value, [kind] * len(value), place, names) if kind else ""


def _misfit_of_brackets(value, kinds, place, names):
    if len(kinds) == 1:  # they only keep words together
        return misfit(value, kinds[0], place, names)
    if not isinstance(value, list | tuple) or len(value) != len(kinds):
        return f"{place} is {describe(value)}"
    return _first_misfit(value, kinds, place, names)


def _first_misfit(parts, kinds, place, names):
    pairs = enumerate(zip(parts, kinds, strict=True))
    found = (misfit(part, kind, f"{place}[{at}]", names) for at, (part, kind) in pairs)
    return next(filter(None, found), "")


def _misfit_of_mapping(value, kinds, place, names):
    if not isinstance(value, Mapping):
        return f"{place} is {describe(value)}"
    key_kind, _, part_kind = kinds.partition(" to ")
    for key, part in value.items():
        wrong = misfit(key, key_kind, f"a key of {place}", names) or misfit(
            part, part_kind, f"{place}[{describe(key)}]", names
        )
        if wrong:
            return wrong
    return ""


def _split(text, separator):
    """Split a text where it is in no brackets."""
    parts = [""]
    for piece in re.split(f"({re.escape(separator)})", text):
        inside = parts[-1].count("(") > parts[-1].count(")")
        if piece == separator and not inside:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _is(value, kind, names):
    if kind == "callable":
        return callable(value)
    if kind in KINDS:
        single = isinstance(value, torch.Tensor) and value.ndim == 0
        return isinstance(value, KINDS[kind]) or (KINDS[kind] is Real and single)
    top, *rest = kind.split(".")
    found = names.get(top, sys.modules.get(top))
    for part in rest:
        found = getattr(found, part, None)
    # What the docstring calls by another name is not judged.
    return not inspect.isclass(found) or isinstance(value, found)
