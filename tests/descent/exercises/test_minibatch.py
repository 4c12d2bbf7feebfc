"""Exercise 6 as readers answer it: in many right ways, and in many wrong ones."""

# ruff: noqa: NPY002 - learners use np.random's global functions

import random
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from descent.data import sample_minibatch as course_sample
from descent.exercises import exercise_6

CHAPTER = Path(__file__).parents[3] / "book" / "minibatches.md"
YOURS = "Exercise 6: correct. From here on the chapter uses your sample_minibatch."
OURS = (
    "Exercise 6: not implemented yet. From here on the chapter uses the course's sample_minibatch."
)


def said(capsys):
    return " ".join(capsys.readouterr().out.split())


# ---- Right answers


def by_randperm(input_data, target_data, num_points=100):
    order = torch.randperm(input_data.shape[0])
    rows = order[:num_points]
    return input_data[rows], target_data[rows]


def by_numpy_choice(input_data, target_data, num_points=100):
    rows = np.random.choice(len(input_data), num_points, replace=False)
    return input_data[rows], target_data[rows]


def by_numpy_generator(input_data, target_data, num_points=100):
    rows = np.random.default_rng().permutation(len(input_data))[:num_points]
    return input_data[rows], target_data[rows]


def by_random_sample(input_data, target_data, num_points=100):
    rows = random.sample(range(len(input_data)), num_points)
    return input_data[rows], target_data[rows]


def by_random_shuffle(input_data, target_data, num_points=100):
    rows = list(range(len(input_data)))
    random.shuffle(rows)
    return torch.stack([input_data[i] for i in rows[:num_points]]), target_data[rows[:num_points]]


def by_multinomial(input_data, target_data, num_points=100):
    rows = torch.multinomial(torch.ones(len(input_data)), num_points)
    return input_data.index_select(0, rows), target_data.index_select(0, rows)


def by_sorting_noise(input_data, target_data, num_points=100):
    rows = torch.rand(len(input_data)).topk(num_points).indices
    return [torch.index_select(data, 0, rows) for data in (input_data, target_data)]


def by_sorted_rows(input_data, target_data, num_points=100):
    rows = torch.randperm(len(input_data))[:num_points].sort().values
    return input_data[rows].clone(), target_data[rows].clone()


def by_mask(input_data, target_data, num_points=100):
    mask = torch.zeros(len(input_data), dtype=torch.bool)
    mask[torch.randperm(len(input_data))[-num_points:]] = True
    return input_data[mask], target_data[mask]


def by_loader(input_data, target_data, num_points=100):
    data = TensorDataset(input_data, target_data)
    return next(iter(DataLoader(data, batch_size=num_points, shuffle=True)))


def by_sampler(input_data, target_data, num_points=100):
    rows = list(RandomSampler(input_data, num_samples=num_points))
    return input_data[rows], target_data[rows]


def by_shuffled_copies(input_data, target_data, num_points=100):
    order = torch.randperm(len(input_data))
    shuffled_inputs, shuffled_targets = input_data[order], target_data[order]
    print("first target", shuffled_targets[0])
    return shuffled_inputs[:num_points], shuffled_targets[:num_points]


RIGHT = [
    by_randperm,
    by_numpy_choice,
    by_numpy_generator,
    by_random_sample,
    by_random_shuffle,
    by_multinomial,
    by_sorting_noise,
    by_sorted_rows,
    by_mask,
    by_loader,
    by_sampler,
    by_shuffled_copies,
]


@pytest.mark.parametrize("function", RIGHT)
def test_a_right_function_is_used(function, capsys):
    assert exercise_6.check(function) is function
    assert said(capsys) == YOURS


def test_a_right_function_is_right_whatever_chance_brings():
    state = {"seed": 0}

    def with_its_own_generator(input_data, target_data, num_points=100):
        state["seed"] += 1
        generator = torch.Generator().manual_seed(state["seed"])
        rows = torch.randperm(len(input_data), generator=generator)[:num_points]
        return input_data[rows], target_data[rows]

    assert all(exercise_6.problem(with_its_own_generator) == "" for _ in range(10))


def test_the_check_leaves_the_random_numbers_alone():
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    expected = torch.rand(()), np.random.rand(), random.random()
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    exercise_6.check(by_numpy_choice)
    assert (torch.rand(()), np.random.rand(), random.random()) == expected


# ---- Nothing written yet


def stub_of_the_chapter():
    cells = re.findall(r"```\{code-cell\} ipython3\n(.*?)```", CHAPTER.read_text(), re.DOTALL)
    [code] = [cell for cell in cells if cell.startswith("def sample_minibatch")]
    space = {}
    exec(code, space)
    return space["sample_minibatch"]


def only_pass(input_data, target_data, num_points=100):
    pass


def raises_not_implemented(input_data, target_data, num_points=100):
    raise NotImplementedError


def inputs_are_left(input_data, target_data, num_points=100):
    rows = torch.randperm(len(input_data))[:num_points]
    return ..., target_data[rows]


def targets_are_left(input_data, target_data, num_points=100):
    rows = torch.randperm(len(input_data))[:num_points]
    return input_data[rows], ...


UNWRITTEN = [
    pytest.param(stub_of_the_chapter(), id="stub"),
    only_pass,
    raises_not_implemented,
    inputs_are_left,
    targets_are_left,
]


@pytest.mark.parametrize("function", UNWRITTEN)
def test_an_unwritten_function_is_not_a_mistake(function, capsys):
    assert exercise_6.check(function) is course_sample
    assert said(capsys) == OURS


# ---- Mistakes, written in other ways than in the table


