"""Single runs against torch.optim, and Newton's method against SciPy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from descent.landscapes import loss_2d, two_parameter_losses
from descent.models import MLP
from descent.optimizers import adam_update, gradient_update, momentum_update
from descent.runs import run_newton, run_optimizer

steady = settings(derandomize=True, deadline=None, database=None, max_examples=30)


def valley(x, y):
    """Convex, smooth, not a quadratic; its minimum is where both slopes vanish."""
    return torch.exp(x + 3 * y - 0.1) + torch.exp(x - 3 * y - 0.1) + torch.exp(-x - 0.1)


def ravine(x, y):
    return (x - 1).square() / 2 + 15 * (y + 2).square()


# ---- run_optimizer


@pytest.mark.parametrize(
    ("update", "kwargs", "theirs"),
    [
        (gradient_update, {"lr": 0.03}, lambda p: torch.optim.SGD(p, lr=0.03)),
        (
            momentum_update,
            {"lr": 0.02, "beta": 0.9},
            lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
        ),
        (adam_update, {"lr": 0.1}, lambda p: torch.optim.Adam(p, lr=0.1)),
    ],
)
def test_a_run_goes_where_torch_goes(update, kwargs, theirs):
    losses, trajectory = run_optimizer([3.0, -1.0], ravine, update, 40, kwargs)
    point = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (3.0, -1.0)]
    optimizer = theirs(point)
    for step in range(41):
        loss = ravine(*point)
        assert losses[step].item() == pytest.approx(loss.item(), rel=1e-9)
        np.testing.assert_allclose(trajectory[step], [p.item() for p in point], rtol=1e-9)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def test_a_run_takes_as_many_steps_as_it_is_told():
    losses = []

    def noting_update(loss, params, lr=0.1):
        losses.append(loss.item())
        gradient_update(loss, params, lr)

    recorded, _ = run_optimizer([3.0, -1.0], ravine, noting_update, 4)
    assert recorded.tolist()[:-1] == losses


def test_a_run_returns_tensors_without_graph_and_starts_where_it_is_told():
    losses, trajectory = run_optimizer((1, 2, 3), lambda *p: sum(p) ** 2, gradient_update, 2)
    assert losses.shape == (3,)
    assert trajectory.shape == (3, 3)
    assert trajectory.dtype == torch.float64
    assert not trajectory.requires_grad
    assert not losses.requires_grad
    assert trajectory[0].tolist() == [1, 2, 3]


def test_two_runs_do_not_share_a_velocity():
    runs = [run_optimizer([1.0, 1.0], ravine, momentum_update, 5, {"lr": 0.01}) for _ in range(2)]
    assert torch.equal(runs[0][1], runs[1][1])


def test_no_step_gives_the_start():
    losses, trajectory = run_optimizer([1.0, -2.0], ravine, gradient_update, 0)
    assert trajectory.tolist() == [[1, -2]]
    assert losses.tolist() == [0]


def test_a_run_on_the_slice_of_a_model_needs_nothing_else():
    model, inputs, targets = MLP(), torch.randn(20, 784), torch.arange(20) % 10

    def slice_loss(u, v):
        return loss_2d(model, u, v, inputs=inputs, targets=targets)

    losses, _ = run_optimizer([0.0, 2.0], slice_loss, momentum_update, 30, {"lr": 2.0, "beta": 0.5})
    assert losses[-1] < losses[0]


def test_a_setting_that_the_rule_does_not_take_is_an_error():
    with pytest.raises(ValueError, match="gradient_update takes lr, but not beta"):
        run_optimizer([0.0], lambda x: x**2, gradient_update, 3, {"beta": 0.9})


def test_a_negative_number_of_steps_is_an_error():
    with pytest.raises(ValueError, match="at least 0"):
        run_optimizer([0.0], lambda x: x**2, gradient_update, -1)


# ---- run_newton


def scipy_minimum(func, start):
    def value_and_slope(point):
        place = torch.tensor(point, requires_grad=True)
        loss = func(*place)
        loss.backward()
        return loss.item(), place.grad.numpy()

    found = minimize(value_and_slope, np.array(start), jac=True, method="BFGS", tol=1e-10)
    return found.x


@steady
@given(x=st.floats(-4, 4), y=st.floats(-4, 4))
def test_newton_finds_the_minimum_that_scipy_finds(x, y):
    minimum = run_newton(valley, (x, y))
    np.testing.assert_allclose(minimum, [-np.log(2) / 2, 0], atol=1e-12)
    np.testing.assert_allclose(minimum, scipy_minimum(valley, (0.1, 0.1)), atol=1e-6)


def test_newton_solves_a_quadratic_in_one_step():
    path = run_newton(ravine, (50.0, -30.0), keep_path=True)
    torch.testing.assert_close(path[1], torch.tensor([1.0, -2.0], dtype=torch.float64))
    assert len(path) <= 3


def test_newton_lands_on_the_minimum_of_the_slice_of_a_model_to_full_precision():
    torch.manual_seed(0)
    model, inputs, targets = MLP(), torch.randn(200, 784), torch.arange(200) % 10
    losses = two_parameter_losses(model, inputs, targets)
    minimum = run_newton(lambda u, v: losses(torch.stack([u, v], -1)))
    assert minimum.dtype == torch.float64
    assert torch.autograd.functional.jacobian(losses, minimum).abs().max() < 1e-14
    np.testing.assert_allclose(
        minimum, scipy_minimum(lambda u, v: losses(torch.stack([u, v])), (0.0, 0.0)), atol=1e-6
    )


def test_the_loss_falls_at_every_step_of_newton():
    path = run_newton(valley, (4.0, 4.0), keep_path=True)
    losses = valley(*path.T)
    assert path[0].tolist() == [4, 4]
    assert (losses.diff()[:-2] < 0).all()
    assert torch.equal(path[-1], run_newton(valley, (4.0, 4.0)))


def log_cosh(x):
    """Steep at first and flat further out, so that from 1.09 on whole steps run away."""
    return torch.logaddexp(x, -x)


def test_a_whole_newton_step_that_overshoots_far_is_halved_often():
    assert run_newton(log_cosh, (3.0,)).abs() < 1e-12  # the whole step leads below -90


def test_a_whole_newton_step_that_overshoots_a_little_is_halved_once():
    path = run_newton(log_cosh, (1.1,), keep_path=True)[:, 0]  # the whole step leads to -1.13
    half = np.tanh(1.1) * np.cosh(1.1) ** 2 / 2
    assert path[1].item() == pytest.approx(1.1 - half, abs=1e-12)
    assert (log_cosh(path).diff()[:-1] < 0).all()


def test_newton_takes_no_more_than_the_given_steps():
    assert len(run_newton(valley, (4.0, 4.0), max_iter=2, keep_path=True)) == 3
    assert run_newton(valley, (4.0, 4.0), max_iter=0).tolist() == [4, 4]


@pytest.mark.parametrize(
    ("func", "start"),
    [
        (lambda x, y: x.square() - y.square(), (1.0, 1.0)),
        (lambda x, y: torch.sin(x) + y.square(), (1.0, 0.0)),
        (lambda x, y: x + y, (0.0, 0.0)),
        (lambda x, y: (x * y).square(), (0.0, 0.0)),
        (lambda x, y: torch.log(x) + y.square(), (-1.0, 0.0)),
    ],
    ids=["saddle", "hill", "plane", "flat", "not a number"],
)
def test_newton_refuses_what_does_not_curve_upwards(func, start):
    with pytest.raises(ValueError, match="curves upwards in all directions"):
        run_newton(func, start)
