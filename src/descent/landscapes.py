"""Losses to walk on: small objectives with known minima, and slices of a real loss.

A point of a small objective has its two coordinates in the last dimension, so that many points, of
shape (runs, 1, 2) say, are evaluated at once. Points of a real loss are lists of parameters.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.polynomial import Polynomial
from scipy.sparse.linalg import LinearOperator, eigsh

CONVEX_POLYNOMIAL = Polynomial([1, 2, 1], symbol="x")
"""x² + 2x + 1, which has one minimum."""

NONCONVEX_POLYNOMIAL = Polynomial([0, -2, -2, 1, 1], symbol="x")
"""x⁴ + x³ - 2x² - 2x, which has two minima of different depth."""


def local_minima(polynomial):
    """Return where a polynomial in one variable has its local minima.

    Parameters
    ----------
    polynomial : numpy.polynomial.Polynomial
        Its degree must be at least 1.

    Returns
    -------
    numpy.ndarray
        Sorted. The real roots of the derivative at which it changes from negative to positive.

    Raises
    ------
    ValueError
        If the polynomial is constant, so that every point would be a minimum.
    """
    if polynomial.trim().degree() < 1:
        raise ValueError("a constant has no isolated minimum: give a polynomial that varies")
    slope = polynomial.deriv()
    roots = slope.roots()
    flat = np.sort(roots[np.isclose(roots.imag, 0)].real)
    near = 1e-5 * np.maximum(1, np.abs(flat))  # more than rounding moves a double root
    minima = flat[(slope(flat - near) < 0) & (slope(flat + near) > 0)]
    return minima[np.diff(minima, prepend=-np.inf) > 1e-5]


@dataclass(frozen=True)
class Landscape:
    """A loss of two variables whose minima are known.

    Attributes
    ----------
    name : str
        For titles and legends.
    function : callable
        Takes points of shape (..., 2), returns losses of shape (...).
    minima : tuple of (float, float)
        Where the function is least; empty if it has no minimum.
    region : tuple of (float, float, float, float)
        The part worth drawing: left, right, bottom, top.
    """

    name: str
    function: Callable
    minima: tuple
    region: tuple

    def losses(self, params):
        """Return the loss of each run, for ``params = [points]`` of shape (runs, 1, 2)."""
        return self.function(params[0])[..., 0]

    def mesh(self, points=121):
        """Return x, y and the loss on a grid over the region, three arrays (points, points)."""
        left, right, bottom, top = self.region
        x, y = np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points))
        losses = self.function(torch.from_numpy(np.stack([x, y], axis=-1)))
        return x, y, losses.numpy()


def quadratic(curvatures):
    """Return the function x ↦ ½ Σ c x², with one curvature c for each coordinate."""
    scale = torch.as_tensor(curvatures, dtype=torch.float64)
    return lambda points: (0.5 * scale.to(points) * points.square()).sum(dim=-1)


def rosenbrock(points):
    """Return (1 - x)² + 100 (y - x²)². Source: Rosenbrock (1960)."""
    x, y = points[..., 0], points[..., 1]
    return (1 - x).square() + 100 * (y - x.square()).square()


def himmelblau(points):
    """Return (x² + y - 11)² + (x + y² - 7)². Source: Himmelblau (1972)."""
    x, y = points[..., 0], points[..., 1]
    return (x.square() + y - 11).square() + (x + y.square() - 7).square()


def saddle(points):
    """Return ½ (x² - y²) + ¼ y⁴: a saddle at the origin between two equal minima."""
    x, y = points[..., 0], points[..., 1]
    return 0.5 * (x.square() - y.square()) + 0.25 * y.pow(4)


BOWL = Landscape("bowl", quadratic([1.0, 1.0]), ((0.0, 0.0),), (-2, 2, -2, 2))
RAVINE = Landscape("ravine", quadratic([1.0, 30.0]), ((0.0, 0.0),), (-2.7, 0.7, -0.9, 0.9))
ROSENBROCK = Landscape("Rosenbrock", rosenbrock, ((1.0, 1.0),), (-2, 2, -1, 3))
HIMMELBLAU = Landscape(
    "Himmelblau",
    himmelblau,
    ((3.0, 2.0), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127)),
    (-5, 5, -5, 5),
)
SADDLE = Landscape("saddle", saddle, ((0.0, -1.0), (0.0, 1.0)), (-2, 2, -2, 2))


def gradient(loss_fn, params):
    """Return the gradient of a scalar loss at ``params``, a list of tensors of the same shapes.

    Parameters
    ----------
    loss_fn : callable
        Takes a list of parameters, returns a scalar.
    params : list of torch.Tensor
        The point. It is left as it was.
    """
    point = [param.detach().requires_grad_() for param in params]
    return list(torch.autograd.grad(loss_fn(point), point))


def norm(params):
    """Return the Euclidean length of a list of tensors, taken as one long vector."""
    return math.sqrt(sum(param.detach().double().square().sum().item() for param in params))


def random_directions(params, count, generator=None):
    """Draw directions uniformly from the unit sphere of all parameters together.

    Parameters
    ----------
    params : list of torch.Tensor
        Their shapes, type and device are taken.
    count : int
        How many directions to draw.
    generator : torch.Generator, optional
        The source of random numbers; PyTorch's global one unless told otherwise.

    Returns
    -------
    list of torch.Tensor
        For each parameter a tensor of shape (count, ...). Over the whole list, each of the
        ``count`` directions has length one.
    """
    noise = [
        torch.randn(
            (count, *param.shape), generator=generator, dtype=param.dtype, device=param.device
        )
        for param in params
    ]
    lengths = sum(part.flatten(1).square().sum(dim=1) for part in noise).sqrt()
    return [part / _one_per_run(lengths, part) for part in noise]


def _one_per_run(values, like):
    """Give numbers of shape (runs,) the trailing dimensions that broadcast with ``like``."""
    return values.reshape(-1, *[1] * (like.dim() - 1))


def step_along(params, directions, sizes):
    """Return the points ``params + size * direction`` for many directions at once.

    Parameters
    ----------
    params : list of torch.Tensor
        The point to start from.
    directions : list of torch.Tensor
        Shape (runs, ...) each, as from `random_directions`.
    sizes : float or torch.Tensor
        One size for all, or one for each run, shape (runs,).

    Returns
    -------
    list of torch.Tensor
        Shape (runs, ...) each.
    """

    def each(like):
        return _one_per_run(torch.as_tensor(sizes, dtype=like.dtype, device=like.device), like)

    return [
        param.detach() + each(direction) * direction
        for param, direction in zip(params, directions, strict=True)
    ]


def segment(start, end, fractions):
    """Return points on the straight line from one list of parameters to another.

    Parameters
    ----------
    start, end : list of torch.Tensor
        Two points with the same shapes.
    fractions : torch.Tensor
        Shape (points,): 0 is the start, 1 is the end.

    Returns
    -------
    list of torch.Tensor
        Shape (points, ...) each.
    """
    towards_end = [(last - first).detach()[None] for first, last in zip(start, end, strict=True)]
    repeated = [part.expand(len(fractions), *part.shape[1:]) for part in towards_end]
    return step_along(start, repeated, fractions)


def slopes_and_curvatures(losses_fn, params, directions):
    """Return the slope and the curvature of a loss along many directions at one point.

    The loss after a step of size s along d is L(w) + s gᵀd + ½ s² dᵀHd, up to terms in s³: the
    slope is gᵀd, the curvature dᵀHd.

    Parameters
    ----------
    losses_fn : callable
        Takes parameters with a leading dimension of runs, returns losses of shape (runs,).
    params : list of torch.Tensor
        The point w, without a dimension of runs.
    directions : list of torch.Tensor
        Shape (runs, ...) each, of length one.

    Returns
    -------
    slopes, curvatures : torch.Tensor
        Shape (runs,) each.

    References
    ----------
    Pearlmutter (1994), Fast exact multiplication by the Hessian.
    """
    zero = torch.zeros(len(directions[0])).to(directions[0])
    point = [part.requires_grad_() for part in step_along(params, directions, zero)]
    gradients = torch.autograd.grad(losses_fn(point).sum(), point, create_graph=True)
    slopes = _dot_each_run(gradients, directions)
    products = torch.autograd.grad(slopes.sum(), point)
    return slopes.detach(), _dot_each_run(products, directions)


def _dot_each_run(left, right):
    return sum((a * b).flatten(1).sum(dim=1) for a, b in zip(left, right, strict=True))


def largest_curvature(loss_fn, params):
    """Return the largest eigenvalue of the Hessian, by Lanczos on Hessian-vector products.

    Parameters
    ----------
    loss_fn : callable
        Takes a list of parameters, returns a scalar that can be differentiated twice.
    params : list of torch.Tensor
        The point.

    Returns
    -------
    float
        L. On a quadratic with this curvature, gradient descent is stable for lr < 2 / L.
    """
    point = [param.detach().requires_grad_() for param in params]
    gradients = torch.autograd.grad(loss_fn(point), point, create_graph=True)
    sizes = [part.numel() for part in point]

    def hessian_times(vector):
        parts = torch.as_tensor(vector).to(point[0]).flatten().split(sizes)
        shaped = [part.view_as(param) for part, param in zip(parts, point, strict=True)]
        products = torch.autograd.grad(gradients, point, shaped, retain_graph=True)
        return torch.cat([part.flatten() for part in products]).double().cpu().numpy()

    dimension = sum(sizes)
    if dimension == 1:
        return float(hessian_times(np.ones(1))[0])
    hessian = LinearOperator((dimension, dimension), matvec=hessian_times, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(dimension)
    return float(eigsh(hessian, k=1, which="LA", v0=start, return_eigenvectors=False)[0])


def nearest_minimum(loss_fn, params, max_steps=500):
    """Go down to a minimum of a smooth loss with L-BFGS, a method that also uses curvature.

    Parameters
    ----------
    loss_fn : callable
        Takes a list of parameters, returns a scalar.
    params : list of torch.Tensor
        Where to start.
    max_steps : int
        The most steps to take.

    Returns
    -------
    list of torch.Tensor
        The parameters reached.

    References
    ----------
    Liu and Nocedal (1989), On the limited memory BFGS method for large scale optimization.
    """
    point = [param.detach().clone().requires_grad_() for param in params]
    lbfgs = torch.optim.LBFGS(
        point,
        max_iter=max_steps,
        tolerance_grad=1e-9,
        tolerance_change=1e-12,
        line_search_fn="strong_wolfe",
    )

    def closure():
        lbfgs.zero_grad()
        loss = loss_fn(point)
        loss.backward()
        return loss

    lbfgs.step(closure)
    return [param.detach() for param in point]
