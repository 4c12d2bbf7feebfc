"""Runs that diverge, runs of different widths, and runs that are interrupted."""

import functools

import pytest
import torch

from descent.landscapes import RAVINE, ROSENBROCK
from descent.models import MLP, losses_many, stack_models
from descent.models.backpropagation import wide
from descent.optimizers import (
    adagrad_update,
    adam_update,
    gradient_update,
    momentum_update,
    nesterov_update,
    rmsprop_update,
)
from descent.runs import descend, grid
from descent.runs.running import told_which_run

START = [torch.tensor([[-0.4, 0.3]], dtype=torch.float64)]


class Watched:
    """A loss that notes how many runs it was asked for."""

    def __init__(self, losses_fn=ROSENBROCK.losses):
        self.losses_fn, self.asked = losses_fn, []

    def __call__(self, params):
        self.asked.append(len(params[0]))
        return self.losses_fn(params)


# ---- Runs that diverge


def test_runs_that_have_diverged_are_no_longer_computed():
    watched = Watched()
    descend(watched, START, gradient_update, grid(lr=[1e-4, 50.0, 5e-4, 70.0]), 100)
    assert watched.asked[0] == 4
    assert watched.asked[-1] == 2


@pytest.mark.parametrize("starts", [False, True])
def test_parameters_and_states_lie_side_by_side_from_the_first_step_to_the_last(starts):
    copied = []

    def noting_update(loss, params, velocity, lr):
        copied.extend(wide(part).data_ptr() != part.data_ptr() for part in params + velocity)
        gradient_update(loss, params, lr)

    start = [torch.full((2, 1), -0.3)]
    settings = {"lr": [1e-4, 50.0, 5e-4]}
    if starts:
        start, settings = [torch.stack([start[0], 2 * start[0]])], settings | {"start": [0, 1]}
    descend(
        lambda params: params[0].pow(4).sum(dim=(1, 2)), start, noting_update, grid(**settings), 30
    )
    assert copied
    assert not any(copied)


def test_what_a_rule_remembers_stays_with_its_run():
    settings = grid(lr=[50.0, 1e-4, 60.0, 3e-4], beta=[0.5, 0.9])
    runs = descend(ROSENBROCK.losses, START, momentum_update, settings, 200, keep_paths=True)
    for index, (lr, beta) in enumerate(settings.combinations()):
        alone = descend(ROSENBROCK.losses, START, momentum_update, grid(lr=lr, beta=beta), 200)
        if alone.losses[-1].isfinite():
            assert torch.equal(runs.losses[:, index], alone.losses[:, 0])
            assert torch.equal(runs.paths[0][-1, index], alone.params[0][0])
            assert torch.equal(runs.params[0][index], alone.params[0][0])
        else:
            assert runs.losses[-1, index].isnan()
            assert runs.params[0][index].isnan().all()
            assert runs.paths[0][-1, index].isnan().all()


def test_all_runs_may_diverge():
    watched = Watched()
    runs = descend(watched, START, gradient_update, grid(lr=[50.0, 60.0, 70.0]), 100)
    assert runs.losses.shape == (101, 3)
    assert runs.losses[-1].isnan().all()
    assert watched.asked[-1] == 1


def test_a_loss_that_is_infinite_for_a_while_is_no_divergence():
    def overflowing(params):
        x = params[0][:, 0, 0]
        return torch.where(x > 1, torch.inf, 0) + x.square()

    start = [torch.tensor([[3.0]])]
    runs = descend(overflowing, start, gradient_update, grid(lr=[0.1, 0.2]), 50)
    assert runs.losses[0].isinf().all()
    assert (runs.losses[-1] < 1e-3).all()


def test_a_loss_with_something_for_each_run_hears_which_are_left():
    goals = torch.tensor([0.0, 1.0, 2.0, 3.0], dtype=torch.float64)

    def losses(params, running):
        return (params[0][:, 0, 0] - goals[running]).square()

    start = [torch.zeros(1, 1, dtype=torch.float64)]
    runs = descend(losses, start, gradient_update, grid(lr=[0.1, 1e200, 0.2, 0.3]), 100)
    assert runs.losses[-1, 1].isnan()
    assert runs.params[0][[0, 2, 3]].flatten().tolist() == pytest.approx([0, 2, 3], abs=1e-6)


def test_a_loss_that_forgets_that_runs_are_dropped_is_told_what_to_do():
    goals = torch.zeros(3)
    start = [torch.ones(1, 1)]

    def losses(params):
        return torch.ones(3) * (params[0][:, 0, 0].sum() - goals).square()

    def one_left(params):
        return losses(params) * torch.tensor([1.0, torch.nan, torch.nan])

    with pytest.raises(ValueError, match="take a second argument, running"):
        descend(one_left, start, gradient_update, grid(lr=[0.1] * 3), 30)


