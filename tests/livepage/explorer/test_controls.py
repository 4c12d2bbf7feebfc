import numpy as np
import pytest
import torch

from livepage.explorer import Choice, Slider


def test_values_are_written_as_in_a_textbook():
    slider = Slider("lr", (1e-4, 0.0025, 0.1, 1.0, 20.0, 1234.5), 0.1)
    assert slider.texts == ["0.0001", "0.0025", "0.1", "1", "20", "1.23 · 10³"]
    assert Slider("steps", (10, 2000), 10, unit="steps").texts == ["10 steps", "2,000 steps"]
    assert Slider("lr", (1e-6, 1e-5), 1e-5).texts == ["10⁻⁶", "10⁻⁵"]


@pytest.mark.parametrize(
    ("values", "logarithmic"),
    [
        (tuple(np.geomspace(0.01, 10, 7)), True),
        ((0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0), True),
        (tuple(np.linspace(0, 1, 5)), False),
        (tuple(np.linspace(1, 2, 5)), False),
        ((1.0, 2.0), False),
    ],
)
def test_a_constant_factor_makes_a_logarithmic_slider(values, logarithmic):
    assert Slider("lr", values, values[0]).logarithmic is logarithmic


def test_values_may_come_from_numpy_and_torch():
    assert Slider("x", np.array([1.0, 2.0]), 2.0).values == (1.0, 2.0)
    assert Slider("x", torch.tensor([1, 2]), 2).whole


@pytest.mark.parametrize("values", [(), (1.0,), (1.0, 1.0), (2.0, 1.0)])
def test_values_that_are_no_range_are_refused(values):
    with pytest.raises(ValueError, match="two or more increasing values"):
        Slider("lr", values, 1.0)


def test_a_default_has_to_be_among_the_values():
    with pytest.raises(ValueError, match=r"'lr' begins with 0.3, which is not among"):
        Slider("lr", (0.1, 0.2), 0.3)
    with pytest.raises(ValueError, match="'width' begins with 'c'"):
        Choice("width", {"a": 1, "b": 2}, "c")


def test_one_thing_is_no_choice():
    with pytest.raises(ValueError, match="'width' needs two or more"):
        Choice("width", {"a": 1}, "a")
