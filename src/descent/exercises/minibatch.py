"""Exercise 6: a minibatch of different points, inputs and targets together.

To draw with replacement is a sound way to train too. The exercise asks for different points, and
so a function that may repeat one is told what it does, and that it is sound elsewhere.
"""

import random

import numpy as np
import torch

from descent.data.sampling import sample_minibatch
from descent.exercises.checking import Exercise, Mistake

POINTS = 12
SIZE = 5
CALLS = 40  # in 40 right draws of 5 from 12 points, each point comes but for once in 10^9
OTHER_CALLS = 12


def new_data(points=POINTS):
    """Return inputs and targets that tell the number of their point."""
    numbers = torch.arange(points)
    return 10.0 * numbers.reshape(-1, 1, 1) + torch.arange(6.0).reshape(2, 3), 3 * numbers + 1


def scenario(function, outcome):
    """Draw many minibatches of several sizes; note what is certain whatever chance brings."""
    random.seed(6)
    np.random.seed(6)  # noqa: NPY002 - learners use np.random's global functions
    torch.manual_seed(6)
    data = new_data()
    draws = _draw(CALLS, function, *data, SIZE)
    of_size = {f"num_points={SIZE}": draws}
    for size in (1, POINTS - 1, POINTS):
        of_size[f"num_points={size}"] = _draw(OTHER_CALLS, function, *data, size)
    of_size["the default num_points"] = _draw(OTHER_CALLS, function, *new_data(120))
    outcome.note("the number of tensors returned", len(_tensors(draws[0])))
    for size, batches in of_size.items():
        outcome.note(f"the shape of the inputs for {size}", _shape(batches, 0))
        outcome.note(f"the shape of the targets for {size}", _shape(batches, 1))
    points, labels = ([_numbers(batch, part) for batch in draws] for part in (0, 1))
    every_call = [call for batches in of_size.values() for call in batches]
    _note_points(outcome, points, labels, every_call)
    kept = map(torch.equal, data, new_data())
    outcome.note("whether the data are left as they were (1: yes)", float(all(kept)))
    outcome.trace("tensor returned by itself", float(torch.is_tensor(draws[0])))
    outcome.trace("dimensions of it", draws[0].dim() if torch.is_tensor(draws[0]) else None)
    for name, found in (("point", points), ("target", labels)):
        outcome.trace(f"first {name} drawn", float(any(0 in batch for batch in found)))
        outcome.trace(f"different {name}s", len(set().union(*found)))


def _note_points(outcome, points, labels, every_call):
    """Note what the minibatches of `SIZE` hold, as lists of the numbers of their points."""
    drawn = set().union(*points)
    twice = any(len(set(batch)) < len(batch) for batch in (_numbers(c, 0) for c in every_call))
    outcome.note(
        "whether every input is a point of the data (1: yes)", float(drawn <= set(range(POINTS)))
    )
    outcome.note("whether every input comes with its own target (1: yes)", float(points == labels))
    outcome.note("whether a point comes twice in a minibatch (1: yes)", float(twice))
    outcome.note(f"the number of different points in {CALLS} minibatches", len(drawn))
    outcome.note(
        f"whether all {CALLS} minibatches hold the same points (1: yes)",
        float(len({tuple(sorted(batch)) for batch in points}) == 1),
    )
    outcome.note(
        "whether the points of every minibatch lie side by side in the data (1: yes)",
        float(all(map(_side_by_side, points))),
    )
    targets = [_tensors(call)[1] for call in every_call if len(_tensors(call)) == 2]
    outcome.note(
        "whether the targets are whole numbers still (1: yes)",
        float(all(part.dtype == torch.int64 for part in targets)),
    )


def _draw(calls, function, *arguments):
    """Return what many calls returned."""
    returned = [function(*arguments) for _ in range(calls)]
    if any(item is ... for item in _items(returned[0])):
        raise NotImplementedError("a blank is left")
    return returned


def _items(returned):
    return returned if isinstance(returned, tuple | list) else [returned]


def _tensors(returned):
    return [item for item in _items(returned) if torch.is_tensor(item)]


def _shape(batches, part):
    """Return the shape of a part of each minibatch, or NaN if there is none or it varies."""
    shapes = {tuple(found[part].shape) for found in map(_tensors, batches) if part < len(found)}
    return torch.tensor(shapes.pop()) if len(shapes) == 1 else torch.nan


