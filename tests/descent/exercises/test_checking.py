"""The engine, with functions that go wrong in ways that no table lists."""

import dataclasses
import random
import sys
import time

import numpy as np
import pytest
import torch

from descent.exercises import exercise_3, exercise_4, exercise_7
from descent.exercises.checking import Exercise, Mistake, _first_difference, _gist, _place
from descent.optimizers import gradient_update as course_update

IMPATIENT = dataclasses.replace(exercise_3, seconds=0.3)


def sentences(function, exercise=exercise_3):
    problem = exercise.problem(function)
    assert problem.startswith("not right yet. ")
    return problem.removeprefix("not right yet. ")


# ---- What is not a function with the right arguments


@pytest.mark.parametrize(("answer", "kind"), [(None, "NoneType"), (3, "int"), ([], "list")])
def test_what_is_not_callable(answer, kind, capsys):
    assert exercise_3.check(answer) is course_update
    text = " ".join(capsys.readouterr().out.split())
    assert text == (
        "Exercise 3: not right yet. Check the function itself, gradient_update without "
        f"parentheses: this is a {kind}. "
        "From here on the chapter uses the course's gradient_update."
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda: None,
        lambda loss, params: None,
        lambda params, loss, lr=1e-3: None,
        lambda loss, params, lr: None,
        lambda loss, params, lr=0.1: None,
        lambda loss, params, *, lr=1e-3: None,
        lambda loss, params, lr=1e-3, beta=0.9: None,
        lambda *args, **kwargs: None,
        max,
        int,
    ],
)
def test_other_arguments(function):
    expected = "The first line should be: def gradient_update(loss, params, lr=0.001)."
    assert sentences(function) == expected


def test_the_courses_own_function_is_not_the_readers(capsys):
    assert exercise_3.check(course_update) is course_update
    assert "this is the course's own function" in capsys.readouterr().out


# ---- Functions that crash, leave or never end


def test_a_crash_is_told_with_its_line():
    def gradient_update(loss, params, lr=1e-3):
        loss.backward()
        undefined_name(params)  # noqa: F821

    text = sentences(gradient_update)
    assert text.startswith("It stops in line 3 of your function (`undefined_name(params)")
    assert text.endswith("with NameError: name 'undefined_name' is not defined.")


def test_a_crash_in_what_it_calls_is_told_with_the_line_of_the_call():
    def helper(number):
        return number / 0

    def gradient_update(loss, params, lr=1e-3):
        helper(lr)

    text = sentences(gradient_update)
    assert text == (
        "It stops in line 2 of your function (`helper(lr)`) "
        "with ZeroDivisionError: float division by zero."
    )


def test_a_decorated_function_has_lines_too():
    @torch.no_grad()
    def gradient_update(loss, params, lr=1e-3):
        raise ValueError

    text = sentences(gradient_update)
    assert text == "It stops in line 3 of your function (`raise ValueError`) with ValueError."


def test_a_function_without_source_has_a_line_but_no_quotation():
    names = {}
    exec("def gradient_update(loss, params, lr=1e-3):\n    return 1 / 0", names)
    text = sentences(names["gradient_update"])
    assert text == "It stops in line 2 of your function with ZeroDivisionError: division by zero."


def test_an_object_that_can_be_called_has_no_lines():
    class Update:
        def __call__(self, loss, params, lr=1e-3):
            raise KeyError("lr")

    assert sentences(Update()) == "It stops with KeyError: 'lr'."


def test_a_long_error_is_cut():
    def gradient_update(loss, params, lr=1e-3):
        text = "many words " * 100 + "\nsecond line"
        raise ValueError(text)

    text = sentences(gradient_update)
    told = text.split("ValueError: ")[1]
    assert told == " ".join(["many words"] * 14) + " ...."
    assert len(told) <= 160


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("the end.", "the end"),
        ("...", ""),
        ("first.\nsecond", "first"),
        (".5 is wrong", ".5 is wrong"),
    ],
)
def test_an_error_is_told_by_its_first_line_without_its_full_stop(said, told):
    def gradient_update(loss, params, lr=1e-3):
        raise ValueError(said)

    end = f"ValueError: {told}." if told else "ValueError."
    assert sentences(gradient_update).endswith(f"with {end}")


def test_sys_exit_does_not_end_the_notebook():
    def gradient_update(loss, params, lr=1e-3):
        sys.exit("bye")

    text = sentences(gradient_update)
    assert text == ('It stops in line 2 of your function (`sys.exit("bye")`) with SystemExit: bye.')


def test_endless_recursion():
    def gradient_update(loss, params, lr=1e-3):
        gradient_update(loss, params, lr)

    assert "with RecursionError: maximum recursion depth exceeded" in sentences(gradient_update)


def test_the_interrupt_of_the_user_passes():
    def gradient_update(loss, params, lr=1e-3):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exercise_3.check(gradient_update)


def test_an_endless_function_is_stopped():
    def gradient_update(loss, params, lr=1e-3):
        while True:
            time.sleep(0.01)

    start = time.monotonic()
    text = sentences(gradient_update, IMPATIENT)
    assert time.monotonic() - start < 3
    assert text == (
        "It was stopped after 0.3 seconds in line 3 of your function (`time.sleep(0.01)`). "
        "Is there a loop that never ends?"
    )


def test_what_is_slow_only_the_first_time_is_not_held_against_the_reader():
    calls = []

    def slow_at_first(function, outcome):
        if not calls:
            calls.append(function)
            time.sleep(0.9)  # as an import that someone has to pay
        outcome.note("the result", function(3))

    slow = Exercise(8, double, slow_at_first, (), seconds=0.3)
    assert slow.problem(lambda number: number + number) == ""
    assert calls == [double]


