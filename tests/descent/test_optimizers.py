"""The update rules against torch.optim, and against recursions written out in NumPy."""

import inspect
import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from descent.optimizers import (
    gradient_update,
    momentum_update,
    random_update,
    rmsprop_update,
    zero_grad,
)

STEPS = 100
RUNS = 64
SHAPES = ((3, 4), (1, 4))
TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-12}

by_rule = pytest.mark.parametrize("rule", ["gradient", "momentum", "rmsprop"])
by_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["32", "64"])
by_kind = pytest.mark.parametrize("kind", ["linear", "quadratic"])


@dataclass
class Losses:
    """Many losses, each used for one step: a sum of a w (linear) or of a (w - c)² / 2."""

    kind: str
    a: list
    c: list

    def at(self, step, params):
        terms = zip(params, self.a, self.c, strict=True)
        if self.kind == "linear":
            return sum((a[step] * w).sum() for w, a, _ in terms)
        return sum((0.5 * a[step] * (w - c[step]).square()).sum() for w, a, c in terms)

    def of_run(self, run):
        return Losses(self.kind, [a[:, run] for a in self.a], [c[:, run] for c in self.c])


def draw(kind, dtype, seed, runs=None):
    """A start and random losses; with `runs`, others for each run in a dimension of runs."""
    torch.manual_seed(seed)
    shapes = SHAPES if runs is None else [(runs, *shape) for shape in SHAPES]
    start = [torch.randn(shape, dtype=dtype) for shape in shapes]
    c = [torch.randn(STEPS, *shape, dtype=dtype) for shape in shapes]
    if kind == "linear":
        a = [torch.randn(STEPS, *shape, dtype=dtype) for shape in shapes]
    else:
        a = [0.3 + torch.rand(STEPS, *shape, dtype=dtype) for shape in shapes]
    return start, Losses(kind, a, c)


def some_settings(rule, like=None):
    """Hyperparameters as one tensor of shape (runs, 1, 1) each, all runs different."""
    lr = torch.logspace(-3, -1, RUNS, dtype=torch.float64)
    decay = torch.linspace(0, 0.95, RUNS, dtype=torch.float64)[torch.randperm(RUNS)]
    zero = torch.zeros(RUNS, dtype=torch.float64)
    settings = {
        "gradient": {"lr": lr},
        "momentum": {"lr": lr, "beta": decay},
        "rmsprop": {"lr": lr, "alpha": decay, "epsilon": zero},
    }[rule]
    return {name: value.to(like).reshape(-1, 1, 1) for name, value in settings.items()}


def numbers(settings, run):
    """The hyperparameters of one run as plain numbers."""
    return {name: value[run].item() for name, value in settings.items()}


def ours(rule, start, losses, settings):
    """The parameters after every step, and the state after the last."""
    params = [part.clone().requires_grad_() for part in start]
    state = [torch.zeros_like(part) for part in start]
    states = [] if rule == "gradient" else [state]
    update = {
        "gradient": gradient_update,
        "momentum": momentum_update,
        "rmsprop": rmsprop_update,
    }[rule]
    path = []
    for step in range(STEPS):
        update(losses.at(step, params), params, *states, **settings)
        path.append([part.detach().clone() for part in params])
    return [torch.stack(parts) for parts in zip(*path, strict=True)], state


def optimizer_of_torch(rule, *groups):
    """An optimizer for one or more groups: a list of parameters with plain numbers each."""
    names = {"lr": "lr", "beta": "momentum", "alpha": "alpha", "epsilon": "eps"}
    groups = [
        {"params": params, **{names[name]: value for name, value in settings.items()}}
        for params, settings in groups
    ]
    return (torch.optim.RMSprop if rule == "rmsprop" else torch.optim.SGD)(groups)


def theirs(rule, start, losses, settings):
    """As `ours`, by torch.optim, with plain numbers."""
    params = [part.clone().requires_grad_() for part in start]
    optimizer = optimizer_of_torch(rule, (params, settings))
    path = []
    for step in range(STEPS):
        optimizer.zero_grad()
        losses.at(step, params).backward()
        optimizer.step()
        path.append([part.detach().clone() for part in params])
    kept = [optimizer.state[part] for part in params]
    if rule == "momentum":
        state = [-settings["lr"] * entry["momentum_buffer"] for entry in kept]
    else:
        state = [entry.get("square_avg") for entry in kept]
    return [torch.stack(parts) for parts in zip(*path, strict=True)], state