def _numbers(batch, part):
    """Return the numbers of the points that a minibatch holds; -1 for what is none."""
    found = _tensors(batch)
    if len(found) != 2 or not found[part].dim():
        return []
    rows = found[part].reshape(len(found[part]), -1).double()
    if part == 1:
        return ((rows[:, 0] - 1) / 3).tolist()
    intact = rows.shape[1] == 6 and bool((rows - rows[:, :1] == torch.arange(6)).all())
    return (rows[:, 0] / 10).tolist() if intact else [-1.0] * len(rows)


def _side_by_side(points):
    ordered = sorted(points)
    return len(points) > 1 and ordered == [ordered[0] + step for step in range(len(points))]


# ---- Wrong functions. Most choose the wrong indices, and are built from the choice alone.


def choosing(choose):
    """Return a function that draws the points that ``choose(points, num_points)`` names."""

    def sample(input_data, target_data, num_points=100):
        indices = choose(len(input_data), num_points)
        return input_data[indices], target_data[indices]

    return sample


def changing(change):
    """Return a function that draws a right minibatch, and then changes what it returns."""

    def sample(input_data, target_data, num_points=100):
        return change(*sample_minibatch(input_data, target_data, num_points))

    return sample


def _some(points, num_points):
    return torch.randperm(points)[:num_points]


def _draws_twice(input_data, target_data, num_points=100):
    points = len(input_data)
    return input_data[_some(points, num_points)], target_data[_some(points, num_points)]


def _draws_twice_with_replacement(input_data, target_data, num_points=100):
    points = len(input_data)
    first, second = torch.randint(points, (2, num_points))
    return input_data[first], target_data[second]


def _shuffles_inputs_only(input_data, target_data, num_points=100):
    return input_data[_some(len(input_data), num_points)], target_data[:num_points]


def _shuffles_targets_only(input_data, target_data, num_points=100):
    return input_data[:num_points], target_data[_some(len(input_data), num_points)]


def _returns_all_targets(input_data, target_data, num_points=100):
    return input_data[_some(len(input_data), num_points)], target_data


def _returns_indices(input_data, target_data, num_points=100):
    return _some(len(input_data), num_points)


def _shuffles_in_place(input_data, target_data, num_points=100):
    order = torch.randperm(len(input_data))
    input_data[:] = input_data[order]
    target_data[:] = target_data[order]
    return input_data[:num_points], target_data[:num_points]


def _shuffles_inputs_in_place(input_data, target_data, num_points=100):
    input_data[:] = input_data[torch.randperm(len(input_data))]
    return input_data[:num_points], target_data[:num_points]


def _same_each_time(points, num_points):
    torch.manual_seed(0)
    return _some(points, num_points)


def _slice(points, num_points):
    start = int(torch.randint(points - num_points + 1, ()))
    return slice(start, start + num_points)


def _slice_past_the_end(points, num_points):
    start = int(torch.randint(points, ()))
    return slice(start, start + num_points)