def two_permutations(input_data, target_data, num_points=100):
    rows = np.random.permutation(len(input_data))[:num_points]
    others = np.random.permutation(len(input_data))[:num_points]
    return input_data[rows], target_data[others]


def two_samples(input_data, target_data, num_points=100):
    points = range(len(input_data))
    return (
        input_data[random.sample(points, num_points)],
        target_data[random.sample(points, num_points)],
    )


def numpy_choice(input_data, target_data, num_points=100):
    rows = np.random.choice(len(input_data), num_points)
    return input_data[rows], target_data[rows]


def random_integers(input_data, target_data, num_points=100):
    rows = [random.randrange(len(input_data)) for _ in range(num_points)]
    return input_data[rows], target_data[rows]


def arange(input_data, target_data, num_points=100):
    rows = torch.arange(num_points)
    return input_data[rows], target_data[rows]


def from_the_end(input_data, target_data, num_points=100):
    return input_data.flip(0)[:num_points], target_data.flip(0)[:num_points]


def seeded_generator(input_data, target_data, num_points=100):
    rows = torch.randperm(len(input_data), generator=torch.Generator().manual_seed(1))[:num_points]
    return input_data[rows], target_data[rows]


def seeded_numpy(input_data, target_data, num_points=100):
    rows = np.random.default_rng(2021).choice(len(input_data), num_points, replace=False)
    return input_data[rows], target_data[rows]


def random_slice(input_data, target_data, num_points=100):
    start = random.randint(0, len(input_data) - num_points)
    return input_data[start : start + num_points], target_data[start : start + num_points]


def off_by_one(input_data, target_data, num_points=100):
    rows = np.random.randint(0, len(input_data) - 1, num_points)
    return input_data[rows], target_data[rows]


def without_the_first(input_data, target_data, num_points=100):
    rows = random.choices(range(1, len(input_data)), k=num_points)
    return input_data[rows], target_data[rows]


def blank_indices(input_data, target_data, num_points=100):
    batch_indices = ...
    return input_data[batch_indices], target_data[batch_indices]


def always_ten(input_data, target_data, num_points=100):
    rows = random.sample(range(len(input_data)), 10)
    return input_data[rows], target_data[rows]


def targets_first(input_data, target_data, num_points=100):
    rows = random.sample(range(len(input_data)), num_points)
    return target_data[rows], input_data[rows]


def inputs_only(input_data, target_data, num_points=100):
    return input_data[torch.randperm(len(input_data))[:num_points]]


def indices_only(input_data, target_data, num_points=100):
    return torch.multinomial(torch.ones(len(input_data)), num_points)


def flat(input_data, target_data, num_points=100):
    inputs, targets = by_numpy_choice(input_data, target_data, num_points)
    return inputs.flatten(1), targets


def in_place(input_data, target_data, num_points=100):
    order = torch.randperm(len(input_data))
    input_data.copy_(input_data[order])
    target_data.copy_(target_data[order])
    return input_data[:num_points], target_data[:num_points]


def by_coin(input_data, target_data, num_points=100):
    mask = np.random.rand(len(input_data)) < num_points / len(input_data)
    return input_data[mask], target_data[mask]


RECOGNISED = [
    (two_permutations, "The inputs come with the targets of other points."),
    (two_samples, "The inputs come with the targets of other points."),
    (numpy_choice, "A minibatch of yours may hold a point twice"),
    (random_integers, "A minibatch of yours may hold a point twice"),
    (arange, "Every minibatch holds the first points of the data."),
    (from_the_end, "Every minibatch holds the last points of the data."),
    (seeded_generator, "Every call returns the same points."),
    (seeded_numpy, "Every call returns the same points."),
    (random_slice, "Your minibatch is a piece of the data"),
    (off_by_one, "The last point is never drawn."),
    (without_the_first, "The first point is never drawn."),
    (blank_indices, "You return all points."),
    (always_ten, "Your minibatch has the same number of points whatever num_points is."),
    (targets_first, "You return inputs and targets in the wrong order"),
    (inputs_only, "You return the inputs alone."),
    (indices_only, "You return the indices."),
    (flat, "The minibatch is right, but its inputs have lost or gained a dimension."),
    (in_place, "Your function shuffles the data themselves"),
    (by_coin, "The size of your minibatches varies from call to call."),
]


@pytest.mark.parametrize(("function", "message"), RECOGNISED)
def test_a_mistake_is_recognised_however_it_is_written(function, message, capsys):
    assert exercise_6.check(function) is course_sample
    text = said(capsys)
    assert text.startswith(f"Exercise 6: not right yet. {message}")
    assert text.endswith("From here on the chapter uses the course's sample_minibatch.")


# ---- What is in no table


def test_an_unknown_mistake_is_told_in_numbers():
    def returns_indices_too(input_data, target_data, num_points=100):
        rows = torch.randperm(len(input_data))[:num_points]
        return input_data[rows], target_data[rows], rows

    problem = exercise_6.problem(returns_indices_too)
    assert problem == (
        "not right yet. In our test, the number of tensors returned should be 2 and is 3."
    )


def test_an_index_that_is_not_there_is_told_with_its_line():
    def one_too_far(input_data, target_data, num_points=100):
        rows = torch.randperm(len(input_data) + 1)[:num_points]
        return input_data[rows], target_data[rows]

    problem = exercise_6.problem(one_too_far)
    assert "in line 3 of your function" in problem
    assert "IndexError" in problem


def test_a_loop_that_never_ends_is_stopped():
    def endless(input_data, target_data, num_points=100):
        while True:
            pass

    assert "Is there a loop that never ends?" in exercise_6.problem(endless)
