"""The engine behind every exercise: run a function, compare what happened, say what is wrong.

A mistake is recognised by what it does, not by how it is written. A scenario calls a function a
few times and notes what happens. The same scenario is played with the reader's function, with the
course's, and with wrong functions whose mistake is known; the reader's mistake is the one with
the same outcome.
"""

import functools
import inspect
import linecache
import re
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from descent.exercises.sandbox import TimeLimitReached, attempt

LINE_WIDTH = 76
LONGEST = 60  # seconds, for the course's own function: the first call may import for a while


@dataclass
class Outcome:
    """What happened in a scenario.

    Attributes
    ----------
    values : dict of str to torch.Tensor
        What decides whether the function is right. The names are read by the reader:
        "the change of params[0] in call 1".
    traces : dict of str to torch.Tensor
        What only tells one mistake from another, such as the gradients that it leaves behind.
    error : BaseException or None
        What ended the scenario early.
    """

    values: dict = field(default_factory=dict)
    traces: dict = field(default_factory=dict)
    error: BaseException | None = None

    def note(self, name, value):
        """Keep a number or tensor that has to be as in the course's outcome."""
        self.values[name] = _copy(value)

    def trace(self, name, value):
        """Keep a number, tensor or ``None`` that tells mistakes apart."""
        self.traces[name] = _copy(torch.nan if value is None else value)

    def agrees(self, other):
        """Tell whether the values are those of another outcome, and the errors too."""
        return _all_close(self.values, other.values) and _gist(self.error) == _gist(other.error)

    def equals(self, other):
        """Tell whether another outcome agrees and left the same traces."""
        return self.agrees(other) and _all_close(self.traces, other.traces)


@dataclass(frozen=True)
class Mistake:
    """A row of a table of mistakes: what to tell the reader, and functions that make it.

    Attributes
    ----------
    message : str
        What is wrong and where to look.
    functions : tuple of callable
        One wrong function for each outcome that the mistake can have.
    """

    message: str
    functions: tuple


@dataclass(frozen=True)
class Exercise:
    """An exercise whose answer is a function.

    Attributes
    ----------
    number : int
        The number of the exercise in the course.
    reference : callable
        The course's function. The reader's must have the same arguments.
    scenario : callable
        ``scenario(function, outcome)`` calls the function and notes what happens, under the same
        names for every function that raises nothing.
    mistakes : tuple of Mistake
        Of two that agree in all values, the first is told to a reader whose traces are of neither.
    sweep : callable, optional
        A scenario with tensors in place of numbers. A right function may fail it: then the
        course's is used where a hyperparameter is a tensor.
    seconds : float
        The time that a scenario may take with the reader's function.
    """

    number: int
    reference: Callable
    scenario: Callable
    mistakes: tuple
    sweep: Callable | None = None
    seconds: float = 2.0

    def check(self, function):
        """Print what a function gets right or wrong; return the one to use from here on.

        Parameters
        ----------
        function : callable
            The reader's answer.

        Returns
        -------
        callable
            The reader's function if it is right, else the course's.
        """
        name = self.reference.__name__
        problem = self.problem(function)
        if problem:
            used, chosen = f"the course's {name}", self.reference
        elif self.sweeps(function):
            used, chosen = f"your {name}", function
        else:
            used = f"your {name}, and the course's where it tries many settings at once, as tensors"
            chosen = _for_numbers_only(function, self.reference)
        verdict = f"Exercise {self.number}: {problem or 'correct.'}"
        text = f"{verdict} From here on the chapter uses {used}."
        print(textwrap.fill(text, LINE_WIDTH, break_long_words=False, break_on_hyphens=False))
        return chosen

    def problem(self, function):
        """Return what is wrong with a function, as sentences, or nothing if it is right."""
        if function is self.reference:
            return "this is the course's own function. Run the cell that defines yours first."
        mismatch = self._mismatch(function)
        if mismatch:
            return f"not right yet. {mismatch}"
        expected = self.play(self.reference)  # first: what is slow only once, is not the reader's
        outcome = self.play(function)
        if outcome.agrees(expected):
            return ""
        if self._is_unwritten(outcome):
            return "not implemented yet."
        return f"not right yet. {self._explanation(function, outcome)}"

    def sweeps(self, function):
        """Tell whether a right function also takes tensors in place of numbers."""
        if self.sweep is None:
            return True
        return self.play(function, self.sweep).agrees(self.play(self.reference, self.sweep))

    def play(self, function, scenario=None):
        """Return the `Outcome` of a scenario, by default the main one, with a function."""
        outcome = Outcome()
        run = functools.partial(scenario or self.scenario, function, outcome)
        seconds = LONGEST if function is self.reference else self.seconds
        outcome.error = attempt(run, seconds)
        return outcome

    def recognise(self, outcome):
        """Return the `Mistake` with an outcome, or ``None``."""
        same = [row for row, known in self._known if outcome.equals(known)]
        similar = [row for row, known in self._known if outcome.agrees(known)]
        return next(iter(same + similar), None)

    @functools.cached_property
    def _known(self):
        """The outcome of every function in the table, with its row."""
        return [(row, self.play(wrong)) for row in self.mistakes for wrong in row.functions]

    def _mismatch(self, function):
        """Return why a function cannot be called as the course's is, or nothing."""
        name = self.reference.__name__
        if not callable(function):
            kind = type(function).__name__
            return f"Check the function itself, {name} without parentheses: this is a {kind}."
        if _arguments(function) != _arguments(self.reference):
            return f"The first line should be: def {name}{inspect.signature(self.reference)}."
        return ""

    def _is_unwritten(self, outcome):
        if isinstance(outcome.error, NotImplementedError) or "ellipsis" in _words(outcome.error):
            return True
        return outcome.equals(self.play(_do_nothing))

    def _explanation(self, function, outcome):
        mistake = self.recognise(outcome)
        if mistake:
            return mistake.message
        where = _place(function, outcome.error)
        if isinstance(outcome.error, TimeLimitReached):
            after = f"after {self.seconds:g} seconds"
            return f"It was stopped {after}{where}. Is there a loop that never ends?"
        if outcome.error is not None:
            return f"It stops{where} with {_headline(outcome.error)}."
        return _first_difference(outcome.values, self.play(self.reference).values)


