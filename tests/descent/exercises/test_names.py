"""The names under which an exercise tells its reader what is not as it should be."""

import itertools

import pytest

from descent import exercises

PARTS = ("inputs", "targets")


def names(number):
    exercise = getattr(exercises, f"exercise_{number}")
    outcome = exercise.play(exercise.reference)
    assert outcome.error is None
    return outcome


def updates(calls, starts):
    """Return what the calls of a scenario are called, for one start after the other."""
    return [
        f"call {number}{start} ({settings})"
        for start in starts
        for number, settings in enumerate(calls, start=1)
    ]


CALLS = {
    3: updates(["lr=0.125", "lr=0.375"], ["", " after another loss's backward"]),
    4: updates(
        ["lr=0.125, beta=0.75", "lr=0.0625, beta=0.625", "lr=0.1875, beta=0.375"],
        [" from rest", " while moving"],
    ),
    7: updates(
        ["lr=0.125, alpha=0.75, epsilon=0.5", "lr=0.375, alpha=0.625, epsilon=0.25"],
        ["", " after earlier steps"],
    ),
}
STATES = {4: ["grad_vel[{index}] after {call}"]}


@pytest.mark.parametrize("number", CALLS)
def test_a_change_or_state_is_told_with_its_call(number):
    expected = [
        template.format(index=index, call=call)
        for call in CALLS[number]
        for template in ["the change of params[{index}] in {call}", *STATES.get(number, [])]
        for index in range(3)
    ]
    assert list(names(number).values) == expected


TRACES = [
    "backward passes in {call}",
    *[f"the gradient of params[{index}] after {{call}}" for index in range(3)],
    "new tensors from {call}",
    "new tensors in params after {call}",
]
MORE_TRACES = {7: [f"grad_sq[{index}] after {{call}}" for index in range(3)]}


@pytest.mark.parametrize("number", CALLS)
def test_what_tells_mistakes_apart_is_kept_for_each_call(number):
    templates = [*TRACES, *MORE_TRACES.get(number, [])]
    pairs = itertools.product(CALLS[number], templates)
    traces = names(number).traces
    assert list(traces) == [template.format(call=call) for call, template in pairs]
    assert all(trace.isfinite().all() for trace in traces.values())


def test_a_minibatch_is_told_with_what_was_asked_for():
    sizes = ["num_points=5", "num_points=1", "num_points=11", "num_points=12"]
    sizes.append("the default num_points")
    shapes = [f"the shape of the {part} for {size}" for size in sizes for part in PARTS]
    assert list(names(6).values) == [
        "the number of tensors returned",
        *shapes,
        "whether every input is a point of the data (1: yes)",
        "whether every input comes with its own target (1: yes)",
        "whether a point comes twice in a minibatch (1: yes)",
        "the number of different points in 40 minibatches",
        "whether all 40 minibatches hold the same points (1: yes)",
        "whether the points of every minibatch lie side by side in the data (1: yes)",
        "whether the targets are whole numbers still (1: yes)",
        "whether the data are left as they were (1: yes)",
    ]
    assert list(names(6).traces) == [
        "tensor returned by itself",
        "dimensions of it",
        "first point drawn",
        "different points",
        "first target drawn",
        "different targets",
    ]


EPOCH = [
    "whether the parameters move in {call} (1: yes, 0: no)",
    "the sizes of the minibatches of {call}",
    "whether every point is used in {call} (1: yes, 0: no)",
    "whether a point is used twice in {call} (1: yes, 0: no)",
    "whether each minibatch holds neighbours in {call} (1: yes, 0: no)",
    "whether the model is in training mode in {call} (1: yes, 0: no)",
    "the backward passes in {call}",
    "the number of optimizer steps in {call}",
    "the number of steps in {call} that find no gradient",
    "the number of steps in {call} that find another gradient than their minibatch's",
    "the number of steps in {call} that find the gradient of a sum",
    "the number of steps in {call} that find no gradient of the loss",
]
RETURNED = [
    "whether what {call} returns has a graph (1: yes, 0: no)",
    "what {call} returns, as a multiple of the mean loss over the epoch",
    "which number {call} returns (0: the mean loss over the epoch)",
]


def test_an_epoch_is_told_with_its_points_and_minibatches():
    first, second = "call 1 (24 points, batch_size=7)", "call 2 (24 points, batch_size=8)"
    assert list(names(9).values) == [
        *[name.format(call=first) for name in [*EPOCH, *RETURNED]],
        *[name.format(call=second) for name in EPOCH],
        "whether both epochs have the same order (1: yes, 0: no)",
    ]
    assert list(names(9).traces) == [
        f"{what} {call}"
        for call in (first, second)
        for what in ("the stored order in", "the minibatches before each step in")
    ]
