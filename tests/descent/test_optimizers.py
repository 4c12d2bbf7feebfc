"""The update rules against torch.optim, and against recursions written out in NumPy."""

import inspect
import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from descent.optimizers import (
    adagrad_update,
    adam_update,
    gradient_update,
    momentum_update,
    nesterov_update,
    random_update,
    rmsprop_update,
    zero_grad,
)

STEPS = 100
RUNS = 64
SHAPES = ((3, 4), (1, 4))
TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-12}


@dataclass(frozen=True)
class Rule:
    """One of our rules, and its counterpart in torch.optim."""

    update: Callable
    theirs: Callable
    states: dict = field(default_factory=dict)  # our name of a state: torch's
    names: dict = field(default_factory=dict)  # our name of a hyperparameter: torch's

    def groups(self, *groups):
        """An optimizer of torch for some groups: a list of parameters with plain numbers each."""
        return self.theirs([{"params": w, **self.translated(values)} for w, values in groups])

    def translated(self, values):
        renamed = {self.names.get(name, name): value for name, value in values.items()}
        if "beta1" in renamed:
            renamed["betas"] = renamed.pop("beta1"), renamed.pop("beta2")
        return renamed


def nesterov_of_torch(groups):
    return torch.optim.SGD([{"nesterov": group["momentum"] > 0, **group} for group in groups])


EPS = {"epsilon": "eps"}
RULES = {
    "gradient": Rule(gradient_update, torch.optim.SGD),
    "momentum": Rule(
        momentum_update, torch.optim.SGD, {"grad_vel": "momentum_buffer"}, {"beta": "momentum"}
    ),
    "nesterov": Rule(
        nesterov_update, nesterov_of_torch, {"grad_vel": "momentum_buffer"}, {"beta": "momentum"}
    ),
    "adagrad": Rule(adagrad_update, torch.optim.Adagrad, {"grad_sq_sum": "sum"}, EPS),
    "rmsprop": Rule(rmsprop_update, torch.optim.RMSprop, {"grad_sq": "square_avg"}, EPS),
    "adam": Rule(
        adam_update,
        torch.optim.Adam,
        {"grad_mean": "exp_avg", "grad_sq": "exp_avg_sq", "steps": "step"},
        EPS,
    ),
}
by_rule = pytest.mark.parametrize("rule", RULES)
with_state = pytest.mark.parametrize("rule", [name for name in RULES if RULES[name].states])
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
    slow_decay = torch.linspace(0.3, 0.999, RUNS, dtype=torch.float64)[torch.randperm(RUNS)]
    epsilon = torch.logspace(-8, -1, RUNS, dtype=torch.float64)[torch.randperm(RUNS)]
    settings = {
        "gradient": {"lr": lr},
        "momentum": {"lr": lr, "beta": decay},
        "nesterov": {"lr": lr, "beta": decay},
        "adagrad": {"lr": lr, "epsilon": epsilon},
        "rmsprop": {"lr": lr, "alpha": decay, "epsilon": 0 * epsilon},  # torch has it elsewhere
        "adam": {"lr": lr, "beta1": decay, "beta2": slow_decay, "epsilon": epsilon},
    }[rule]
    return {name: value.to(like).reshape(-1, 1, 1) for name, value in settings.items()}


def numbers(settings, run):
    """The hyperparameters of one run as plain numbers."""
    return {name: value[run].item() for name, value in settings.items()}


def ours(rule, start, losses, settings):
    """The parameters after every step, and the states after the last."""
    params = [part.clone().requires_grad_() for part in start]
    states = {name: zeros(start) for name in RULES[rule].states}
    path = []
    for step in range(STEPS):
        RULES[rule].update(losses.at(step, params), params, **states, **settings)
        path.append([part.detach().clone() for part in params])
    return [torch.stack(parts) for parts in zip(*path, strict=True)], states


def zeros(params):
    return [torch.zeros_like(part) for part in params]


