"""Small objectives with known minima.

A point has its two coordinates in the last dimension, so that many points, of shape (runs, 1, 2)
say, are evaluated at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.polynomial import Polynomial

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