def assert_close(actual, expected, tolerance):
    """No number differs by more than a share of the largest one."""
    for one, other in zip(actual, expected, strict=True):
        assert one.shape == other.shape
        assert one.dtype == other.dtype
        assert (one - other).abs().max() <= tolerance * other.abs().max()


# ---- Against torch.optim


@by_kind
@by_dtype
@by_rule
def test_hundred_random_steps_go_where_torch_optim_goes(rule, dtype, kind):
    torch.manual_seed(2)
    settings = numbers(some_settings(rule), run=40)
    for seed in range(2):
        start, losses = draw(kind, dtype, seed)
        path, state = ours(rule, start, losses, settings)
        expected_path, expected_state = theirs(rule, start, losses, settings)
        assert_close(path, expected_path, TOLERANCE[dtype])
        if rule != "gradient":
            assert_close(state, expected_state, TOLERANCE[dtype])


@by_dtype
@by_rule
def test_runs_with_different_settings_go_where_torch_optim_goes_with_each(rule, dtype):
    start, losses = draw("quadratic", dtype, seed=3, runs=RUNS)
    settings = some_settings(rule, like=start[0])
    path, _ = ours(rule, start, losses, settings)

    params = [part.clone() for part in start]
    gradients = [torch.zeros_like(part) for part in start]
    groups = []
    for run in range(RUNS):  # on views of one run, with gradients that are views too
        views = [part[run].requires_grad_() for part in params]
        for view, gradient in zip(views, gradients, strict=True):
            view.grad = gradient[run]
        groups.append((views, numbers(settings, run)))
    optimizer = optimizer_of_torch(rule, *groups)
    for step in range(STEPS):
        point = [part.clone().requires_grad_() for part in params]
        now = torch.autograd.grad(losses.at(step, point), point)
        for gradient, value in zip(gradients, now, strict=True):
            gradient.copy_(value)
        optimizer.step()
        for one, other in zip(path, params, strict=True):
            gap = (one[step] - other).abs().amax(dim=(1, 2))
            size = one.abs().amax(dim=(0, 2, 3))
            assert (gap <= TOLERANCE[dtype] * size).all()


@by_rule
def test_runs_with_different_settings_equal_single_runs(rule):
    start, losses = draw("quadratic", torch.float64, seed=4, runs=RUNS)
    settings = some_settings(rule, like=start[0])
    path, state = ours(rule, start, losses, settings)
    for run in range(0, RUNS, 3):
        alone, alone_state = ours(
            rule, [part[run] for part in start], losses.of_run(run), numbers(settings, run)
        )
        assert_close([part[:, run] for part in path], alone, 1e-12)
        if rule != "gradient":
            assert_close([part[run] for part in state], alone_state, 1e-12)


# ---- Epsilon is inside the square root


def rmsprop_in_numpy(start, a, c, lr, alpha, epsilon):
    """w ← w - lr g / √(s + ε), written out for the losses a (w - c)² / 2."""
    w, s, path = start, np.zeros_like(start), []
    for a_now, c_now in zip(a, c, strict=True):
        g = a_now * (w - c_now)
        s = alpha * s + (1 - alpha) * g * g
        w = w - lr * g / np.sqrt(s + epsilon)
        path.append(w)
    return torch.from_numpy(np.stack(path))


@pytest.mark.parametrize("epsilon", [1e-8, 1e-2, 1.0])
@by_dtype
def test_rmsprop_with_epsilon_follows_the_formula(dtype, epsilon):
    start, losses = draw("quadratic", dtype, seed=5)
    settings = {"lr": 0.03, "alpha": 0.9, "epsilon": epsilon}
    path, _ = ours("rmsprop", start, losses, settings)
    float_type = start[0].numpy().dtype.type
    settings = {name: float_type(value) for name, value in settings.items()}
    expected = [
        rmsprop_in_numpy(w.numpy(), a.numpy(), c.numpy(), **settings)
        for w, a, c in zip(start, losses.a, losses.c, strict=True)
    ]
    assert_close(path, expected, TOLERANCE[dtype])


def test_rmsprop_takes_an_epsilon_for_each_run():
    start, losses = draw("quadratic", torch.float64, seed=6, runs=RUNS)
    epsilon = torch.logspace(-8, 0, RUNS, dtype=torch.float64).reshape(-1, 1, 1)
    settings = {"lr": 0.03, "alpha": 0.9, "epsilon": epsilon}
    path, _ = ours("rmsprop", start, losses, settings)
    expected = [
        rmsprop_in_numpy(w.numpy(), a.numpy(), c.numpy(), 0.03, 0.9, epsilon.numpy())
        for w, a, c in zip(start, losses.a, losses.c, strict=True)
    ]
    assert_close(path, expected, 1e-12)