def theirs(rule, start, losses, settings):
    """As `ours`, by torch.optim, with plain numbers."""
    params = [part.clone().requires_grad_() for part in start]
    optimizer = RULES[rule].groups((params, settings))
    path = []
    for step in range(STEPS):
        optimizer.zero_grad()
        losses.at(step, params).backward()
        optimizer.step()
        path.append([part.detach().clone() for part in params])
    states = {
        ours: [optimizer.state[part][name] for part in params]
        for ours, name in RULES[rule].states.items()
    }
    if "grad_vel" in states:  # PyTorch's velocity is in units of gradients
        states["grad_vel"] = [-settings["lr"] * part for part in states["grad_vel"]]
    if "steps" in states:
        states["steps"] = [
            part * torch.ones_like(w) for part, w in zip(states["steps"], params, strict=True)
        ]
    return [torch.stack(parts) for parts in zip(*path, strict=True)], states


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
        path, states = ours(rule, start, losses, settings)
        expected_path, expected_states = theirs(rule, start, losses, settings)
        assert_close(path, expected_path, TOLERANCE[dtype])
        for name, state in states.items():
            assert_close(state, expected_states[name], TOLERANCE[dtype])


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
    optimizer = RULES[rule].groups(*groups)
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
    path, states = ours(rule, start, losses, settings)
    for run in range(0, RUNS, 9):
        alone, alone_states = ours(
            rule, [part[run] for part in start], losses.of_run(run), numbers(settings, run)
        )
        assert_close([part[:, run] for part in path], alone, 1e-12)
        for name, state in states.items():
            assert_close([part[run] for part in state], alone_states[name], 1e-12)


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


# ---- What Adagrad and Adam promise


def steps_along(rule, gradients, **settings):
    """The changes of a parameter whose gradients are given, one step after the other."""
    w = torch.zeros(1, 1, dtype=torch.float64, requires_grad=True)
    states, places = [zeros([w]) for _ in RULES[rule].states], [0.0]
    for gradient in gradients:
        RULES[rule].update(gradient * w.sum(), [w], *states, **settings)
        places.append(w.item())
    return np.diff(places)


def test_adagrad_steps_shrink_with_the_root_of_their_number():
    steps = steps_along("adagrad", [3.0] * 50, lr=0.1, epsilon=0.0)
    np.testing.assert_allclose(steps, -0.1 / np.sqrt(np.arange(1, 51)), rtol=1e-12)


@pytest.mark.parametrize("gradient", [1e-4, -0.3, 700.0])
def test_adam_takes_steps_of_lr_from_the_first_when_the_gradient_is_constant(gradient):
    steps = steps_along("adam", [gradient] * 50, lr=0.1, epsilon=0.0)
    np.testing.assert_allclose(steps, -0.1 * np.sign(gradient), rtol=1e-9)


