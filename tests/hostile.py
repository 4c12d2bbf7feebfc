"""Arguments that no function asked for: of another type, shape, device or size, and not numbers."""

import inspect
import math
import signal
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src"
LONGEST = 60  # seconds of one call: more means that it never ends
# Few by day, since there are 150 functions; `make night` takes many.
AT_NIGHT = settings.get_current_profile_name() == "night"
EXAMPLES = settings.default.max_examples if AT_NIGHT else 10
HUGE = 10**30  # no machine counts so far: a number that only takes long would be no fault
NUMBERS = [0, -1, 1, 7, HUGE, -HUGE, 0.0, -0.5, math.nan, math.inf, -math.inf, 5e-324, 1e308, 1j]
MAKERS = [
    object,
    list,
    dict,
    tuple,
    set,
    lambda: iter([1, 2]),
    lambda: [None],
    lambda: [[], [[]]],
    lambda: {"a": 1},
    lambda: {1: None},
    lambda: len,
    lambda: int,
    lambda: torch,
    lambda: range(0),
    lambda: b"bytes",
    lambda: torch.empty(0),
    lambda: torch.tensor(math.nan),
    lambda: torch.zeros(2, 3),
    lambda: torch.full((2, 3), math.inf),
    lambda: torch.ones(1, 1, 1, 1),
    lambda: torch.arange(6),
    lambda: torch.ones(3, dtype=torch.bool),
    lambda: torch.ones(2, 2, dtype=torch.complex64),
    lambda: torch.ones(2, 3, device="meta"),
    lambda: torch.eye(2).to_sparse(),
    lambda: np.empty((0, 2)),
    lambda: np.array(["a", None], dtype=object),
    lambda: np.array(["words"]),
    lambda: torch.nn.Linear(1, 1),
]


def values():
    """Return a strategy for anything at all."""
    made = st.sampled_from(MAKERS).map(lambda make: make())
    plain = st.none() | st.booleans() | st.text(max_size=5) | st.sampled_from(NUMBERS)
    drawn = st.floats() | st.integers(-1000, 1000) | st.lists(st.floats(), max_size=3)
    return plain | made | drawn


def spoilt(value):
    """Return a strategy for values that are almost the one given."""
    if isinstance(value, torch.Tensor):
        return st.sampled_from(list(_of_tensor(value)))
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return values()
    if isinstance(value, int | float):
        others = [-value, 0, value + 0.5, math.nan, math.inf, HUGE, str(value), torch.tensor(value)]
        return st.sampled_from(others)
    if isinstance(value, list | tuple) and value:
        return st.sampled_from(_of_sequence(value)) | spoilt(value[0]).map(
            lambda first: type(value)([first, *value[1:]])
        )
    if isinstance(value, dict) and value:
        key = next(iter(value))
        changed = spoilt(value[key]).map(lambda part: value | {key: part})
        return changed | st.sampled_from([{}, value | {3: value[key]}, value | {"other": None}])
    return values()


def _of_tensor(tensor):
    plain = tensor.detach()
    yield plain[None]
    yield plain[..., None]
    yield from [plain[:0], plain[0], plain[:1], plain[..., :-1]] if tensor.ndim else []
    yield plain.to("meta")
    yield plain.numpy()
    yield plain.tolist()
    for kind in (torch.int64, torch.bool, torch.float16, torch.complex64, torch.float64):
        yield plain.to(kind)
    yield -plain
    for number in (math.nan, math.inf, 1e30):
        if tensor.is_floating_point() and tensor.numel():
            broken = plain.clone()
            broken[(0,) * broken.ndim] = number
            yield broken


def _of_sequence(value):
    kind = type(value)
    changed = [[], value[:1], [*value, *value], [*value, None], value[::-1], [value]]
    return [kind(part) for part in changed] + [iter(value), dict(enumerate(value))]


@st.composite
def arguments(draw, make):
    """Return arguments of a right call of which one or two are wrong."""
    given = make()
    names = st.lists(st.sampled_from(sorted(given)), min_size=1, max_size=2, unique=True)
    for name in draw(names):
        given[name] = draw(values() | spoilt(given[name]))
    return given


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


def is_clear(error, function):
    """Tell whether an error was raised by a check of the course, or in a function of the test.

    A check raises a TypeError or a ValueError, or what the function's docstring names.
    """
    files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)][1:]
    if any(file.is_relative_to(TESTS) for file in files):
        return True
    named = type(error).__name__ in (inspect.getdoc(function) or "")
    told = (named or isinstance(error, TypeError | ValueError)) and len(str(error)) > 15
    ours = files and files[-1].is_relative_to(SOURCE)
    return told and ours


def error_of(function, given):
    parameters = inspect.signature(function).parameters.values()
    several = {each.name for each in parameters if each.kind is each.VAR_POSITIONAL}
    plain = {name: value for name, value in given.items() if name not in several}
    rest = [part for name in several & set(given) for part in _as_list(given[name])]
    try:
        if several:
            function(*plain.values(), *rest)
        else:
            function(**plain)
    except Exception as error:
        return error
    return None


def _as_list(value):
    return value if isinstance(value, list | tuple) else [value]


def spoil(function, make, prepare=dict):
    """Call a function with wrong arguments; fail if an error is not clear, or a call never ends.

    What is spoilt may be a part of an argument: `prepare` makes the arguments of it.
    """

    @settings(
        max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None, database=None
    )
    @given(arguments(make))
    def call(wrong):
        with warnings.catch_warnings(), an_end(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            error = error_of(function, prepare(**wrong))
        assert error is None or is_clear(error, function), f"{type(error).__name__}: {error}"

    state = torch.get_rng_state()
    call()
    torch.set_rng_state(state)
