"""Many optimizations at once against a plain loop over single ones."""

import functools
import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from descent.landscapes import BOWL, RAVINE, ROSENBROCK
from descent.models import MLP, loss_fn, losses_many, stack_models
from descent.optimizers import gradient_update, momentum_update, rmsprop_update
from descent.runs import descend, grid, random_search

steady = settings(derandomize=True, deadline=None, database=None, max_examples=30)


def double(values):
    return torch.tensor(values, dtype=torch.float64)


# ---- Grids


def test_a_grid_holds_every_combination_and_its_last_axis_varies_fastest():
    both = grid(lr=[0.1, 0.2], beta=[0, 0.5, 0.9])
    assert len(both) == 6
    assert both.combinations() == [
        (0.1, 0.0),
        (0.1, 0.5),
        (0.1, 0.9),
        (0.2, 0.0),
        (0.2, 0.5),
        (0.2, 0.9),
    ]


numbers = st.floats(-1e3, 1e3)
axes = st.dictionaries(
    st.sampled_from(["lr", "beta", "alpha", "epsilon"]),
    st.lists(numbers, min_size=1, max_size=4),
    min_size=1,
)


@steady
@given(axes)
def test_combinations_hyperparameters_and_table_agree_for_any_axes(values):
    settings = grid(**values)
    expected = list(itertools.product(*values.values()))
    assert settings.combinations() == expected
    assert len(settings) == len(expected)
    table = settings.table()
    assert list(table.columns) == list(values)
    assert list(table.itertuples(index=False, name=None)) == expected
    tensors = settings.hyperparameters(like=double([0.0]))
    assert list(tensors) == list(values)
    for column, tensor in zip(zip(*expected, strict=True), tensors.values(), strict=True):
        assert tensor.shape == (len(expected), 1, 1)
        assert tuple(tensor.flatten().tolist()) == column


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_hyperparameters_have_the_type_of_the_parameters_without_losing_digits(dtype):
    lr = grid(lr=[0.1, 0.3]).hyperparameters(like=torch.zeros(2, dtype=dtype))["lr"]
    assert lr.dtype == dtype
    assert lr.flatten().tolist() == torch.tensor([0.1, 0.3], dtype=dtype).tolist()


@pytest.mark.parametrize(
    "values", [0.5, [0.5], (0.5,), np.array([0.5]), double([0.5]), np.float64(0.5)]
)
def test_an_axis_may_be_a_number_or_any_sequence(values):
    assert grid(lr=values).axes == {"lr": (0.5,)}


def test_a_grid_without_axes_is_an_error():
    with pytest.raises(ValueError, match="at least one axis"):
        grid()


def test_an_axis_without_values_is_an_error_that_names_it():
    with pytest.raises(ValueError, match="but beta has none"):
        grid(lr=[0.1], beta=[])


# ---- descend against a loop


RULES = {
    "gradient": (gradient_update, 0, {"lr": [1e-3, 0.02, 0.06]}),
    "momentum": (momentum_update, 1, {"lr": [1e-3, 0.02], "beta": [0.0, 0.5, 0.9]}),
    "rmsprop": (
        rmsprop_update,
        1,
        {"lr": [1e-3, 0.02], "alpha": [0.5, 0.9], "epsilon": [1e-8, 1e-2]},
    ),
}
every_rule = pytest.mark.parametrize("rule", list(RULES))


def one_run(loss_of, params, rule, hyperparameters, steps):
    """Run one update rule once: the loss and the parameters before and after every step."""
    update, states, _ = RULES[rule]
    state = [[torch.zeros_like(param) for param in params] for _ in range(states)]
    losses, path = [], []
    for _ in range(steps):
        loss = loss_of()
        losses.append(loss.item())
        path.append([param.detach().clone() for param in params])
        update(loss, params, *state, **hyperparameters)
    losses.append(loss_of().item())
    path.append([param.detach().clone() for param in params])
    return losses, path


