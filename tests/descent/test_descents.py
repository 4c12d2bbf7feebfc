"""Several starts, minibatches, and what is recorded of them."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.landscapes import RAVINE
from descent.models import MLP, loss_fn, losses_many, stack_models
from descent.optimizers import gradient_update, momentum_update
from descent.runs import descend, grid

steady = settings(derandomize=True, deadline=None, database=None, max_examples=30)


def double(values):
    return torch.tensor(values, dtype=torch.float64)


PLACES = double([[[-2.0, 0.5]], [[1.0, 0.0]], [[0.3, -0.7]]])


def ravine(axes, steps=6, starts=PLACES, **options):
    return descend(RAVINE.losses, [starts], momentum_update, grid(**axes), steps, **options)


# ---- Several starts


@pytest.mark.parametrize("order", [("start", "lr", "beta"), ("lr", "start", "beta")])
def test_each_run_starts_where_its_setting_says_and_goes_as_it_would_alone(order):
    axes = {"start": range(3), "lr": [0.01, 0.03], "beta": [0.0, 0.9]}
    runs = ravine({name: axes[name] for name in order}, keep_paths=True)
    for run, setting in enumerate(runs.grid.table().to_dict("records")):
        place = PLACES[int(setting["start"])]
        assert torch.equal(runs.paths[0][0, run], place)
        alone = ravine({"lr": setting["lr"], "beta": setting["beta"]}, starts=place)
        torch.testing.assert_close(runs.losses[:, run], alone.losses[:, 0], rtol=1e-12, atol=0)


@steady
@given(st.lists(st.integers(0, 2), min_size=1, max_size=5))
def test_starts_may_be_chosen_in_any_order_and_more_than_once(chosen):
    runs = ravine({"start": chosen}, steps=0)
    assert torch.equal(runs.params[0], PLACES[chosen])
    assert runs.table()["start"].tolist() == chosen


def test_networks_from_several_starts_train_as_each_does_by_itself():
    torch.manual_seed(0)
    models = [MLP(6, 3, [5]).double() for _ in range(3)]
    x, y = torch.randn(30, 6, dtype=torch.float64), torch.randint(3, (30,))
    settings = grid(lr=[0.1], start=range(3))
    starts = stack_models(models)
    runs = descend(lambda p: losses_many(p, x, y), starts, gradient_update, settings, 20)
    for number, model in enumerate(models):
        sgd = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(20):
            sgd.zero_grad()
            loss_fn(model(x), y).backward()
            sgd.step()
        expected = loss_fn(model(x), y).item()
        assert runs.losses[-1, number].item() == pytest.approx(expected, rel=1e-12)


def test_no_gradient_of_the_step_before_is_there_when_a_rule_is_called():
    def watched(loss, params, lr):
        assert all(param.grad is None for param in params)
        gradient_update(loss, params, lr)
        assert all(param.grad is not None for param in params)

    runs = descend(RAVINE.losses, [PLACES[0]], watched, grid(lr=[0.01, 0.02]), 5)
    expected = descend(RAVINE.losses, [PLACES[0]], gradient_update, grid(lr=[0.01, 0.02]), 5)
    assert torch.equal(runs.losses, expected.losses)


def test_the_starts_are_not_changed():
    starts = PLACES.clone()
    ravine({"start": range(3), "lr": [0.01]}, starts=starts)
    assert torch.equal(starts, PLACES)
    assert not starts.requires_grad


@pytest.mark.parametrize("chosen", [[3], [-1], [0.5], [0, 1, 7]])
def test_a_start_that_is_not_there_is_an_error(chosen):
    with pytest.raises(ValueError, match="counts the 3 starts from 0, but has"):
        ravine({"start": chosen})


def test_starts_without_a_leading_dimension_are_an_error():
    with pytest.raises(ValueError, match=r"with an axis start, .* three dimensions"):
        ravine({"start": [0]}, starts=PLACES[0])
    with pytest.raises(ValueError, match="a start is a list of tensors with two dimensions"):
        ravine({"lr": [0.01]}, starts=PLACES)


def test_starts_of_different_number_are_an_error():
    starts = [torch.zeros(3, 2, 4), torch.zeros(2, 1, 4)]
    with pytest.raises(ValueError, match=r"equally many, not \[2, 3\]"):
        descend(lambda p: p[0].sum((1, 2)), starts, gradient_update, grid(start=[0]), 1)


# ---- What is recorded, and when


@pytest.mark.parametrize(
    ("steps", "every", "recorded"),
    [
        (6, 1, [0, 1, 2, 3, 4, 5, 6]),
        (6, 2, [0, 2, 4, 6]),
        (6, 4, [0, 4, 6]),
        (6, 100, [0, 6]),
        (0, 3, [0]),
        (6, [2, 5], [2, 5, 6]),
        (6, [0, 6], [0, 6]),
    ],
)
def test_every_so_many_steps_and_the_last_are_recorded(steps, every, recorded):
    full = ravine({"lr": [0.01, 0.03]}, steps, PLACES[0], keep_paths=True)
    some = ravine({"lr": [0.01, 0.03]}, steps, PLACES[0], keep_paths=True, every=every)
    assert some.steps == recorded
    assert torch.equal(some.losses, full.losses[recorded])
    assert torch.equal(some.paths[0], full.paths[0][recorded])
    assert torch.equal(some.params[0], full.params[0])
    assert len(some.table()) == 2 * len(recorded)


def test_the_table_names_the_step_of_each_record():
    runs = ravine({"start": [2, 0], "lr": [0.01]}, steps=5, every=3)
    table = runs.table()
    assert list(table.columns) == ["start", "lr", "step", "loss"]
    assert table["step"].tolist() == [0, 3, 5] * 2
    assert table["start"].tolist() == [2] * 3 + [0] * 3
    assert table["loss"].tolist() == runs.losses.T.flatten().tolist()


@pytest.mark.parametrize("every", [0, -1])
def test_recording_less_often_than_never_is_an_error(every):
    with pytest.raises(ValueError, match=f"every must be at least 1, but it is {every}"):
        ravine({"lr": [0.01]}, starts=PLACES[0], every=every)


# ---- Measuring something else than is descended


def test_what_is_measured_is_recorded_and_what_is_descended_is_not_changed_by_it():
    def distance(params):
        return params[0].square().sum(dim=(1, 2))

    axes = {"start": range(3), "lr": [0.01]}
    plain = ravine(axes, keep_paths=True)
    measured = ravine(axes, measure_fn=distance, every=4)
    assert measured.steps == [0, 4, 6]
    assert torch.equal(measured.losses, plain.paths[0][[0, 4, 6]].square().sum(dim=(2, 3)))
    assert torch.equal(measured.params[0], plain.params[0])


def test_the_measure_is_taken_at_recorded_steps_only_and_builds_no_graph():
    calls = []

    def measure(params):
        calls.append(torch.is_grad_enabled() or any(part.requires_grad for part in params))
        return params[0].sum(dim=(1, 2))

    ravine({"start": range(3)}, steps=9, measure_fn=measure, every=4)
    assert calls == [False] * 4  # before steps 0, 4 and 8, and at the end


def test_each_step_draws_one_minibatch_and_all_runs_see_it():
    torch.manual_seed(0)
    x, drawn = torch.randn(50, dtype=torch.float64), []

    def losses(params):
        batch = x[torch.randint(50, (5,))]
        drawn.append(batch)
        return 0.5 * (params[0][:, 0] - batch).square().mean(dim=1)

    runs = descend(
        losses,
        [double([[3.0]])],
        gradient_update,
        grid(lr=[0.1, 0.3]),
        7,
        measure_fn=lambda params: params[0][:, 0, 0],
    )
    assert len(drawn) == 7
    for run, lr in enumerate((0.1, 0.3)):
        w = 3.0
        for step, batch in enumerate(drawn):
            assert runs.losses[step, run].item() == pytest.approx(w, rel=1e-12)
            w -= lr * (w - batch.mean().item())
        assert runs.losses[-1, run].item() == pytest.approx(w, rel=1e-12)


@pytest.mark.parametrize("wrong", [lambda p: p[0].sum(), lambda p: p[0].sum(dim=1)])
def test_a_function_without_one_loss_for_each_run_is_an_error_that_names_it(wrong):
    axes = grid(start=range(3))
    with pytest.raises(ValueError, match="measure_fn must return one loss for each of 3 runs"):
        descend(RAVINE.losses, [PLACES], gradient_update, axes, 1, measure_fn=wrong)
    with pytest.raises(ValueError, match="losses_fn must return one loss for each of 3 runs"):
        descend(wrong, [PLACES], gradient_update, axes, 1, measure_fn=RAVINE.losses)