def test_an_endless_loop_with_the_first_right_step_is_stopped():
    def gradient_update(loss, params, lr=1e-3):
        course_update(loss, params, lr)
        if lr > 0.2:
            while True:
                pass

    assert "Is there a loop that never ends?" in sentences(gradient_update, IMPATIENT)


# ---- What is as before


def test_a_check_leaves_every_global_state_alone(capsys):
    def gradient_update(loss, params, lr=1e-3):
        print("flood " * 1000)
        print("flood", file=sys.stderr)
        torch.manual_seed(1)
        torch.rand(3)
        np.random.seed(1)  # noqa: NPY002
        random.seed(1)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)

    def states():
        numpy_state = np.random.get_state()  # noqa: NPY002
        return [
            torch.get_rng_state().tolist(),
            [part.tolist() if isinstance(part, np.ndarray) else part for part in numpy_state],
            random.getstate(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            sys.stdout,
            sys.stderr,
        ]

    before = states()
    exercise_3.check(gradient_update)
    assert states() == before
    captured = capsys.readouterr()
    assert "flood" not in captured.out + captured.err


@pytest.mark.parametrize("mode", [torch.no_grad, torch.enable_grad, torch.inference_mode])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_check_does_not_depend_on_global_state(mode, dtype):
    def gradient_update(loss, params, lr=1e-3):
        course_update(loss, params, lr)

    old = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with mode():
            assert exercise_3.problem(gradient_update) == ""
    finally:
        torch.set_default_dtype(old)


# ---- An exercise that is no update rule


def double(number):
    return 2 * number


def note_results(function, outcome):
    for number in (1, 4):
        outcome.note(f"the result for {number}", function(number))


DOUBLE = Exercise(8, double, note_results, (Mistake("You square.", (lambda number: number**2,)),))


def test_an_exercise_of_another_kind(capsys):
    def right(number):
        return number + number

    assert DOUBLE.check(right) is right
    assert capsys.readouterr().out == (
        "Exercise 8: correct. From here on the chapter uses your double.\n"
    )
    assert DOUBLE.problem(lambda number: number * number) == "not right yet. You square."


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda number: 3 * number, "the result for 1 should be 2 and is 3."),
        (lambda number: number / 3, "the result for 1 should be 2 and is 0.3333."),
        (lambda number: 2 * number + 1e-6, "the result for 1 should be 2 and is 2.000001."),
        (lambda number: 2 * number + 1e-3, "the result for 1 should be 2 and is 2.001."),
        (lambda number: 2 * number + 1e-4, "the result for 1 should be 2 and is 2.0001."),
        (
            lambda number: 2 * number + 1e-8,
            "the result for 1 should be 2 and is 2.0000000099999999.",
        ),
        (lambda number: torch.nan, "the result for 1 should be 2 and is nan."),
    ],
)
def test_the_first_difference_in_numbers(function, text):
    assert DOUBLE.problem(function) == f"not right yet. In our test, {text}"


def test_what_is_no_number_on_both_sides_is_no_difference():
    def of(*numbers):
        return {"the result": torch.tensor(numbers, dtype=torch.float64)}

    text = _first_difference(of(torch.nan, 3.0), of(torch.nan, 2.0))
    assert text == "In our test, the result at [1] should be 2 and is 3."


def test_a_difference_in_shape():
    problem = DOUBLE.problem(lambda number: torch.ones(number, 2))
    assert problem.endswith("the result for 1 should have shape () and has (1, 2).")


def test_returning_nothing_where_a_result_is_due_is_not_implemented():
    assert DOUBLE.problem(lambda number: None) == "not implemented yet."


def test_a_verdict_is_wrapped_between_words_only(capsys):
    wordy = "well-known " * 9 + "x" * 100
    exercise = dataclasses.replace(DOUBLE, mistakes=(Mistake(wordy, (lambda number: number**3,)),))
    exercise.check(lambda number: number**3)
    lines = capsys.readouterr().out.splitlines()
    assert "x" * 100 in lines
    assert 60 < max(len(line) for line in lines if "xx" not in line) <= 76
    assert all("known" in line for line in lines if "well-" in line)
    assert " ".join(lines).count("well-known") == 9


@pytest.mark.parametrize("exercise", [exercise_3, exercise_4, exercise_7])
def test_a_sweep_notes_two_calls_of_runs_that_differ(exercise):
    values = exercise.play(exercise.reference, exercise.sweep).values
    assert {name[-6:] for name in values} == {"call 1", "call 2"}
    for name, change in values.items():
        runs = change.flatten(1)
        assert runs.dtype == torch.float64
        assert len(runs.unique(dim=0)) == 4, name
        assert runs.abs().max() < 20, name


def test_an_error_that_another_follows_is_told_with_the_line_of_the_first():
    def gradient_update(loss, params, lr=1e-3):
        params.missing()

    error = None
    try:
        gradient_update(None, [])
    except AttributeError as first:
        error = RuntimeError("second")
        error.__context__ = first
    assert _place(gradient_update, error) == " in line 2 of your function (`params.missing()`)"


def test_two_errors_are_the_same_by_type_and_words():
    assert _gist(ValueError("Two A")) != _gist(TypeError("Two A"))
    assert _gist(ValueError("Two A")) != _gist(ValueError("TwO A"))
    assert _gist(ValueError("Two A")) != _gist(ValueError("Two B"))
    assert _gist(ValueError("2 * None")) == _gist(ValueError("None * 2"))
