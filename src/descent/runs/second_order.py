"""A method that learns the curvature from the gradients that it meets."""

import torch
from scipy.optimize import minimize

from descent.runs.descents import check_steps


def run_lbfgs(func, init_list=(0.0, 0.0), max_iter=200):
    """Minimise a function of a few numbers by L-BFGS, and note where it goes.

    The changes of the gradient from step to step tell how the loss curves, so no second derivative
    is computed. A line search finds the length of each step.

    Parameters
    ----------
    func : callable
        Takes the parameters as scalars, returns the loss.
    init_list : sequence of float
        Where to start.
    max_iter : int
        The most steps to take, at least 0. It stops when a step would change nothing more.

    Returns
    -------
    path : torch.Tensor
        Where it was before the first step and after each one, shape (steps + 1, len(init_list)),
        double precision.
    evaluations : list of int
        How many times loss and gradient had been computed by then, steps + 1 numbers.

    Raises
    ------
    ValueError
        If ``max_iter`` is negative or beyond a billion.

    References
    ----------
    Liu and Nocedal (1989), On the limited memory BFGS method for large scale optimization. The
    computation is SciPy's.
    """
    check_steps(max_iter)
    start = torch.tensor([float(value) for value in init_list], dtype=torch.float64)
    path, evaluations = [start], [0]
    if max_iter == 0:
        return torch.stack(path), evaluations
    count = 0

    def loss_and_gradient(place):
        nonlocal count
        count += 1
        point = torch.tensor(place, requires_grad=True)
        loss = func(*point)
        (slope,) = torch.autograd.grad(loss, point)
        return loss.item(), slope.numpy()

    def note(place):
        path.append(torch.tensor(place))
        evaluations.append(count)

    settings = {"maxiter": max_iter, "maxfun": 50 * max_iter, "ftol": 0, "gtol": 1e-12}
    minimize(
        loss_and_gradient,
        start.numpy(),
        jac=True,
        method="L-BFGS-B",
        callback=note,
        options=settings,
    )
    return torch.stack(path), evaluations
