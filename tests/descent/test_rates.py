"""Predicted factors and best settings against eigenvalues, brute force and runs of torch.optim."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.runs import (
    best_gradient_descent,
    best_heavy_ball,
    first_step_below,
    heavy_ball_factor,
)

steady = settings(derandomize=True, deadline=None, database=None, max_examples=100)
LR = st.floats(0.01, 5)
BETA = st.floats(0, 0.99)
CURVATURE = st.floats(0.01, 3)


def spectral_radius(lr, beta, curvature):
    recursion = np.array([[1 + beta - lr * curvature, -beta], [1, 0]])
    return np.abs(np.linalg.eigvals(recursion)).max()


def torch_distances(optimizer_of, curvatures, steps):
    """Run an optimizer of torch on a quadratic; return the distance to the minimum at each step."""
    scale = torch.tensor(curvatures, dtype=torch.float64)
    point = torch.ones(len(curvatures), dtype=torch.float64, requires_grad=True)
    optimizer = optimizer_of([point])
    distances = [point.norm().item()]
    for _ in range(steps):
        point.grad = scale * point.detach()
        optimizer.step()
        distances.append(point.norm().item())
    return np.array(distances)


@steady
@given(lr=LR, beta=BETA, curvature=CURVATURE)
def test_the_factor_is_the_spectral_radius_of_the_recursion(lr, beta, curvature):
    # Where the two roots meet, eigvals is off by the root of what rounding is.
    factor = heavy_ball_factor(lr, beta, curvature)
    assert factor.dtype == torch.float64
    assert factor.item() == pytest.approx(spectral_radius(lr, beta, curvature), abs=1e-7)
    assert factor.item() >= math.sqrt(beta) - 1e-12


@steady
@given(lr=LR, curvature=CURVATURE)
def test_without_momentum_it_is_the_factor_of_gradient_descent(lr, curvature):
    assert heavy_ball_factor(lr, 0, curvature).item() == pytest.approx(abs(1 - lr * curvature))


@steady
@given(beta=BETA, curvature=CURVATURE, share=st.floats(0.01, 0.99) | st.floats(1.01, 3))
def test_it_converges_just_where_lr_is_below_its_limit(beta, curvature, share):
    factor = heavy_ball_factor(share * 2 * (1 + beta) / curvature, beta, curvature)
    assert (factor.item() < 1) is (share < 1)


def test_factors_broadcast():
    lr, beta = torch.tensor([[0.1], [0.5], [3.0]]), torch.tensor([0.0, 0.5, 0.9, 0.95])
    factors = heavy_ball_factor(lr, beta, 1.5)
    assert factors.shape == (3, 4)
    expected = [[spectral_radius(a.item(), b.item(), 1.5) for b in beta] for a in lr]
    np.testing.assert_allclose(factors, expected, atol=1e-7)


@pytest.mark.parametrize(("lr", "beta"), [(0.2, 0.5), (1.0, 0.8), (2.5, 0.6), (0.05, 0.3)])
def test_a_run_of_torch_shrinks_by_the_factor(lr, beta):
    # An oscillation has its zeros anywhere, so its peaks are compared, and far apart.
    distances = torch_distances(lambda p: torch.optim.SGD(p, lr=lr, momentum=beta), [1.0], 600)
    early, late = distances[100:200].max(), distances[500:600].max()
    measured = (late / early) ** (1 / 400)
    assert math.log(measured) == pytest.approx(
        math.log(heavy_ball_factor(lr, beta, 1.0).item()), rel=0.02
    )


@pytest.mark.parametrize("kappa", [4, 12, 100, 1000])
def test_gradient_descent_of_torch_has_the_rate_of_the_formula(kappa):
    lr = best_gradient_descent(3 / kappa, 3)
    steps = 20 * round(math.sqrt(kappa))
    distances = torch_distances(lambda p: torch.optim.SGD(p, lr=lr), [3 / kappa, 3], 2 * steps)
    measured = math.log(distances[2 * steps] / distances[steps]) / steps
    assert measured == pytest.approx(math.log((kappa - 1) / (kappa + 1)), rel=1e-6)


@pytest.mark.parametrize("kappa", [4, 12, 100, 1000])
def test_the_best_heavy_ball_of_torch_has_the_rate_of_the_formula(kappa):
    lr, beta = best_heavy_ball(3 / kappa, 3)
    steps = 20 * round(math.sqrt(kappa))
    distances = torch_distances(
        lambda p: torch.optim.SGD(p, lr=lr, momentum=beta), [3 / kappa, 3], 2 * steps
    )
    # At the best setting both roots coincide, so the distance goes like k times the factor^k.
    measured = math.log(distances[2 * steps] / distances[steps] / 2) / steps
    root = math.sqrt(kappa)
    assert measured == pytest.approx(math.log((root - 1) / (root + 1)), rel=0.02)
    assert heavy_ball_factor(lr, beta, 3).item() == pytest.approx((root - 1) / (root + 1))


@pytest.mark.parametrize("kappa", [1.5, 6, 40])
def test_no_other_setting_is_better_than_the_best(kappa):
    def worst(lr, beta):
        return torch.maximum(
            heavy_ball_factor(lr, beta, 1.0), heavy_ball_factor(lr, beta, 1 / kappa)
        )

    lrs = torch.linspace(0.01, 4, 400, dtype=torch.float64)[:, None]
    betas = torch.linspace(0, 0.99, 400, dtype=torch.float64)
    assert worst(*best_heavy_ball(1 / kappa, 1)) <= worst(lrs, betas).min() + 1e-12
    plain = worst(lrs, torch.zeros(1)).min()
    assert worst(best_gradient_descent(1 / kappa, 1), 0) <= plain + 1e-12


def test_equal_curvatures_need_a_single_step():
    assert best_gradient_descent(4, 4) == 0.25
    assert best_heavy_ball(4, 4) == (0.25, 0)


@pytest.mark.parametrize("best", [best_gradient_descent, best_heavy_ball])
@pytest.mark.parametrize("curvatures", [(0, 1), (-1, 1), (2, 1), (math.nan, 1)])
def test_curvatures_that_make_no_bowl_are_an_error(best, curvatures):
    with pytest.raises(ValueError, match="0 < smallest <= largest"):
        best(*curvatures)


@pytest.mark.parametrize(
    ("distances", "expected"),
    [
        ([3.0, 0.5, 2.0, 0.9, 0.1], 3),
        ([0.1, 0.2], 0),
        ([3.0, 0.5, 2.0], None),
        ([3.0, math.nan, 0.5], 2),
        ([0.5, math.nan], None),
        ([1.0, 1.0], None),
        ([[3.0, 0.1], [0.1, 3.0], [0.1, 0.1]], 2),
        ([[0.1, 0.1], [0.1, 3.0]], None),
    ],
)
def test_the_first_step_below_is_the_one_after_the_last_above(distances, expected):
    assert first_step_below(torch.tensor(distances), tolerance=1) == expected
    assert first_step_below(torch.tensor(distances) * 1e-6) == expected  # the default