def assert_near(actual, expected, tolerance=1e-12):
    expected = torch.as_tensor(expected, dtype=torch.float64)
    assert actual.shape == expected.shape
    assert (actual - expected).abs().max() <= tolerance * max(1, expected.abs().max())


@every_rule
@pytest.mark.parametrize("landscape", [RAVINE, ROSENBROCK], ids=["ravine", "Rosenbrock"])
def test_on_a_landscape_all_runs_equal_a_loop_over_single_ones(rule, landscape):
    start, steps = double([[-0.4, 0.3]]), 60
    axes = dict(RULES[rule][2])
    if landscape is ROSENBROCK:
        axes["lr"] = [1e-5, 2e-4]
    runs = descend(landscape.losses, [start], RULES[rule][0], grid(**axes), steps, True)
    combinations = list(itertools.product(*axes.values()))
    assert runs.losses.shape == (steps + 1, len(combinations))
    for run, values in enumerate(combinations):
        w = start.clone().requires_grad_()
        losses, path = one_run(
            lambda w=w: landscape.function(w)[0],
            [w],
            rule,
            dict(zip(axes, values, strict=True)),
            steps,
        )
        assert_near(runs.losses[:, run], losses)
        assert_near(runs.paths[0][:, run], torch.stack([point for [point] in path]))
        assert_near(runs.params[0][run], path[-1][0])


def small_problem():
    torch.manual_seed(0)
    model = MLP(in_dim=6, out_dim=3, hidden_dims=[5]).double()
    return model, torch.randn(30, 6, dtype=torch.float64), torch.randint(3, (30,))


@every_rule
def test_on_a_network_all_runs_equal_a_loop_over_single_networks(rule):
    model, x, y = small_problem()
    begin = {name: value.clone() for name, value in model.state_dict().items()}
    start = [param[0] for param in stack_models([model])]
    update, _, axes = RULES[rule]
    runs = descend(lambda params: losses_many(params, x, y), start, update, grid(**axes), 40)
    for run, values in enumerate(itertools.product(*axes.values())):
        model.load_state_dict(begin)
        losses, _ = one_run(
            lambda: loss_fn(model(x), y),
            list(model.parameters()),
            rule,
            dict(zip(axes, values, strict=True)),
            40,
        )
        assert_near(runs.losses[:, run], losses)
        layers = [layer for layer in model.main if isinstance(layer, nn.Linear)]
        for layer, weight, bias in zip(layers, runs.params[0::2], runs.params[1::2], strict=True):
            assert_near(weight[run], layer.weight.detach().T)
            assert_near(bias[run, 0], layer.bias.detach())


def test_gradient_descent_on_a_quadratic_follows_the_closed_form():
    lrs, steps = [0.01, 0.03, 0.06], 50
    runs = descend(
        RAVINE.losses, [double([[2.0, 1.0]])], gradient_update, grid(lr=lrs), steps, True
    )
    k = np.arange(steps + 1)[:, None]
    x, y = 2 * (1 - np.array(lrs)) ** k, (1 - 30 * np.array(lrs)) ** k
    np.testing.assert_allclose(runs.paths[0][:, :, 0].numpy(), np.stack([x, y], -1), rtol=1e-9)
    np.testing.assert_allclose(runs.losses.numpy(), (x**2 + 30 * y**2) / 2, rtol=1e-9)


# ---- What descend returns


def ravine_runs(steps=7, **options):
    settings = grid(lr=[0.01, 0.05], beta=[0.0, 0.9])
    start = [double([[-2.0, 0.5]])]
    return descend(RAVINE.losses, start, momentum_update, settings, steps, **options)


def test_first_losses_are_those_of_the_start_and_the_last_those_of_the_end():
    runs = ravine_runs()
    assert runs.losses.shape == (8, 4)
    assert runs.losses[0].tolist() == [(4 + 30 * 0.25) / 2] * 4
    assert torch.equal(runs.losses[-1], RAVINE.losses(runs.params))