def _do_nothing(*args, **kwargs):
    return None


def _for_numbers_only(function, reference):
    """Return a function that leaves calls with tensors as hyperparameters to the course's."""
    signature = inspect.signature(reference)
    hyperparameters = [
        name for name, given in signature.parameters.items() if given.default is not given.empty
    ]

    @functools.wraps(function)
    def update(*args, **kwargs):
        given = signature.bind(*args, **kwargs).arguments
        swept = any(isinstance(given.get(name), torch.Tensor) for name in hyperparameters)
        return (reference if swept else function)(*args, **kwargs)

    return update


def _arguments(function):
    """Return name, kind and default of every argument, or ``None`` if they are unknown."""
    try:
        arguments = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some of what is written in C
        return None
    return [(given.name, given.kind, given.default) for given in arguments]


def _copy(value):
    return torch.as_tensor(value, dtype=torch.float64, device="cpu").detach().clone()


def _close(one, other):
    return one.shape == other.shape and torch.allclose(
        one, other, rtol=1e-9, atol=1e-12, equal_nan=True
    )


def _all_close(some, others):
    return some.keys() == others.keys() and all(_close(some[name], others[name]) for name in some)


def _gist(error):
    """Return what makes two errors the same: their type and words, in whatever order.

    ``2 * None`` and ``None * 2`` raise the same words in another order.
    """
    return type(error), sorted(re.findall("[A-Za-z]+", _words(error)))


def _words(error):
    """Return what an error says; nothing if it is one that fails even at that."""
    try:
        return str(error)
    except Exception:
        return ""


def _headline(error):
    """Return the type of an error and the first line of what it says."""
    first_line = _words(error).strip().partition("\n")[0].rstrip(".")
    text = textwrap.shorten(first_line, 160, placeholder=" ...")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _place(function, error):
    """Return where in the reader's function an error arose, or nothing if that is unknown."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    numbers = []
    while error and not numbers:
        steps = traceback.walk_tb(error.__traceback__)
        numbers = [number for frame, number in steps if frame.f_code is code]
        error = error.__context__  # a second alarm may have rung while the first was handled
    if not numbers:
        return ""
    line = linecache.getline(code.co_filename, numbers[-1]).strip()
    quoted = f" (`{line}`)" if line else ""
    return f" in line {numbers[-1] - code.co_firstlineno + 1} of your function{quoted}"


def _first_difference(values, expected):
    """Say which number is the first that is not as expected."""
    name = next(name for name in expected if not _close(values[name], expected[name]))
    actual, wanted = values[name], expected[name]
    if actual.shape != wanted.shape:
        shapes = f"shape {tuple(wanted.shape)} and has {tuple(actual.shape)}"
        return f"In our test, {name} should have {shapes}."
    wrong = ~torch.isclose(actual, wanted, rtol=1e-9, atol=1e-12, equal_nan=True)
    place = tuple(wrong.nonzero()[0].tolist())
    where = f" at {list(place)}" if place else ""
    wanted_text, actual_text = _distinct(wanted[place].item(), actual[place].item())
    return f"In our test, {name}{where} should be {wanted_text} and is {actual_text}."


def _distinct(one, other):
    """Return two different numbers as texts, rounded but not to the same."""
    for digits in (4, 8, 17):
        texts = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts
