"""What chapters call of livepage, against wrong input: a clear error or a result, and an end."""

import importlib
import inspect

import numpy as np
import pytest
import torch
from tests.hostile import spoil
from tests.test_reference import MODULES, public_objects

import livepage
from livepage import glue, notebooks
from livepage.explorer import Choice, Slider, explorer
from livepage.tracing import to_javascript

# Sphinx calls these, with what it has made.
OF_SPHINX = {livepage.setup, notebooks.setup, notebooks.has_notebook}


def line(lr, beta):
    shape = (len(lr), 1, 3)
    return {
        "runs": {"step": np.arange(3.0)[None, None], "loss": np.ones(shape)},
        "message": {"text": np.array([["fast"], ["slow"]])[None]},
    }


def chart():
    encoding = {"x": {"field": "step", "type": "quantitative"}}
    return {"data": {"name": "runs"}, "mark": "line", "encoding": encoding}


def explorer_call():
    return {
        "compute": line,
        "controls": {
            "lr": Slider("Learning rate", (0.1, 0.2, 0.4), 0.2),
            "beta": Choice("Momentum", {"none": 0.0, "much": 0.9}, "none"),
        },
        "chart": chart(),
        "caption": "Try it.",
        "alt": "A line.",
    }


def with_own_errors(**given):
    """Let what ``compute`` raises come from here: it stays as it is."""
    compute = given.get("compute")
    if not callable(compute):
        return given
    return given | {"compute": lambda *values, **lists: compute(*values, **lists)}


CALLS = {
    glue: lambda: {"name": "best_rate", "value": 0.1},
    Slider: lambda: {
        "label": "Learning rate",
        "values": (0.1, 0.2, 0.4),
        "default": 0.2,
        "unit": "per step",
        "view": False,
    },
    Choice: lambda: {"label": "Method", "values": {"Adam": 1, "SGD": [2]}, "default": "SGD"},
    explorer: explorer_call,
    to_javascript: lambda: {
        "function": lambda x, y: x * y.sum(),
        "examples": [torch.ones(2, dtype=torch.float64), torch.ones(3, dtype=torch.float64)],
    },
}


@pytest.fixture(autouse=True, params=["page", "kernel"])
def place(request, monkeypatch):
    monkeypatch.delenv("LIVEPAGE_BUILD", raising=False)
    if request.param == "page":
        monkeypatch.setenv("LIVEPAGE_BUILD", "1")


def test_a_right_call_of_every_public_function_is_known():
    rooms = [importlib.import_module(name) for name in MODULES if name.startswith("livepage")]
    public = [value for room in rooms for value in public_objects(room).values()]
    functions = {each for each in public if inspect.isfunction(each) or inspect.isclass(each)}
    assert functions - OF_SPHINX <= set(CALLS)


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_what_is_wrong_is_told(function):
    spoil(function, CALLS[function], with_own_errors)


def test_wrong_numbers_of_an_explorer_are_told():
    right = line([0.1, 0.2, 0.4], [0.0, 0.9])

    def returned(**datasets):
        return explorer_call() | {"compute": lambda lr, beta: datasets}

    def of_runs(**columns):
        return returned(**right | {"runs": columns})

    spoil(explorer, lambda: dict(right), returned)
    spoil(explorer, lambda: dict(right["runs"]), of_runs)
