"""Answers nobody would hand in on purpose: the check ends, says so, and leaves all as it was."""

import dataclasses
import functools
import os
import random
import resource
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from descent import exercises

EXERCISES = [getattr(exercises, name) for name in exercises.__all__]
LONGEST = 120  # seconds: 2 for each call, and what holds on to itself takes some more
MOST_MEMORY = 2.5 * 2**30  # bytes, on top


class Unspeakable(Exception):
    """An error that cannot even be put into words."""

    def __str__(self):
        raise RuntimeError("no words")


class Unfinished(BaseException):
    """No `Exception`, so that the usual handlers let it pass."""


class Trap:
    """A result that fails whatever is done with it."""

    def __getattribute__(self, name):
        raise RuntimeError(f"nobody may look at {name}")

    __iter__ = __len__ = __bool__ = __float__ = __eq__ = __hash__ = None


def never_ends(*args, **kwargs):
    while True:
        pass


def never_ends_and_holds_on(*args, **kwargs):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def eats_memory(*args, **kwargs):
    eaten = []
    while True:
        eaten.append(b"x" * 2**26)


def asks_for_too_much(*args, **kwargs):
    return torch.ones(2**42)


def prints_for_ever(*args, **kwargs):
    while True:
        print("x" * 1000)
        print("y" * 1000, file=sys.stderr)


def raises(error):
    def answer(*args, **kwargs):
        raise error

    answer.__name__ = f"raises_{type(error).__name__}"
    return answer


def raises_in_a_generator(*args, **kwargs):
    sum(1 / 0 for _ in range(3))


def raises_when_it_is_thrown_away(*args, **kwargs):
    class Angry:
        def __del__(self):
            raise RuntimeError("thrown away")

    Angry()


def raises_while_it_raises(*args, **kwargs):
    try:
        raise KeyError("first")
    finally:
        raise ValueError("second")


def returns_a_trap(*args, **kwargs):
    return Trap()


def empties_what_it_is_given(*args, **kwargs):
    for value in (*args, *kwargs.values()):
        if isinstance(value, list | dict):
            value.clear()


def turns_everything(*args, **kwargs):
    """Change whatever belongs to all."""
    torch.set_default_dtype(torch.float16)
    torch.set_default_device("meta")
    torch.set_num_threads(3)
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    np.seterr(all="raise")
    torch.autograd.set_detect_anomaly(True)
    sys.setrecursionlimit(5000)
    sys.stdout = None
    os.chdir("/")
    os.environ["DESCENT_DATASET"] = "nonsense"


ANSWERS = [
    never_ends,
    never_ends_and_holds_on,
    eats_memory,
    asks_for_too_much,
    prints_for_ever,
    raises(Unspeakable()),
    raises(Unfinished()),
    raises(StopIteration()),
    raises(GeneratorExit()),
    raises(MemoryError()),
    raises(RecursionError()),
    raises(ExceptionGroup("several", [ValueError(), Unspeakable()])),
    raises_in_a_generator,
    raises_when_it_is_thrown_away,
    raises_while_it_raises,
    returns_a_trap,
    empties_what_it_is_given,
    turns_everything,
]


def most_memory():
    """The most that this process ever had, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def state():
    return {
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "threads": torch.get_num_threads(),
        "torch": torch.get_rng_state().tolist(),
        "python": random.getstate(),
        "numpy": np.random.get_state()[1].tolist(),  # noqa: NPY002
        "numpy errors": np.geterr(),
        "anomalies": torch.is_anomaly_enabled(),
        "gradients": torch.is_grad_enabled(),
        "recursion": sys.getrecursionlimit(),
        "output": (sys.stdout, sys.stderr),
        "folder": Path.cwd(),
        "environment": os.environ.get("DESCENT_DATASET"),
        "trace": sys.gettrace(),
        "threads at work": threading.active_count(),
    }


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: str(exercise.number))
@pytest.mark.parametrize("hostile", ANSWERS, ids=lambda answer: answer.__name__)
def test_a_hostile_answer_is_told_and_harms_nobody(exercise, hostile, capsys):
    answer = functools.wraps(exercise.reference)(lambda *args, **kwargs: hostile(*args, **kwargs))
    exercise.check(exercise.reference)  # what is computed once is there
    before, began = state(), time.monotonic()
    capsys.readouterr()
    assert exercise.check(answer) is exercise.reference
    assert time.monotonic() - began < LONGEST
    out, err = capsys.readouterr()
    assert out.startswith(f"Exercise {exercise.number}: not ")
    assert len(out) < 1000
    assert err == ""
    after = state()
    assert {name for name, value in after.items() if value != before[name]} == set()


@pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU memory is not limited")
def test_an_answer_cannot_fill_the_memory():
    exercise = dataclasses.replace(exercises.exercise_3, seconds=60)
    before = most_memory()
    answer = functools.wraps(exercise.reference)(lambda *args, **kwargs: eats_memory())
    assert "MemoryError" in exercise.problem(answer)
    assert most_memory() - before < MOST_MEMORY
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
