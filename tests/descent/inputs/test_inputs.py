"""Every public function against wrong input: a clear error or a result, and an end."""

import importlib
import inspect
import signal
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from tests.descent.inputs.calls import CALLS
from tests.descent.inputs.hostile import arguments
from tests.test_reference import MODULES, public_objects

import descent
from descent import data, demos, distributed, models, plots, reproducibility, runs, training

SOURCE = Path(descent.__file__).parent
TESTS = Path(__file__).parents[2]
LONGEST = 60  # seconds of one call: more means that it never ends
# Few here, where each example is another call of 150 functions; `make night` takes many.
AT_NIGHT = settings.get_current_profile_name() == "night"
EXAMPLES = settings.default.max_examples if AT_NIGHT else 10
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


@contextmanager
def an_end():
    """Fail where a call does not end."""

    def give_up(number, frame):
        pytest.fail(f"it is at work for more than {LONGEST} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def is_clear(error):
    """Tell whether an error was raised by a check of the course, or in a function of the test."""
    files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)][1:]
    if any(file.is_relative_to(TESTS) for file in files):
        return True
    told = isinstance(error, TypeError | ValueError) and len(str(error)) > 15
    ours = files and files[-1].is_relative_to(SOURCE.parent)
    return told and ours


def error_of(function, given):
    try:
        function(**given)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_a_right_call_is_right(function):
    function(**CALLS[function]())


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_what_is_wrong_is_told(function):
    @settings(
        max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None, database=None
    )
    @given(arguments(CALLS[function]))
    def call(wrong):
        with warnings.catch_warnings(), an_end(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            error = error_of(function, wrong)
        assert error is None or is_clear(error), f"{type(error).__name__}: {error}"

    state = torch.get_rng_state()
    call()
    torch.set_rng_state(state)
