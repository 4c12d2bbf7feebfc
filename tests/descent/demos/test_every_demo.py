"""Every demo: that its numbers are those of the package, that they are few, that it lives."""

import itertools
import random
import sys

import numpy as np
import pytest
from tests.descent.demos.samples import DEMOS

from descent import demos
from livepage.explorer import Choice, explorer
from livepage.explorer.controls import values_of
from livepage.explorer.data import check_datasets, rows_at
from livepage.explorer.drawing import Drawing
from livepage.explorer.explorer import computed_controls
from livepage.explorer.live import LiveExplorer

every_demo = pytest.mark.parametrize("name", DEMOS)
SETTINGS = 50


@pytest.fixture(autouse=True)
def no_page(monkeypatch):
    monkeypatch.delenv("LIVEPAGE_BUILD", raising=False)


def on_a_page(name, monkeypatch):
    """The demo as the build shows it, and the function behind it."""
    seen = {}

    def watched(compute, controls, chart, **words):
        seen["compute"] = compute
        return explorer(compute, controls, chart, **words)

    monkeypatch.setenv("LIVEPAGE_BUILD", "1")
    for module in {value.__module__ for value in vars(demos).values() if callable(value)}:
        monkeypatch.setattr(sys.modules[module], "explorer", watched, raising=False)
    return DEMOS[name](), seen["compute"]


def some_settings(controls):
    grids = [range(len(control.values)) for control in controls.values()]
    settings = list(itertools.product(*grids))
    return random.Random(0).sample(settings, min(SETTINGS, len(settings)))


def assert_same(row, fresh):
    assert row.keys() == fresh.keys()
    for column, value in row.items():
        if isinstance(value, float) and fresh[column] is not None:
            assert value == pytest.approx(fresh[column], rel=1e-3, abs=1e-9), column
        else:
            assert value == fresh[column], column


def test_every_demo_has_data_here():
    calls = {name for name in demos.__all__ if not name.endswith("_data")}
    assert calls - {"playground", "digits_slice"} == set(DEMOS)


@every_demo
def test_numbers_are_those_of_a_fresh_run(name, monkeypatch):
    page, compute = on_a_page(name, monkeypatch)
    controls = computed_controls(page.controls)
    for indices in some_settings(controls):
        chosen = zip(controls.items(), indices, strict=True)
        setting = {key: [values_of(control)[index]] for (key, control), index in chosen}
        fresh = check_datasets(compute(**setting), [1] * len(controls))
        for dataset, columns in page.datasets.items():
            rows = rows_at(columns, indices)
            again = rows_at(fresh[dataset], [0] * len(controls))
            assert len(rows) == len(again)
            for row, row_again in zip(rows, again, strict=True):
                assert_same(row, row_again)


@every_demo
def test_every_control_matters(name, monkeypatch):
    page, _ = on_a_page(name, monkeypatch)
    for axis, (key, control) in enumerate(computed_controls(page.controls).items()):
        axes = [
            array.shape[axis] for columns in page.datasets.values() for array in columns.values()
        ]
        assert max(axes) == len(control.values), f"{key} changes nothing"


@every_demo
def test_data_are_small(name, monkeypatch):
    page, _ = on_a_page(name, monkeypatch)
    assert len(page.parts()["blob"]) < 400_000


@every_demo
def test_it_can_be_drawn(name, monkeypatch):
    page, _ = on_a_page(name, monkeypatch)
    assert "<path" in Drawing(page.parts()).svg


@every_demo
def test_it_says_what_to_try_and_what_it_shows(name, monkeypatch):
    page, _ = on_a_page(name, monkeypatch)
    assert page.caption.startswith("Try it: ")
    assert len(page.alt.split()) >= 10
    assert all(control.label for control in page.controls.values())


@every_demo
def test_a_kernel_computes_any_value(name):
    live = DEMOS[name]()
    assert isinstance(live, LiveExplorer)
    assert "stopped with" not in live.message.value
    for key, control in live.controls.items():
        before = live.picture.value, live.message.value
        live.fields[key].value = between(control)
        assert "stopped with" not in live.message.value, f"{key}: {live.message.value}"
        assert (live.picture.value, live.message.value) != before, f"{key} changes nothing"


def between(control):
    """A value that the control does not begin with, between those of the page if it can be."""
    values = values_of(control)
    if isinstance(control, Choice):
        return next(value for key, value in control.values.items() if key != control.default)
    middle = list(values).index(control.default)
    low, high = sorted((values[middle], values[middle - 1 if middle else 1]))
    if control.whole:
        return low if low != control.default else high
    return float(np.sqrt(low * high) if control.logarithmic else (low + high) / 2)