@pytest.mark.parametrize("rule", ["adagrad", "rmsprop", "adam"])
@settings(deadline=None, max_examples=30)
@given(scale=st.floats(1e-6, 1e6), seed=st.integers(0, 1000))
def test_adaptive_steps_do_not_depend_on_the_scale_of_the_loss(rule, scale, seed):
    gradients = np.random.default_rng(seed).normal(size=20)
    plain, scaled = (
        steps_along(rule, factor * gradients, lr=0.1, epsilon=0.0) for factor in (1, scale)
    )
    np.testing.assert_allclose(scaled, plain, rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(
    alpha=st.floats(0, 0.99),
    gradients=st.lists(st.floats(1e-3, 1e3) | st.floats(-1e3, -1e-3), min_size=1, max_size=20),
)
def test_no_rmsprop_step_is_longer_than_lr_over_the_root_of_one_minus_alpha(alpha, gradients):
    steps = steps_along("rmsprop", gradients, lr=0.1, alpha=alpha, epsilon=0.0)
    assert (np.abs(steps) <= 0.1 / math.sqrt(1 - alpha) * (1 + 1e-9)).all()


def test_adam_counts_its_steps_in_a_tensor_of_any_shape():
    ends = []
    for count in (torch.zeros(()), torch.zeros(1), torch.zeros(2, 3)):
        w = torch.ones(2, 3, requires_grad=True)
        states = zeros([w]), zeros([w]), [count]
        for _ in range(3):
            adam_update(curved([w]), [w], *states, lr=0.1)
        assert (count == 3).all()
        ends.append(w.detach())
    assert all(torch.equal(end, ends[0]) for end in ends)


# ---- What every rule does to its arguments


def call(rule, loss, params, states, **settings):
    return RULES[rule].update(loss, params, *states, **settings)


def states_of(rule, params):
    return [zeros(params) for _ in RULES[rule].states]


def two_params():
    torch.manual_seed(7)
    return [torch.randn(shape, requires_grad=True) for shape in SHAPES]


def curved(params):
    return sum(part.pow(4).sum() for part in params)


@by_rule
def test_a_gradient_left_from_before_does_not_leak_into_the_step(rule):
    fresh, stale = two_params(), two_params()
    for part in stale:
        part.grad = torch.full_like(part, 1e3)
    for params in (fresh, stale):
        call(rule, curved(params), params, states_of(rule, params), lr=0.1)
    assert all(torch.equal(*pair) for pair in zip(fresh, stale, strict=True))


@by_rule
def test_steps_without_zeroing_between_them_use_each_gradient_once(rule):
    params = two_params()
    states = states_of(rule, params)
    for _ in range(3):
        before = [part.detach().clone() for part in params]
        call(rule, curved(params), params, states, lr=0.01)
        for part, old in zip(params, before, strict=True):
            torch.testing.assert_close(part.grad, 4 * old**3)


@by_rule
def test_parameters_and_state_are_changed_in_place(rule):
    params = two_params()
    states = states_of(rule, params)
    parts = [*params, *itertools.chain(*states)]
    before = [part.detach().clone() for part in parts]
    pointers = [part.data_ptr() for part in parts]
    assert call(rule, curved(params), params, states, lr=0.1) is None
    assert [part.data_ptr() for part in parts] == pointers
    assert all(part.requires_grad and part.is_leaf for part in params)
    assert not any(part.requires_grad for part in itertools.chain(*states))
    assert not any(torch.equal(*pair) for pair in zip(parts, before, strict=True))


@by_rule
def test_a_number_and_a_tensor_as_learning_rate_give_the_same_step(rule):
    results = []
    for lr in (0.125, torch.tensor(0.125), torch.full((1, 1), 0.125)):
        params = two_params()
        call(rule, curved(params), params, states_of(rule, params), lr=lr)
        results.append(params)
    for other in results[1:]:
        assert all(torch.equal(*pair) for pair in zip(results[0], other, strict=True))


@with_state
@pytest.mark.parametrize("length", [1, 3])
def test_a_state_that_does_not_match_the_parameters_is_an_error(rule, length):
    params = two_params()
    states = [(state * 2)[:length] for state in states_of(rule, params)]
    with pytest.raises(ValueError, match="zip"):
        call(rule, curved(params), params, states)


def test_a_network_can_be_trained_with_each_rule():
    for rule in RULES:
        torch.manual_seed(8)
        model = nn.Linear(5, 1)
        x, y = torch.randn(20, 5), torch.randn(20, 1)
        params = list(model.parameters())
        states = states_of(rule, params)
        first = (model(x) - y).square().mean().item()
        for _ in range(200):
            loss = (model(x) - y).square().mean()
            call(rule, loss, params, states, lr=0.05 if rule == "adagrad" else 0.01)
        assert (model(x) - y).square().mean().item() < 0.7 * first, rule


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (zero_grad, "(params)"),
        (random_update, "(model, noise_scale=0.1, normalized=False)"),
        (gradient_update, "(loss, params, lr=0.001)"),
        (momentum_update, "(loss, params, grad_vel, lr=0.001, beta=0.8)"),
        (nesterov_update, "(loss, params, grad_vel, lr=0.001, beta=0.8)"),
        (rmsprop_update, "(loss, params, grad_sq, lr=0.001, alpha=0.8, epsilon=1e-08)"),
    ],
)
def test_signatures_are_those_that_teaching_assistants_type(function, signature):
    assert str(inspect.signature(function)) == signature


@pytest.mark.parametrize("function", [rule.update for rule in RULES.values()])
def test_symbols_of_the_reference_are_latex_and_not_line_breaks(function):
    assert r"\nabla L(w)" in function.__doc__
    assert re.search(r"\\\\(?!\n)", function.__doc__) is None  # "\\nabla": a break, then a word


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


@by_rule
def test_parameters_that_can_be_read_only_once_are_refused(rule):
    model = nn.Linear(2, 1)
    states = [[] for _ in RULES[rule].states]
    with pytest.raises(TypeError, match=r"list\(model.parameters\(\)\)"):
        call(rule, model(torch.ones(1, 2)).sum(), model.parameters(), states)