def test_first_rmsprop_step_from_a_gradient_of_one_is_known_exactly():
    # s = 0.25, and 0.25 + 2 = 1.5². With epsilon outside the root it would be 0.5 + 2.
    w = torch.tensor([[1.0]], dtype=torch.float64, requires_grad=True)
    rmsprop_update(w.sum(), [w], [torch.zeros_like(w)], lr=3.0, alpha=0.75, epsilon=2.0)
    assert w.item() == pytest.approx(1 - 3 / 1.5, abs=1e-15)


def test_rmsprop_stays_where_the_gradient_is_zero():
    w = torch.tensor([[1.0, 2.0]], requires_grad=True)
    rmsprop_update((w * torch.tensor([0.0, 1.0])).sum(), [w], [torch.zeros_like(w)])
    assert w[0, 0] == 1
    assert w[0, 1] < 2


# ---- What every rule does to its arguments


def call(rule, loss, params, state, **settings):
    if rule == "gradient":
        return gradient_update(loss, params, **settings)
    update = {"momentum": momentum_update, "rmsprop": rmsprop_update}[rule]
    return update(loss, params, state, **settings)


def two_params():
    torch.manual_seed(7)
    return [torch.randn(shape, requires_grad=True) for shape in SHAPES]


def curved(params):
    return sum(part.pow(4).sum() for part in params)


def zeros(params):
    return [torch.zeros_like(part) for part in params]


@by_rule
def test_a_gradient_left_from_before_does_not_leak_into_the_step(rule):
    fresh, stale = two_params(), two_params()
    for part in stale:
        part.grad = torch.full_like(part, 1e3)
    for params in (fresh, stale):
        call(rule, curved(params), params, zeros(params), lr=0.1)
    assert all(torch.equal(*pair) for pair in zip(fresh, stale, strict=True))


@by_rule
def test_steps_without_zeroing_between_them_use_each_gradient_once(rule):
    params = two_params()
    state = zeros(params)
    for _ in range(3):
        before = [part.detach().clone() for part in params]
        call(rule, curved(params), params, state, lr=0.01)
        for part, old in zip(params, before, strict=True):
            torch.testing.assert_close(part.grad, 4 * old**3)


@by_rule
def test_parameters_and_state_are_changed_in_place(rule):
    params = two_params()
    state = zeros(params)
    parts = [*params, *state]
    before = [part.detach().clone() for part in parts]
    pointers = [part.data_ptr() for part in parts]
    assert call(rule, curved(params), params, state, lr=0.1) is None
    assert [part.data_ptr() for part in parts] == pointers
    assert all(part.requires_grad and part.is_leaf for part in params)
    assert not any(part.requires_grad for part in state)
    changed = [not torch.equal(*pair) for pair in zip(parts, before, strict=True)]
    assert changed == [True, True] + [rule != "gradient"] * 2


@by_rule
def test_a_number_and_a_tensor_as_learning_rate_give_the_same_step(rule):
    results = []
    for lr in (0.125, torch.tensor(0.125), torch.full((1, 1), 0.125)):
        params = two_params()
        call(rule, curved(params), params, zeros(params), lr=lr)
        results.append(params)
    for other in results[1:]:
        assert all(torch.equal(*pair) for pair in zip(results[0], other, strict=True))


@pytest.mark.parametrize("rule", ["momentum", "rmsprop"])
@pytest.mark.parametrize("length", [1, 3])
def test_a_state_that_does_not_match_the_parameters_is_an_error(rule, length):
    params = two_params()
    state = (zeros(params) * 2)[:length]
    with pytest.raises(ValueError, match="zip"):
        call(rule, curved(params), params, state)


def test_a_network_can_be_trained_with_each_rule():
    for rule in ("gradient", "momentum", "rmsprop"):
        torch.manual_seed(8)
        model = nn.Linear(5, 1)
        x, y = torch.randn(20, 5), torch.randn(20, 1)
        params = list(model.parameters())
        state = zeros(params)
        first = (model(x) - y).square().mean().item()
        for _ in range(200):
            call(rule, (model(x) - y).square().mean(), params, state, lr=0.01)
        assert (model(x) - y).square().mean().item() < 0.7 * first


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (zero_grad, "(params)"),
        (random_update, "(model, noise_scale=0.1, normalized=False)"),
        (gradient_update, "(loss, params, lr=0.001)"),
        (momentum_update, "(loss, params, grad_vel, lr=0.001, beta=0.8)"),
        (rmsprop_update, "(loss, params, grad_sq, lr=0.001, alpha=0.8, epsilon=1e-08)"),
    ],
)
def test_signatures_are_those_that_teaching_assistants_type(function, signature):
    assert str(inspect.signature(function)) == signature