def test_paths_hold_the_parameters_of_every_step():
    runs = ravine_runs(keep_paths=True)
    [path] = runs.paths
    assert path.shape == (8, 4, 1, 2)
    assert (path[0] == double([[-2.0, 0.5]])).all()
    assert torch.equal(path[-1], runs.params[0])
    for step, losses in enumerate(runs.losses):
        assert torch.equal(RAVINE.losses([path[step]]), losses)
    assert ravine_runs().paths is None
    assert torch.equal(ravine_runs().losses, runs.losses)


def test_results_carry_no_graph():
    runs = ravine_runs(keep_paths=True)
    parts = [runs.losses, *runs.params, *runs.paths]
    assert not any(part.requires_grad for part in parts)


def test_table_has_a_row_for_each_run_and_step():
    runs = ravine_runs()
    table = runs.table()
    assert list(table.columns) == ["lr", "beta", "step", "loss"]
    assert list(table.index) == list(range(8 * 4))
    rows = iter(table.itertuples(index=False, name=None))
    for run, (lr, beta) in enumerate([(0.01, 0.0), (0.01, 0.9), (0.05, 0.0), (0.05, 0.9)]):
        for step in range(8):
            assert next(rows) == (lr, beta, step, runs.losses[step, run].item())


def test_the_start_is_not_changed():
    start = [torch.randn(6, 3), nn.Parameter(torch.randn(1, 3))]
    before = [part.detach().clone() for part in start]

    def losses(params):
        return sum(param.square().sum(dim=(1, 2)) for param in params)

    descend(losses, start, gradient_update, grid(lr=[0.1, 0.2]), 5)
    random_search(losses, start, grid(length=[0.1, 0.2]), 5)
    assert all(torch.equal(*pair) for pair in zip(start, before, strict=True))
    assert [part.requires_grad for part in start] == [False, True]
    assert all(part.grad is None for part in start)


@pytest.mark.parametrize("search", [False, True])
def test_zero_steps_give_the_start(search):
    start = [double([[1.0, 2.0]])]
    if search:
        runs = random_search(BOWL.losses, start, grid(length=[0.1, 0.2]), 0, keep_paths=True)
    else:
        runs = descend(BOWL.losses, start, gradient_update, grid(lr=[0.1, 0.2]), 0, keep_paths=True)
    assert runs.losses.tolist() == [[2.5, 2.5]]
    assert runs.params[0].tolist() == [[[1.0, 2.0]]] * 2
    assert runs.paths[0].shape == (1, 2, 1, 2)
    assert len(runs.table()) == 2


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_runs_keep_the_precision_of_the_start(dtype):
    runs = descend(BOWL.losses, [torch.ones(1, 2, dtype=dtype)], gradient_update, grid(lr=[0.1]), 3)
    assert runs.losses.dtype == runs.params[0].dtype == dtype
    tolerance = 1e-6 if dtype == torch.float32 else 1e-14
    assert runs.params[0][0, 0].tolist() == pytest.approx([0.9**3] * 2, rel=tolerance)


def test_losses_that_are_views_of_the_parameters_are_kept_as_they_were():
    runs = descend(
        lambda params: params[0][:, 0, 0], [double([[1.0]])], gradient_update, grid(lr=[0.25]), 3
    )
    assert runs.losses.flatten().tolist() == [1.0, 0.75, 0.5, 0.25]


# ---- Runs do not disturb each other


@pytest.mark.parametrize(
    ("update", "wild"), [(gradient_update, 50.0), (momentum_update, 50.0), (rmsprop_update, 1e200)]
)
def test_a_diverging_run_ends_in_infinity_or_nan_and_leaves_the_others_alone(update, wild):
    start, steps = [double([[-0.4, 0.3]])], 250
    together = descend(ROSENBROCK.losses, start, update, grid(lr=[1e-4, wild, 5e-4]), steps)
    apart = descend(ROSENBROCK.losses, start, update, grid(lr=[1e-4, 5e-4]), steps)
    assert not together.losses[-1, 1].isfinite()
    assert torch.equal(together.losses[:, [0, 2]], apart.losses)
    assert torch.equal(together.params[0][[0, 2]], apart.params[0])
    assert apart.losses.isfinite().all()