# ---- Networks of different widths


@pytest.mark.parametrize(
    "rule",
    [
        gradient_update,
        momentum_update,
        nesterov_update,
        adagrad_update,
        rmsprop_update,
        adam_update,
    ],
)
def test_every_rule_trains_padded_networks_as_each_alone(rule):
    torch.manual_seed(0)
    x, y = torch.randn(20, 6, dtype=torch.float64), torch.randint(3, (20,))
    dims = [[2, 7], [5, 3], [1, 4]]
    models = [MLP(6, 3, hidden).double() for hidden in dims]

    def losses(params):
        return losses_many(params, x, y)

    together = descend(losses, stack_models(models), rule, grid(start=range(3), lr=0.01), 40)
    for index, (model, (first, second)) in enumerate(zip(models, dims, strict=True)):
        start = [param[0] for param in stack_models([model])]
        alone = descend(losses, start, rule, grid(lr=0.01), 40)
        torch.testing.assert_close(together.losses[:, index], alone.losses[:, 0])
        assert not together.params[0][index, :, first:].any()
        assert not together.params[2][index, first:].any()
        assert not together.params[2][index, :, second:].any()
        assert not together.params[4][index, second:].any()


# ---- Chosen steps, progress, an interrupt


def test_just_the_chosen_steps_and_the_last_are_recorded():
    options = {"keep_paths": True, "every": [0, 1, 10, 100]}
    some = descend(RAVINE.losses, START, gradient_update, grid(lr=0.01), 120, **options)
    each = descend(RAVINE.losses, START, gradient_update, grid(lr=0.01), 120, keep_paths=True)
    assert some.steps == [0, 1, 10, 100, 120]
    assert torch.equal(some.losses, each.losses[some.steps])
    assert torch.equal(some.paths[0], each.paths[0][some.steps])


@pytest.mark.parametrize("every", [[], [-1, 3], [2, 11]])
def test_steps_that_are_not_there_are_an_error(every):
    with pytest.raises(ValueError, match="every must name steps from 0 to 10"):
        descend(RAVINE.losses, START, gradient_update, grid(lr=0.01), 10, every=every)


@pytest.mark.parametrize("progress", [True, False])
def test_a_long_grid_shows_how_far_it_is(progress, monkeypatch, capsys):
    monkeypatch.setattr("descent.runs.descents.PATIENCE", 0)
    descend(RAVINE.losses, START, gradient_update, grid(lr=0.01), 30, progress=progress)
    assert ("30/30" in capsys.readouterr().err) == progress


def test_a_short_grid_shows_no_bar(capsys):
    descend(RAVINE.losses, START, gradient_update, grid(lr=0.01), 30)
    assert capsys.readouterr().err == ""


def interrupted_at(step, **options):
    calls = iter(range(1000))

    def losses(params):
        if next(calls) == step:
            raise KeyboardInterrupt
        return RAVINE.losses(params)

    return descend(losses, START, gradient_update, grid(lr=[0.01, 0.02]), 100, **options)


def test_an_interrupt_leaves_what_is_done_in_hand(capsys):
    runs = interrupted_at(37, every=10, keep_paths=True)
    whole = descend(RAVINE.losses, START, gradient_update, grid(lr=[0.01, 0.02]), 100, every=10)
    assert runs.interrupted
    assert not whole.interrupted
    assert runs.steps == [0, 10, 20, 30]
    assert torch.equal(runs.losses, whole.losses[:4])
    assert len(runs.paths[0]) == 4
    assert len(runs.table()) == 8
    assert "Stopped by you after step 30 of 100 was recorded" in capsys.readouterr().out


def test_an_interrupt_before_anything_was_recorded_gives_an_empty_result(capsys):
    runs = interrupted_at(0, keep_paths=True)
    assert runs.interrupted
    assert runs.losses.shape == (0, 2)
    assert runs.steps == []
    assert runs.table().empty
    assert "before anything was recorded" in capsys.readouterr().out


def test_a_loss_that_does_not_tell_its_arguments_gets_the_parameters_alone():
    assert told_which_run(torch.sum)(torch.ones(3), torch.arange(3)) == 3


def test_a_rule_without_a_name_is_called_the_update_rule():
    nameless = functools.partial(gradient_update)
    with pytest.raises(ValueError, match=r"^the update rule takes lr, but not speed$"):
        descend(ROSENBROCK.losses, [torch.zeros(1, 2)], nameless, grid(speed=[1.0]), 1)