@pytest.mark.parametrize("function", [gradient_update, momentum_update, rmsprop_update])
def test_formulas_in_the_reference_are_single_lines_of_latex(function):
    assert r"\nabla L(w)" in function.__doc__
    assert r"\\" not in function.__doc__  # a line break, where a symbol is meant


# ---- zero_grad


def test_zero_grad_sets_gradients_to_zero_in_place():
    params = two_params()
    curved(params).backward()
    grads = [part.grad for part in params]
    zero_grad(params)
    assert all(part.grad is grad for part, grad in zip(params, grads, strict=True))
    assert all(part.grad.count_nonzero() == 0 for part in params)


def test_zero_grad_leaves_parameters_without_gradient_alone():
    params = two_params()
    params[0].sum().backward()
    zero_grad(params)
    assert params[0].grad.count_nonzero() == 0
    assert params[1].grad is None


@pytest.mark.parametrize("gathered", [list, tuple, nn.ParameterList])
def test_zero_grad_takes_the_parameters_of_a_model(gathered):
    model = nn.Linear(3, 2)
    model(torch.ones(1, 3)).sum().backward()
    zero_grad(gathered(model.parameters()))
    assert all(part.grad.count_nonzero() == 0 for part in model.parameters())


# ---- random_update


def model_at_zero(*widths, dtype=torch.float32):
    """At zero the parameters after a step are the step itself, without rounding."""
    layers = [nn.Linear(*pair, dtype=dtype) for pair in itertools.pairwise(widths)]
    model = nn.Sequential(*layers)
    for part in model.parameters():
        nn.init.zeros_(part)
    return model


def flat(model):
    return torch.cat([part.detach().flatten() for part in model.parameters()])


def test_random_steps_are_normal_with_the_given_standard_deviation():
    torch.manual_seed(9)
    model = model_at_zero(300, 200, 100)
    random_update(model, noise_scale=0.03)
    step = flat(model) / 0.03
    assert abs(step.mean()) < 5 / math.sqrt(len(step))
    assert step.std().item() == pytest.approx(1, abs=0.01)
    for width, share in ((1, 0.6827), (2, 0.9545)):
        assert (step.abs() < width).float().mean().item() == pytest.approx(share, abs=0.01)


def test_random_steps_start_from_the_parameters_and_move_all_of_them():
    torch.manual_seed(10)
    model = nn.Linear(4, 3)
    before = flat(model)
    pointers = [part.data_ptr() for part in model.parameters()]
    random_update(model, noise_scale=1e-3)
    change = flat(model) - before
    assert (change != 0).all()
    assert change.abs().max() < 1e-2
    assert [part.data_ptr() for part in model.parameters()] == pointers
    assert all(part.requires_grad and part.is_leaf for part in model.parameters())


@by_dtype
@pytest.mark.parametrize("noise_scale", [1e-3, 0.1, 7.0])
def test_normalized_steps_have_exactly_the_given_length(dtype, noise_scale):
    torch.manual_seed(11)
    for widths in ((2, 1), (20, 10, 5), (784, 10)):
        model = model_at_zero(*widths, dtype=dtype)
        random_update(model, noise_scale=noise_scale, normalized=True)
        length = flat(model).double().norm().item()
        assert length == pytest.approx(noise_scale, rel=TOLERANCE[dtype])


def test_normalized_steps_prefer_no_direction():
    torch.manual_seed(12)
    count, steps = 4000, []
    for _ in range(count):
        model = model_at_zero(2, 2)
        random_update(model, noise_scale=1.0, normalized=True)
        steps.append(flat(model))
    steps = torch.stack(steps)
    n = steps.shape[1]
    assert steps.mean(dim=0).norm() < 3 / math.sqrt(count)
    assert (steps.T @ steps / count - torch.eye(n) / n).abs().max() < 0.02


@pytest.mark.parametrize(
    "update",
    [
        lambda loss, params: gradient_update(loss, params),
        lambda loss, params: momentum_update(loss, params, []),
        lambda loss, params: rmsprop_update(loss, params, []),
    ],
)
def test_parameters_that_can_be_read_only_once_are_refused(update):
    model = nn.Linear(2, 1)
    with pytest.raises(TypeError, match=r"list\(model.parameters\(\)\)"):
        update(model(torch.ones(1, 2)).sum(), model.parameters())