def test_a_diverging_network_leaves_the_others_alone():
    model, x, y = small_problem()
    start = [param[0] for param in stack_models([model])]

    def losses(params):
        return losses_many(params, x, y) + params[2].square().sum(dim=(1, 2))

    together = descend(losses, start, gradient_update, grid(lr=[0.01, 1e4, 0.1]), 100)
    apart = descend(losses, start, gradient_update, grid(lr=[0.01, 0.1]), 100)
    assert not together.losses[-1, 1].isfinite()
    torch.testing.assert_close(together.losses[:, [0, 2]], apart.losses, rtol=1e-12, atol=0)
    for one, other in zip(together.params, apart.params, strict=True):
        torch.testing.assert_close(one[[0, 2]], other, rtol=1e-12, atol=1e-12)


@steady
@given(st.lists(st.floats(1e-4, 0.06), min_size=2, max_size=6, unique=True), st.data())
def test_a_run_does_not_depend_on_which_others_run_beside_it(lrs, data):
    chosen = data.draw(st.integers(0, len(lrs) - 1))
    start = [double([[-2.0, 0.5]])]
    together = descend(RAVINE.losses, start, gradient_update, grid(lr=lrs), 20)
    alone = descend(RAVINE.losses, start, gradient_update, grid(lr=lrs[chosen]), 20)
    assert torch.equal(together.losses[:, chosen], alone.losses[:, 0])


# ---- A reader's own function


@functools.wraps(momentum_update)
def wrapped(*args, **kwargs):
    return momentum_update(*args, **kwargs)


def with_hints(
    loss: torch.Tensor,
    params: list[torch.Tensor],
    grad_vel: list[torch.Tensor],
    lr: float = 1e-3,
    beta: float = 0.8,
) -> None:
    momentum_update(loss, params, grad_vel, lr, beta)


def with_keywords_only(objective, weights, velocity, *, beta=0.8, lr=1e-3):
    momentum_update(objective, weights, velocity, lr, beta)


def without_defaults(loss, params, grad_vel, lr, beta):
    momentum_update(loss, params, grad_vel, lr, beta)


def with_data(loss, params, grad_vel, lr=1e-3, beta=0.8):
    for param in params:
        param.grad = None
    loss.backward()
    for param, velocity in zip(params, grad_vel, strict=True):
        velocity.copy_(beta * velocity - lr * param.grad)
        param.data = param.data + velocity


class AsObject:
    def __call__(self, loss, params, grad_vel, lr=1e-3, beta=0.8):
        momentum_update(loss, params, grad_vel, lr, beta)


@pytest.mark.parametrize(
    "update",
    [
        wrapped,
        with_hints,
        with_keywords_only,
        without_defaults,
        with_data,
        AsObject(),
        functools.partial(momentum_update),
        lambda loss, params, v, lr=1, beta=0: momentum_update(loss, params, v, lr, beta),
    ],
)
def test_a_rule_written_in_another_style_runs_as_ours(update):
    settings = grid(lr=[0.01, 0.05], beta=[0.0, 0.9])
    runs = descend(RAVINE.losses, [double([[-2.0, 0.5]])], update, settings, 7)
    torch.testing.assert_close(runs.losses, ravine_runs().losses, rtol=1e-12, atol=0)


def test_defaults_of_a_rule_hold_where_the_grid_has_no_axis():
    start = [double([[-2.0, 0.5]])]
    default = descend(RAVINE.losses, start, momentum_update, grid(lr=[0.01]), 9)
    named = descend(RAVINE.losses, start, momentum_update, grid(lr=[0.01], beta=[0.8]), 9)
    torch.testing.assert_close(default.losses, named.losses, rtol=1e-12, atol=0)
    fixed = functools.partial(momentum_update, beta=0.5)
    by_partial = descend(RAVINE.losses, start, fixed, grid(lr=[0.01]), 9)
    named = descend(RAVINE.losses, start, momentum_update, grid(lr=[0.01], beta=[0.5]), 9)
    torch.testing.assert_close(by_partial.losses, named.losses, rtol=1e-12, atol=0)


