"""What holds for the table of mistakes of every exercise."""

import itertools

import pytest

from descent import exercises

EXERCISES = [getattr(exercises, name) for name in exercises.__all__]
ROWS = [
    pytest.param(exercise, row, function, id=f"{exercise.number}-{row.message[:40]}")
    for exercise in EXERCISES
    for row in exercise.mistakes
    for function in row.functions
]


def do_nothing(*args, **kwargs):
    return None


@pytest.fixture(params=EXERCISES, ids=lambda exercise: f"exercise_{exercise.number}")
def exercise(request):
    return request.param


@pytest.mark.parametrize(("exercise", "row", "function"), ROWS)
def test_every_wrong_function_is_told_its_own_mistake(exercise, row, function):
    assert exercise.problem(function) == f"not right yet. {row.message}"


def test_no_two_functions_of_the_table_have_the_same_outcome(exercise):
    functions = [wrong for row in exercise.mistakes for wrong in row.functions]
    outcomes = [exercise.play(f) for f in (*functions, exercise.reference, do_nothing)]
    pairs = itertools.combinations(outcomes, 2)
    assert not any(one.equals(other) for one, other in pairs)


def test_messages_differ_and_are_short_sentences(exercise):
    messages = [row.message for row in exercise.mistakes]
    assert len(set(messages)) == len(messages) >= 5
    assert all(message.endswith((".", "?")) and len(message) < 250 for message in messages)


def test_outcomes_are_the_same_every_time(exercise):
    functions = [wrong for row in exercise.mistakes for wrong in row.functions]
    for function in (*functions, exercise.reference):
        assert exercise.play(function).equals(exercise.play(function))


def test_the_reference_is_right_alone_and_with_many_settings_at_once(exercise):
    assert exercise.play(exercise.reference).error is None
    if exercise.sweep:
        assert exercise.play(exercise.reference, exercise.sweep).error is None
