"""Landscapes against closed forms, finite differences and full Hessians."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial
from scipy import stats
from torch import nn
from torch.nn import functional as F

from descent import landscapes
from descent.landscapes import (
    CONVEX_POLYNOMIAL,
    NONCONVEX_POLYNOMIAL,
    Landscape,
    gradient,
    largest_curvature,
    local_minima,
    nearest_minimum,
    norm,
    quadratic,
    random_directions,
    segment,
    slopes_and_curvatures,
    step_along,
)
from descent.models import losses_many

steady = settings(derandomize=True, deadline=None, database=None, max_examples=60)
EVERY = [value for value in vars(landscapes).values() if isinstance(value, Landscape)]
every_landscape = pytest.mark.parametrize("landscape", EVERY, ids=lambda landscape: landscape.name)


def double(values):
    return torch.tensor(values, dtype=torch.float64)


# ---- Polynomials


def test_the_two_polynomials_are_those_of_the_course():
    x = np.linspace(-3, 3, 41)
    np.testing.assert_allclose(CONVEX_POLYNOMIAL(x), x**2 + 2 * x + 1, atol=1e-12)
    np.testing.assert_allclose(NONCONVEX_POLYNOMIAL(x), x**4 + x**3 - 2 * x**2 - 2 * x, atol=1e-12)
    assert list(CONVEX_POLYNOMIAL.coef) == [1, 2, 1]
    assert list(NONCONVEX_POLYNOMIAL.coef) == [0, -2, -2, 1, 1]


def test_the_convex_polynomial_has_its_minimum_at_minus_one():
    assert local_minima(CONVEX_POLYNOMIAL) == pytest.approx([-1], abs=1e-12)
    assert CONVEX_POLYNOMIAL(-1) == 0


def test_the_nonconvex_polynomial_has_two_minima_of_different_depth():
    minima = local_minima(NONCONVEX_POLYNOMIAL)
    # Bisection of 4x³ + 3x² - 4x - 2, where it changes sign from below.
    expected = []
    for low, high in ((-2.0, -1.0), (0.5, 2.0)):
        for _ in range(80):
            middle = (low + high) / 2
            rises = 4 * middle**3 + 3 * middle**2 - 4 * middle - 2 > 0
            low, high = (low, middle) if rises else (middle, high)
        expected.append(low)
    assert minima == pytest.approx(expected, abs=1e-12)
    shallow, deep = NONCONVEX_POLYNOMIAL(minima)
    assert deep < shallow - 1


@steady
@given(
    st.lists(st.integers(-8, 8), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(-8, 8), max_size=1),
    st.sampled_from([-3.0, 0.5, 1.0]),
    st.floats(-5, 5),
)
def test_local_minima_are_where_a_polynomial_stops_falling(once, twice, scale, constant):
    # Its derivative changes sign at the roots that occur once, and not at one that occurs twice.
    twice = [root for root in twice if root not in once]
    slope = scale * Polynomial.fromroots([root / 2 for root in once + 2 * twice])
    polynomial = slope.integ(k=constant)
    expected = [root / 2 for root in sorted(once) if slope(root / 2 + 0.1) > 0]
    minima = local_minima(polynomial)
    assert minima == pytest.approx(expected, abs=1e-5)
    for x in minima:
        assert polynomial(x) < min(polynomial(x - 0.05), polynomial(x + 0.05))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_flat_point_of_inflection_is_no_minimum(sign):
    # The derivative is ± (x - 1)² (x + 2).
    polynomial = sign * Polynomial.fromroots([1, 1, -2]).integ()
    assert local_minima(polynomial) == pytest.approx([-2] if sign == 1 else [])


def test_a_minimum_that_is_flat_to_third_order_is_found_once():
    assert local_minima(Polynomial([0, 0, 0, 0, 1])) == pytest.approx([0])


def test_leading_coefficients_of_zero_change_no_minimum():
    padded = Polynomial([0, -2, -2, 1, 1, 0, 0])
    np.testing.assert_allclose(local_minima(padded), local_minima(NONCONVEX_POLYNOMIAL))


@pytest.mark.parametrize("coefficients", [[1, 2], [1, 0, -1], [0, 0, 0, 1]])
def test_a_polynomial_without_minimum_gives_none(coefficients):
    assert len(local_minima(Polynomial(coefficients))) == 0


@pytest.mark.parametrize("coefficients", [[0], [3], [3, 0, 0]])
def test_the_minima_of_a_constant_are_an_error(coefficients):
    with pytest.raises(ValueError, match="constant"):
        local_minima(Polynomial(coefficients))


# ---- Small objectives


FORMULAS = {
    "bowl": lambda x, y: (x**2 + y**2) / 2,
    "ravine": lambda x, y: (x**2 + 30 * y**2) / 2,
    "Rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "Himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "saddle": lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4,
}


@every_landscape
def test_a_landscape_is_what_its_formula_says(landscape):
    points = np.random.default_rng(0).uniform(-3, 3, (5, 7, 2))
    losses = landscape.function(torch.from_numpy(points))
    expected = FORMULAS[landscape.name](points[..., 0], points[..., 1])
    np.testing.assert_allclose(losses.numpy(), expected, rtol=1e-12, atol=1e-12)


@every_landscape
def test_declared_minima_have_no_slope_and_higher_neighbours(landscape):
    assert landscape.minima
    angles = torch.arange(24, dtype=torch.float64) * (2 * math.pi / 24)
    circle = torch.stack([angles.cos(), angles.sin()], dim=1)
    for minimum in landscape.minima:
        point = double(minimum)
        [slope] = gradient(lambda params: landscape.function(params[0]), [point])
        assert slope.norm() < 1e-3  # Himmelblau's are given to six decimals
        for radius in (0.01, 0.1):
            assert (landscape.function(point + radius * circle) > landscape.function(point)).all()


@every_landscape
def test_declared_minima_are_the_least_values_of_the_region_and_lie_in_it(landscape):
    left, right, bottom, top = landscape.region
    values = [landscape.function(double(minimum)).item() for minimum in landscape.minima]
    assert all(left < x < right and bottom < y < top for x, y in landscape.minima)
    assert max(values) - min(values) < 1e-9
    assert landscape.mesh(201)[2].min() >= min(values) - 1e-12


def test_the_saddle_is_flat_at_the_origin_and_falls_along_y_only():
    saddle = landscapes.SADDLE.function
    [slope] = gradient(lambda params: saddle(params[0]), [double([0.0, 0.0])])
    assert slope.norm() == 0
    assert saddle(double([0.1, 0.0])) > 0 > saddle(double([0.0, 0.1]))


@every_landscape
def test_losses_of_many_runs_are_those_of_each_point(landscape):
    points = torch.randn(6, 1, 2, generator=torch.Generator().manual_seed(1))
    losses = landscape.losses([points])
    assert losses.shape == (6,)
    for loss, point in zip(losses, points, strict=True):
        assert loss == landscape.function(point[0])


@every_landscape
def test_mesh_has_x_along_rows_and_y_along_columns(landscape):
    left, right, bottom, top = landscape.region
    x, y, losses = landscape.mesh(points=31)
    assert x.shape == y.shape == losses.shape == (31, 31)
    assert (x[0, 0], x[0, -1], y[0, 0], y[-1, 0]) == (left, right, bottom, top)
    assert (x == x[0]).all()
    assert (y == y[:, :1]).all()
    np.testing.assert_allclose(losses, FORMULAS[landscape.name](x, y), rtol=1e-12, atol=1e-12)


def test_quadratic_has_the_given_curvatures():
    curvatures = [0.5, -3.0, 20.0]
    hessian = torch.autograd.functional.hessian(quadratic(curvatures), double([1.0, 2.0, 3.0]))
    assert torch.equal(hessian, torch.diag(double(curvatures)))
    assert quadratic(curvatures)(double([0, 0, 0])) == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_quadratic_keeps_the_type_of_its_points(dtype):
    points = torch.ones(4, 1, 2, dtype=dtype)
    losses = quadratic([1.0, 30.0])(points)
    assert losses.dtype == dtype
    assert losses.tolist() == [[15.5]] * 4


def test_quadratic_works_on_the_device_of_its_points():
    assert quadratic([1.0, 30.0])(torch.ones(4, 2, device="meta")).device.type == "meta"


# ---- Points, directions, segments


def test_gradient_equals_the_closed_form_and_leaves_the_point_as_it_was():
    w, b = nn.Parameter(double([[1.0, -2.0]])), double([3.0])
    slopes = gradient(lambda params: params[0].pow(3).sum() + 5 * params[1].sum(), [w, b])
    assert torch.equal(slopes[0], double([[3.0, 12.0]]))
    assert torch.equal(slopes[1], double([5.0]))
    assert w.tolist() == [[1.0, -2.0]]
    assert (w.requires_grad, b.requires_grad) == (True, False)
    assert w.grad is None
    assert not any(slope.requires_grad for slope in slopes)


def test_norm_is_the_length_of_all_numbers_as_one_vector():
    parts = [torch.randn(3, 4), nn.Parameter(torch.randn(1, 4)), torch.randn(())]
    flat = np.concatenate([part.detach().double().numpy().ravel() for part in parts])
    assert norm(parts) == pytest.approx(np.linalg.norm(flat), rel=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_random_directions_have_length_one_over_all_parameters(dtype):
    params = [torch.zeros(shape, dtype=dtype) for shape in ((784, 10), (1, 10), (3,))]
    directions = random_directions(params, 20, torch.Generator().manual_seed(2))
    assert [part.shape for part in directions] == [(20, *param.shape) for param in params]
    assert all(part.dtype == dtype for part in directions)
    lengths = torch.cat([part.flatten(1) for part in directions], dim=1).double().norm(dim=1)
    tolerance = 1e-6 if dtype == torch.float32 else 1e-12
    assert (lengths - 1).abs().max() < tolerance


def test_random_directions_are_uniform_on_the_sphere():
    count = 5000
    params = [torch.zeros(1, 2), torch.zeros(1)]
    parts = random_directions(params, count, torch.Generator().manual_seed(3))
    points = torch.cat([part.flatten(1) for part in parts], dim=1)
    # Archimedes: on the sphere in three dimensions, the height above any plane is uniform.
    for axis in ([1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [0.6, 0, 0.8], [0.36, 0.48, -0.8]):
        heights = points @ torch.tensor(axis)
        assert stats.kstest(heights.numpy(), stats.uniform(-1, 2).cdf).pvalue > 0.01


def test_random_directions_repeat_with_the_generator():
    params = [torch.zeros(2, 3), torch.zeros(1, 3)]
    first, again, other = (
        random_directions(params, 4, torch.Generator().manual_seed(seed)) for seed in (4, 4, 5)
    )
    assert all(torch.equal(*pair) for pair in zip(first, again, strict=True))
    assert not any(torch.equal(*pair) for pair in zip(first, other, strict=True))


@pytest.mark.parametrize("n", [2, 30, 1000])
def test_slope_along_a_random_direction_is_about_the_gradient_over_root_n(n):
    g = torch.randn(n, generator=torch.Generator().manual_seed(n), dtype=torch.float64)
    [directions] = random_directions([g], 20_000, torch.Generator().manual_seed(6))
    slopes = directions @ g
    assert slopes.std().item() == pytest.approx(norm([g]) / math.sqrt(n), rel=0.03)
    assert abs(slopes.mean()) < 5 * norm([g]) / math.sqrt(n * len(slopes))


@pytest.mark.parametrize("sizes", [0.5, torch.tensor([0.0, 0.5, -2.0])])
def test_step_along_goes_the_given_size_in_each_direction(sizes):
    params = [nn.Parameter(torch.randn(3, 4)), nn.Parameter(torch.randn(1, 4))]
    before = [param.detach().clone() for param in params]
    directions = random_directions(params, 3)
    points = step_along(params, directions, sizes)
    for run, size in enumerate([0.5] * 3 if isinstance(sizes, float) else [0.0, 0.5, -2.0]):
        for point, param, direction in zip(points, before, directions, strict=True):
            torch.testing.assert_close(point[run], param + size * direction[run])
    assert all(torch.equal(*pair) for pair in zip(params, before, strict=True))
    assert not any(point.requires_grad for point in points)


def test_step_along_keeps_double_precision():
    [point] = step_along([double([[0.0]])], [double([[[1.0]]])], 0.1)
    assert point.dtype == torch.float64
    assert point.item() == 0.1


def test_segment_goes_straight_from_start_to_end():
    start, end = (
        [nn.Parameter(torch.randn(shape, dtype=torch.float64)) for shape in ((3, 4), (1, 4))]
        for _ in range(2)
    )
    fractions = double([0, 0.25, 0.5, 1, 1.5])
    for points, first, last in zip(segment(start, end, fractions), start, end, strict=True):
        assert points.shape == (5, *first.shape)
        torch.testing.assert_close(points[0], first.detach(), rtol=0, atol=1e-14)
        torch.testing.assert_close(points[3], last.detach(), rtol=0, atol=1e-14)
        torch.testing.assert_close(points[1], (0.75 * first + 0.25 * last).detach())
        torch.testing.assert_close(points[4], (1.5 * last - 0.5 * first).detach())
        assert not points.requires_grad


# ---- Slopes and curvatures of a real loss


SHAPES = ((3, 4), (1, 4), (4, 3), (1, 3))
SIZES = [math.prod(shape) for shape in SHAPES]


class SmallNetwork:
    """The loss of a network with one hidden layer at one point, on its own and for many runs."""

    def __init__(self, seed):
        torch.manual_seed(seed)
        self.x = torch.randn(12, 3, dtype=torch.float64)
        self.y = torch.randint(3, (12,))
        self.params = [torch.randn(shape, dtype=torch.float64) for shape in SHAPES]
        self.flat = torch.cat([param.flatten() for param in self.params])

    def loss(self, params):
        w1, b1, w2, b2 = params
        return F.cross_entropy((self.x @ w1 + b1).relu() @ w2 + b2, self.y)

    def losses(self, params):
        return losses_many(params, self.x, self.y)

    def loss_of_flat(self, flat):
        parts = zip(flat.split(SIZES), SHAPES, strict=True)
        return self.loss([part.view(shape) for part, shape in parts])

    def hessian(self):
        return torch.autograd.functional.hessian(self.loss_of_flat, self.flat)

    def directions(self, count=9):
        parts = random_directions(self.params, count, torch.Generator().manual_seed(7))
        return parts, torch.cat([part.flatten(1) for part in parts], dim=1)


@pytest.mark.parametrize("seed", range(3))
def test_slopes_and_curvatures_equal_the_gradient_and_the_full_hessian(seed):
    network = SmallNetwork(seed)
    directions, flat = network.directions()
    slopes, curvatures = slopes_and_curvatures(network.losses, network.params, directions)
    slope = torch.autograd.functional.jacobian(network.loss_of_flat, network.flat)
    torch.testing.assert_close(slopes, flat @ slope, rtol=1e-10, atol=1e-12)
    expected = torch.einsum("ri,ij,rj->r", flat, network.hessian(), flat)
    torch.testing.assert_close(curvatures, expected, rtol=1e-10, atol=1e-12)
    assert not slopes.requires_grad
    assert not curvatures.requires_grad


@pytest.mark.parametrize("seed", range(3))
def test_slopes_and_curvatures_equal_finite_differences(seed):
    network, h = SmallNetwork(seed), 1e-4
    directions, _ = network.directions()
    slopes, curvatures = slopes_and_curvatures(network.losses, network.params, directions)
    behind, here, ahead = (
        network.losses(step_along(network.params, directions, size)) for size in (-h, 0.0, h)
    )
    torch.testing.assert_close(slopes, (ahead - behind) / (2 * h), rtol=0, atol=1e-6)
    torch.testing.assert_close(curvatures, (ahead - 2 * here + behind) / h**2, rtol=0, atol=1e-5)


def test_slopes_and_curvatures_of_a_quadratic_are_known():
    params = [double([[1.0, 1.0]])]
    directions = [double([[[1.0, 0.0]], [[0.0, 1.0]], [[0.6, 0.8]]])]
    slopes, curvatures = slopes_and_curvatures(landscapes.RAVINE.losses, params, directions)
    torch.testing.assert_close(slopes, double([1.0, 30.0, 24.6]))
    torch.testing.assert_close(curvatures, double([1.0, 30.0, 0.36 + 0.64 * 30]))


def test_slopes_and_curvatures_leave_the_point_as_it_was():
    network = SmallNetwork(0)
    before = [param.clone() for param in network.params]
    directions, _ = network.directions()
    slopes_and_curvatures(network.losses, network.params, directions)
    assert all(torch.equal(*pair) for pair in zip(before, network.params, strict=True))
    assert not any(part.requires_grad for part in (*network.params, *directions))


def quadratic_form(matrix):
    """The loss ½ wᵀ A w, whose Hessian is the symmetric matrix A."""

    def loss(params):
        w = torch.cat([param.flatten() for param in params])
        return 0.5 * w @ torch.from_numpy(matrix).to(w) @ w

    return loss


@steady
@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8), st.integers(0, 99))
def test_largest_curvature_is_the_largest_eigenvalue_of_any_quadratic(eigenvalues, seed):
    eigenvalues = [value + math.copysign(0.1, value) for value in eigenvalues]
    rng = np.random.default_rng(seed)
    n = len(eigenvalues)
    basis, _ = np.linalg.qr(rng.standard_normal((n, n)))
    matrix = basis @ np.diag(eigenvalues) @ basis.T
    params = [torch.from_numpy(rng.standard_normal((1, n)))]
    curvature = largest_curvature(quadratic_form(matrix), params)
    scale = max(np.abs(eigenvalues))
    assert curvature == pytest.approx(np.linalg.eigvalsh(matrix)[-1], abs=1e-9 * scale)


@pytest.mark.parametrize(
    ("curvatures", "largest"),
    [
        ([7.0], 7),
        ([-7.0], -7),
        ([1.0, 30.0], 30),
        ([30.0, 30.0], 30),
        ([1.0, -30.0], 1),
        ([-1.0, -30.0], -1),
        ([0.0, -30.0], 0),
        ([2.0, -5.0, 1.0], 2),
        ([2.0] * 40, 2),
        ([2.0] * 30 + [-90.0] * 30 + [3.0], 3),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_largest_curvature_is_the_largest_and_not_the_largest_in_size(curvatures, largest, dtype):
    loss = quadratic_form(np.diag(curvatures))
    params = [torch.ones(1, len(curvatures), dtype=dtype)]
    tolerance = 1e-5 if dtype == torch.float32 else 1e-9
    assert largest_curvature(loss, params) == pytest.approx(largest, abs=tolerance)


@pytest.mark.parametrize("seed", range(4))
def test_largest_curvature_of_a_network_is_that_of_its_full_hessian(seed):
    network = SmallNetwork(seed)
    eigenvalues = torch.linalg.eigvalsh(network.hessian())
    assert eigenvalues[0] < -1e-3  # indefinite: a network's loss is not convex
    curvature = largest_curvature(network.loss, network.params)
    assert curvature == pytest.approx(eigenvalues[-1].item(), rel=1e-9)
    assert curvature == largest_curvature(network.loss, network.params)


def test_largest_curvature_leaves_the_point_as_it_was():
    params = [nn.Parameter(torch.ones(1, 3)), torch.ones(1, 2)]
    largest_curvature(quadratic_form(np.eye(5)), params)
    assert params[0].grad is None
    assert (params[0].requires_grad, params[1].requires_grad) == (True, False)
    assert all((param == 1).all() for param in params)


def test_gradient_descent_is_stable_up_to_two_over_the_largest_curvature():
    matrix = np.array([[3.0, 1.0], [1.0, 9.0]])
    limit = 2 / largest_curvature(quadratic_form(matrix), [torch.ones(1, 2).double()])
    for share, shrinks in ((0.99, True), (1.01, False)):
        w = np.array([1.0, 1.0])
        for _ in range(2000):
            w = w - share * limit * matrix @ w
        assert (np.abs(w).max() < 1) == shrinks


# ---- Minima of a real loss


@pytest.mark.parametrize("condition", [1, 100, 10_000])
def test_nearest_minimum_finds_the_minimum_of_a_quadratic(condition):
    rng = np.random.default_rng(8)
    basis, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    matrix = basis @ np.diag(np.geomspace(1, condition, 6)) @ basis.T
    centre = [torch.from_numpy(rng.standard_normal(shape)) for shape in ((1, 4), (2, 1))]

    def loss(params):
        moved = [param - part for param, part in zip(params, centre, strict=True)]
        return quadratic_form(matrix)(moved)

    start = [torch.zeros(1, 4).double(), torch.zeros(2, 1).double()]
    for part, expected in zip(nearest_minimum(loss, start), centre, strict=True):
        torch.testing.assert_close(part, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("start", [(-1.2, 1.0), (0.0, 0.0), (2.0, -1.0)])
def test_nearest_minimum_crosses_the_valley_of_rosenbrock(start):
    def loss(params):
        return landscapes.rosenbrock(params[0]).sum()

    [point] = nearest_minimum(loss, [double([start])])
    torch.testing.assert_close(point, double([[1.0, 1.0]]), rtol=0, atol=1e-6)


def test_nearest_minimum_stays_at_a_minimum():
    minimum = double([[1.0, 1.0]])
    [point] = nearest_minimum(lambda params: landscapes.rosenbrock(params[0]).sum(), [minimum])
    assert torch.equal(point, minimum)


def test_nearest_minimum_leaves_the_start_as_it_was():
    start = nn.Parameter(double([[-1.0, 1.0]]))
    [point] = nearest_minimum(lambda params: landscapes.rosenbrock(params[0]).sum(), [start])
    assert start.tolist() == [[-1.0, 1.0]]
    assert start.grad is None
    assert not point.requires_grad


def test_nearest_minimum_takes_no_more_than_the_given_steps():
    def loss(params):
        return landscapes.rosenbrock(params[0]).sum()

    start = double([[-1.2, 1.0]])
    after = [loss(nearest_minimum(loss, [start], max_steps=steps)) for steps in (3, 10, 500)]
    assert loss([start]) > after[0] > after[1] > 0.1
    assert after[2] < 1e-12