def test_several_states_start_at_zero_and_are_kept_apart():
    def adam_like(loss, params, mean, mean_square, lr=0.1):
        for param in params:
            param.grad = None
        loss.backward()
        with torch.no_grad():
            for param, m, s in zip(params, mean, mean_square, strict=True):
                m.mul_(0.9).add_(0.1 * param.grad)
                s.mul_(0.99).add_(0.01 * param.grad.square())
                param -= lr * m / (s.sqrt() + 1e-8)

    runs = descend(BOWL.losses, [double([[3.0, -5.0]])], adam_like, grid(lr=[0.1, 0.2]), 1)
    # From zero the first step is lr * 0.1 g / (0.1 |g|).
    assert_near(runs.params[0], [[[2.9, -4.9]], [[2.8, -4.8]]], 1e-8)


# ---- Errors


@pytest.mark.parametrize(
    ("update", "said"),
    [
        (gradient_update, "gradient_update takes lr, but not beta"),
        (rmsprop_update, "rmsprop_update takes grad_sq, lr, alpha, epsilon, but not beta"),
        (functools.partial(gradient_update), "takes lr, but not beta"),
    ],
)
def test_an_axis_that_the_rule_does_not_take_is_an_error_that_names_it(update, said):
    with pytest.raises(ValueError, match=said):
        descend(BOWL.losses, [double([[1.0, 1.0]])], update, grid(lr=[0.1], beta=[0.5]), 1)


@pytest.mark.parametrize("axis", ["loss", "params"])
def test_the_loss_and_the_parameters_are_no_axes(axis):
    with pytest.raises(ValueError, match=f"but not {axis}"):
        descend(BOWL.losses, [double([[1.0, 1.0]])], gradient_update, grid(**{axis: [0.1]}), 1)


def start_search(losses=BOWL.losses, start=(1.0, 1.0), steps=1):
    return random_search(losses, start, grid(length=[0.1, 0.2]), steps)


def start_descent(losses=BOWL.losses, start=(1.0, 1.0), steps=1):
    return descend(losses, start, gradient_update, grid(lr=[0.1, 0.2]), steps)


either = pytest.mark.parametrize("begin", [start_descent, start_search])


@either
@pytest.mark.parametrize("steps", [-1, 10**9 + 1])
def test_a_number_of_steps_that_nobody_can_take_is_an_error(begin, steps):
    wanted = f"at least 0 and at most 1,000,000,000, but it is {steps}$"
    with pytest.raises(ValueError, match=wanted):
        begin(start=[double([[1.0, 1.0]])], steps=steps)


@either
@pytest.mark.parametrize("start", [double([1.0, 1.0]), double([[[1.0, 1.0]]]), double(1.0)])
def test_a_start_without_two_dimensions_is_an_error_and_not_a_wrong_broadcast(begin, start):
    with pytest.raises(ValueError, match="two dimensions"):
        begin(start=[start], losses=lambda params: params[0].flatten(1).square().sum(dim=1))


@either
@pytest.mark.parametrize(
    "losses",
    [
        lambda params: params[0].square().sum(),
        lambda params: BOWL.function(params[0]),
        lambda params: params[0].square().mean(dim=(0, 1)).sum()[None],
    ],
)
def test_losses_that_are_not_one_for_each_run_are_an_error(begin, losses):
    with pytest.raises(ValueError, match="one loss for each of 2 runs"):
        begin(start=[double([[1.0, 1.0]])], losses=losses)


@pytest.mark.parametrize("axes", [{"lr": [0.1]}, {"length": [0.1], "lr": [0.1]}])
def test_random_search_takes_no_axis_but_the_length(axes):
    with pytest.raises(ValueError, match="the length of a step"):
        random_search(BOWL.losses, [double([[1.0, 1.0]])], grid(**axes), 1)


# ---- Random search


LENGTHS = [0.01, 0.1, 0.5]


