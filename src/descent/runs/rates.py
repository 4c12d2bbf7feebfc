"""How fast gradient descent and the heavy ball converge on a quadratic: what theory says."""

import math

import torch


def heavy_ball_factor(lr, beta, curvature):
    r"""Return by what factor a heavy-ball step multiplies the distance to the minimum in the end.

    Along a direction with curvature c the distance w obeys
    :math:`w_{k+1} = (1 + \beta - lr \, c) \, w_k - \beta \, w_{k-1}`. The factor is the larger size
    of the two roots of :math:`r^2 - (1 + \beta - lr \, c) \, r + \beta = 0`: the spectral radius of
    the recursion. With ``beta`` zero it is :math:`|1 - lr \, c|`, that of gradient descent.

    Parameters
    ----------
    lr, beta, curvature : float or torch.Tensor
        Shapes that broadcast.

    Returns
    -------
    torch.Tensor
        Double precision. The step converges if it is less than 1. It is never less than the square
        root of ``beta``, and equal to it where the roots are complex: there the motion oscillates.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods.
    """
    lr, beta, curvature = (
        torch.as_tensor(value, dtype=torch.float64) for value in (lr, beta, curvature)
    )
    trace = 1 + beta - lr * curvature
    discriminant = (trace.square() - 4 * beta).clamp(min=0)  # 0 too where the roots are complex
    real = (trace.abs() + discriminant.sqrt()) / 2
    return torch.where(trace.square() < 4 * beta, beta.sqrt(), real)


def best_gradient_descent(smallest, largest):
    r"""Return the learning rate with which gradient descent is fastest on a quadratic.

    .. math:: lr = \frac{2}{L + \mu}, \qquad \text{factor} = \frac{\kappa - 1}{\kappa + 1}

    Parameters
    ----------
    smallest, largest : float
        The curvatures :math:`\mu` and L of the flattest and of the steepest direction.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If not 0 < smallest <= largest.
    """
    _check_curvatures(smallest, largest)
    return 2 / (largest + smallest)


def best_heavy_ball(smallest, largest):
    r"""Return the learning rate and momentum with which the heavy ball is fastest on a quadratic.

    .. math::

        \begin{gathered}
        lr = \frac{4}{(\sqrt{L} + \sqrt{\mu})^2}, \\
        \sqrt{\beta} = \text{factor} = \frac{\sqrt{\kappa} - 1}{\sqrt{\kappa} + 1}
        \end{gathered}

    Parameters
    ----------
    smallest, largest : float
        The curvatures :math:`\mu` and L of the flattest and of the steepest direction.

    Returns
    -------
    lr, beta : float

    Raises
    ------
    ValueError
        If not 0 < smallest <= largest.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods.
    """
    _check_curvatures(smallest, largest)
    low, high = math.sqrt(smallest), math.sqrt(largest)
    return 4 / (high + low) ** 2, ((high - low) / (high + low)) ** 2


def first_step_below(distances, tolerance=1e-6):
    """Return the step from which on all distances of a run stay below a tolerance.

    Parameters
    ----------
    distances : torch.Tensor
        At least 0, shape (steps + 1, ...): before the first step and after each one.
    tolerance : float
        What they have to stay below.

    Returns
    -------
    int or None
        ``None`` if the last distances are not all below. NaN is not.
    """
    above = ~(distances < tolerance).reshape(len(distances), -1).all(dim=1)
    first = int(above.nonzero().max()) + 1 if above.any() else 0
    return first if first < len(distances) else None


def _check_curvatures(smallest, largest):
    if not 0 < smallest <= largest:
        raise ValueError(
            f"curvatures must be 0 < smallest <= largest, but they are {smallest} and {largest}"
        )
