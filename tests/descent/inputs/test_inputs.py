"""Every public function against wrong input: a clear error or a result, and an end."""

import importlib
import inspect

import pytest
from tests.descent.inputs.calls import CALLS
from tests.hostile import spoil
from tests.test_reference import MODULES, public_objects

from descent import data, demos, distributed, models, plots, reproducibility, runs, training

WITHOUT_ARGUMENTS = {
    plots.use_style,
    demos.step_time,
    reproducibility.set_device,
    distributed.world,
}
ELSEWHERE = {
    distributed.run_ranks: "starts processes: tests/descent/distributed",
    distributed.spread: "writes files and starts processes: tests/descent/distributed",
    models.loss_fn: "is PyTorch's own",
}
RESULTS = {runs.Runs, training.History, distributed.World}  # which functions make, not readers
ERRORS = {data.DataError, distributed.RankError}


def public():
    """Return what the reference names, but for what readers give no arguments."""
    rooms = [name for name in MODULES if name.startswith("descent") and "exercises" not in name]
    found = {
        value
        for room in rooms
        for value in public_objects(importlib.import_module(room)).values()
        if inspect.isfunction(value) or inspect.isclass(value)
    }
    return found - WITHOUT_ARGUMENTS - RESULTS - ERRORS - set(ELSEWHERE)


def test_a_right_call_of_every_public_function_is_known():
    wanted = {value.__name__ for value in public() if not value.__name__.startswith("_")}
    assert {value.__name__ for value in CALLS} >= wanted - {"explain_errors", "explained"}


@pytest.fixture(autouse=True)
def small_digits(monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "digits")
    monkeypatch.setenv("LIVEPAGE_BUILD", "1")


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_a_right_call_is_right(function):
    function(**CALLS[function]())


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_what_is_wrong_is_told(function):
    spoil(function, CALLS[function])