def search(seed=0, steps=200, losses=RAVINE.losses, lengths=LENGTHS):
    generator = torch.Generator().manual_seed(seed)
    start = [double([[-2.0, 0.5]])]
    return random_search(losses, start, grid(length=lengths), steps, generator, keep_paths=True)


def test_random_search_never_rises():
    runs = search()
    losses = runs.losses
    assert list(runs.steps) == list(range(201))
    assert losses.shape == (201, 3)
    assert (losses.diff(dim=0) <= 0).all()
    assert (losses[-1] < losses[0]).all()


def test_random_search_moves_by_the_given_length_or_not_at_all():
    runs = search()
    lengths = runs.paths[0].diff(dim=0).flatten(2).norm(dim=2)
    for run, length in enumerate(LENGTHS):
        moved = lengths[:, run] > 0
        assert 0 < moved.sum() < 200
        np.testing.assert_allclose(lengths[moved, run].numpy(), length, rtol=1e-12)


def test_random_search_moves_exactly_when_the_loss_falls():
    runs = search()
    moved = runs.paths[0].diff(dim=0).flatten(2).norm(dim=2) > 0
    assert torch.equal(moved, runs.losses.diff(dim=0) < 0)
    for step, losses in enumerate(runs.losses):
        assert torch.equal(RAVINE.losses([runs.paths[0][step]]), losses)
    assert torch.equal(runs.params[0], runs.paths[0][-1])


def test_random_search_takes_every_better_step_and_no_other():
    # On a slope, half of all directions lead down; on a plain, none does.
    slope = search(losses=lambda params: params[0][:, 0, 0].clone(), steps=1000)
    share = (slope.losses.diff(dim=0) < 0).double().mean(dim=0)
    assert (share - 0.5).abs().max() < 5 * 0.5 / math.sqrt(1000)
    flat = search(losses=lambda params: torch.zeros(len(params[0])))
    assert (flat.paths[0] == flat.paths[0][0]).all()


def test_random_search_tries_other_directions_in_each_run():
    runs = search(lengths=[0.1] * 50, losses=lambda params: params[0][:, 0, 0].clone())
    assert len(runs.params[0].reshape(50, 2).unique(dim=0)) == 50


def test_random_search_repeats_with_its_generator():
    assert torch.equal(search(seed=1).losses, search(seed=1).losses)
    assert not torch.equal(search(seed=1).losses, search(seed=2).losses)


def test_random_search_without_a_generator_repeats_with_the_global_seed():
    def runs():
        torch.manual_seed(3)
        return random_search(BOWL.losses, [double([[1.0, 1.0]])], grid(length=[0.1]), 20)

    assert torch.equal(runs().losses, runs().losses)


def test_random_search_with_a_generator_leaves_the_global_one_alone():
    before = torch.get_rng_state()
    search()
    assert torch.equal(torch.get_rng_state(), before)


def test_random_search_passes_by_points_where_the_loss_is_not_a_number():
    def losses(params):  # NaN outside the circle of radius three
        return (9 - params[0].square().sum(dim=(1, 2))).sqrt().neg()

    runs = search(losses=losses, lengths=[0.1, 8.0])
    assert runs.losses.isfinite().all()
    assert runs.losses[-1, 0] < runs.losses[0, 0]
    assert (runs.losses[:, 1] == runs.losses[0, 1]).all()


def test_random_search_trains_a_network():
    model, x, y = small_problem()
    start = [param[0] for param in stack_models([model])]
    generator = torch.Generator().manual_seed(4)
    runs = random_search(
        lambda params: losses_many(params, x, y), start, grid(length=[0.05, 0.3]), 100, generator
    )
    assert runs.losses[0].tolist() == pytest.approx([loss_fn(model(x), y).item()] * 2, rel=1e-12)
    assert (runs.losses[-1] < 0.95 * runs.losses[0]).all()
    assert torch.equal(losses_many(runs.params, x, y), runs.losses[-1])
    assert not any(param.requires_grad for param in runs.params)
