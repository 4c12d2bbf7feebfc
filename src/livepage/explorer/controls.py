"""What a reader moves: sliders and choices."""

import math
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real

import numpy as np

from livepage.describing import described


@dataclass(frozen=True)
class Slider:
    """A slider over numbers.

    Attributes
    ----------
    label : str
        What stands beside it.
    values : sequence of float
        The values it can take on a page, increasing. In a live kernel it takes all between them:
        logarithmically if that spaces them more evenly, whole numbers if all of them are.
    default : float
        The one it begins with, one of the values.
    unit : str
        What stands behind the value.
    view : bool
        Whether it belongs to the picture alone: a parameter of the chart with the name of the
        control. No numbers are computed for it.
    """

    label: str
    values: tuple
    default: float
    unit: str = ""
    view: bool = False

    def __post_init__(self):
        """Check the values."""
        _check_kind("label", self.label, str)
        _check_kind("unit", self.unit, str)
        _check_kind("view", self.view, bool)
        values = [_number(self.label, value) for value in _listed(self.label, self.values)]
        object.__setattr__(self, "values", tuple(values))
        if len(values) < 2 or any(b <= a for a, b in pairwise(values)):
            raise ValueError(
                f"the slider {self.label!r} needs two or more increasing values, not {values}"
            )
        _check_default(self)

    @property
    def texts(self):
        """How each value is written, with its unit."""
        return [f"{_text(value)} {self.unit}".rstrip() for value in self.values]

    @property
    def logarithmic(self):
        """Whether the values are spaced more evenly on a logarithmic scale."""
        if self.values[0] <= 0 or self.values[-1] < 5 * self.values[0]:
            return False
        gaps, ratios = np.diff(self.values), np.diff(np.log(self.values))
        return bool(ratios.std() / ratios.mean() < gaps.std() / gaps.mean())

    @property
    def whole(self):
        """Whether all values are whole numbers."""
        return all(isinstance(value, int) for value in self.values)


@dataclass(frozen=True)
class Choice:
    """A choice among a few named values.

    Attributes
    ----------
    label : str
        What stands beside it.
    values : dict of str to object
        What each name stands for.
    default : str
        The name that is chosen at first.
    """

    label: str
    values: dict
    default: str
    view = False

    def __post_init__(self):
        """Check the values."""
        _check_kind("label", self.label, str)
        _check_kind("values", self.values, dict)
        for name in self.values:
            _check_kind(f"each name of the choice {self.label!r}", name, str)
        if len(self.values) < 2:
            raise ValueError(f"the choice {self.label!r} needs two or more values")
        _check_default(self)

    @property
    def texts(self):
        """The names."""
        return list(self.values)


def index_of_default(control):
    """Return the place of the default among the values of a control."""
    return list(control.values).index(control.default)


def values_of(control):
    """Return the values of a control as what is computed with."""
    return list(control.values.values() if isinstance(control, Choice) else control.values)


def _check_kind(what, value, kind):
    if not isinstance(value, kind):
        raise TypeError(f"{what} is to be of type {kind.__name__}, not {described(value)}")


def _listed(label, values):
    try:
        return list(values)
    except Exception as error:  # what has no values says so in many ways
        raise TypeError(
            f"the slider {label!r} takes a sequence of numbers, not {described(values)}"
        ) from error


def _number(label, value):
    """Return a value of a slider as a Python number."""
    single = value.item() if getattr(value, "shape", None) == () else value
    if not isinstance(single, Real) or not math.isfinite(single):
        raise TypeError(f"the slider {label!r} takes finite numbers, not {described(value)}")
    return single


def _check_default(control):
    _check_kind("default", control.default, str if isinstance(control, Choice) else Real)
    if control.default not in control.values:
        raise ValueError(
            f"{control.label!r} begins with {control.default!r}, "
            f"which is not among {list(control.values)}"
        )


def _text(value):
    """Write a number with three digits, as a textbook would."""
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:.3g}"
    if "e" not in text:
        return text
    digits, exponent = text.split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits} · 10{raised}" if digits != "1" else f"10{raised}"