def _block(points, num_points):
    start = num_points * int(torch.randint(points // num_points, ()))
    return slice(start, start + num_points)


def _swaps(inputs, targets):
    return targets, inputs


def _flattens(inputs, targets):
    return inputs.reshape(len(inputs), -1), targets


def _adds_channel(inputs, targets):
    return inputs[:, None], targets


def _squeezes(inputs, targets):
    return inputs.squeeze(), targets.squeeze()


def _squeezes_inputs(inputs, targets):
    return inputs.squeeze(), targets


def _floats(inputs, targets):
    return inputs, targets.float()


MISTAKES = (
    Mistake(
        "The inputs come with the targets of other points. Draw the indices once, and take inputs "
        "and targets with the same ones.",
        (_draws_twice, _draws_twice_with_replacement),
    ),
    Mistake(
        "The inputs are drawn at random, but the targets are the first ones. Take the targets with "
        "the same indices.",
        (_shuffles_inputs_only,),
    ),
    Mistake(
        "The targets are drawn at random, but the inputs are the first ones. Take the inputs with "
        "the same indices.",
        (_shuffles_targets_only,),
    ),
    Mistake(
        "You return the targets of all points. Take those of the points in the minibatch, with the "
        "indices that you used for the inputs.",
        (_returns_all_targets,),
    ),
    Mistake(
        "A minibatch of yours may hold a point twice: you draw with replacement. That is a sound "
        "way to train too, but this exercise asks for different points. What gives all indices in "
        "random order?",
        (choosing(lambda points, num: torch.randint(points, (num,))),),
    ),
    Mistake(
        "Every minibatch holds the first points of the data. They should be drawn at random.",
        (choosing(lambda points, num: slice(num)),),
    ),
    Mistake(
        "Every minibatch holds the last points of the data. They should be drawn at random.",
        (choosing(lambda points, num: slice(-num, None)),),
    ),
    Mistake(
        "Every call returns the same points. Is a seed set inside your function? Then the random "
        "numbers start afresh each time.",
        (choosing(_same_each_time),),
    ),
    Mistake(
        "Your minibatch is a piece of the data at a random place. Points that lie side by side are "
        "often alike, say all of one class. Draw each of them by itself.",
        (choosing(_slice), choosing(_slice_past_the_end), choosing(_block)),
    ),
    Mistake(
        "The last point is never drawn. Which is the largest number that your line for the indices "
        "can give? It should be one less than the number of points.",
        (
            choosing(lambda points, num: torch.randperm(points - 1)[:num]),
            choosing(lambda points, num: torch.randint(points - 1, (num,))),
        ),
    ),
    Mistake(
        "The first point is never drawn. Indices start at 0.",
        (
            choosing(lambda points, num: torch.randperm(points - 1)[:num] + 1),
            choosing(lambda points, num: torch.randint(1, points, (num,))),
        ),
    ),
    Mistake(
        "You return all points. Take num_points of them, drawn at random.",
        (choosing(lambda points, num: torch.randperm(points)),),
    ),
    Mistake(
        "Your minibatch has the same number of points whatever num_points is. Use num_points in "
        "place of the fixed number.",
        tuple(
            choosing(lambda points, num, fixed=fixed: torch.randperm(points)[:fixed])
            for fixed in (1, 5, 10, 32, 50, 64, 100)
        ),
    ),
    Mistake(
        "Your minibatch has one point too few. A slice [:n] holds n entries.",
        (choosing(lambda points, num: torch.randperm(points)[: num - 1]),),
    ),
    Mistake(
        "Your minibatch has one point too many. A slice [:n] holds n entries.",
        (choosing(lambda points, num: torch.randperm(points)[: num + 1]),),
    ),
    Mistake(
        "Your minibatch holds all points but num_points of them: the slice takes the other part.",
        (choosing(lambda points, num: torch.randperm(points)[num:]),),
    ),
    Mistake(
        "The size of your minibatches varies from call to call. Choosing each point with some "
        "chance gives num_points only on average; draw exactly so many.",
        (choosing(lambda points, num: torch.rand(points) < num / points),),
    ),
    Mistake(
        "Your minibatch is a single point. A random number is one index; num_points different ones "
        "are needed.",
        (choosing(lambda points, num: int(torch.randint(points, ()))),),
    ),
    Mistake(
        "You return the indices. Return the inputs and the targets at these indices.",
        (_returns_indices,),
    ),
    Mistake(
        "You return the inputs alone. Return the targets of the same points as well.",
        (changing(lambda inputs, targets: inputs),),
    ),
    Mistake(
        "You return inputs and targets in the wrong order: the inputs come first.",
        (changing(_swaps),),
    ),
    Mistake(
        "The minibatch is right, but its inputs have lost or gained a dimension. Return them with "
        "the shape that they have in the data.",
        (changing(_flattens), changing(_adds_channel)),
    ),
    Mistake(
        "A minibatch of one point loses a dimension: squeeze removes every dimension of length "
        "one. Return inputs and targets with the dimensions that they have in the data.",
        (changing(_squeezes), changing(_squeezes_inputs)),
    ),
    Mistake(
        "The targets are no longer whole numbers, and the loss needs them to be. Return them as "
        "they are.",
        (changing(_floats),),
    ),
    Mistake(
        "Your function shuffles the data themselves, which belong to the caller. Leave them as "
        "they are, and return copies of some points.",
        (_shuffles_in_place,),
    ),
    Mistake(
        "Your function shuffles the inputs in place and the targets not at all, so that after it "
        "nothing in the data belongs together. Leave the data as they are.",
        (_shuffles_inputs_in_place,),
    ),
)

exercise_6 = Exercise(number=6, reference=sample_minibatch, scenario=scenario, mistakes=MISTAKES)
