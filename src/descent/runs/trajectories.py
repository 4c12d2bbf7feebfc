"""A single run on a problem of a few parameters, and the optimum to measure its distance to."""

import torch

from descent.runs.descents import check_steps, state_names


def run_optimizer(inits, eval_fn, update_fn, max_steps=500, optim_kwargs=None):
    """Run one update rule on a function of a few numbers, and note where it goes.

    Parameters
    ----------
    inits : sequence of float
        Where to start.
    eval_fn : callable
        Takes the parameters as that many scalars, returns the loss.
    update_fn : callable
        ``update_fn(loss, params, *state, **optim_kwargs)``, in place. A state, such as a velocity,
        starts at zero.
    max_steps : int
        Number of updates, at least 0.
    optim_kwargs : dict, optional
        Hyperparameters of ``update_fn``, such as ``{"lr": 0.1}``.

    Returns
    -------
    losses : torch.Tensor
        The loss before the first step and after each one, shape (max_steps + 1,).
    trajectory : torch.Tensor
        The parameters there, shape (max_steps + 1, len(inits)), double precision.

    Raises
    ------
    ValueError
        If ``max_steps`` is negative or beyond a billion, or ``update_fn`` does not take a
        hyperparameter.
    """
    check_steps(max_steps)
    settings = dict(optim_kwargs or {})
    params = [torch.tensor(float(init), dtype=torch.float64).requires_grad_() for init in inits]
    state = {
        name: [torch.zeros_like(param) for param in params]
        for name in state_names(update_fn, settings)
    }
    losses, trajectory = [], []
    for step in range(max_steps + 1):
        loss = eval_fn(*params)
        losses.append(loss.detach())
        trajectory.append(torch.stack([param.detach() for param in params]))
        if step < max_steps:
            update_fn(loss, params, **state, **settings)
    return torch.stack(losses), torch.stack(trajectory)


def run_newton(func, init_list=(0.0, 0.0), max_iter=200, keep_path=False):
    r"""Find the minimum of a convex function of a few numbers by Newton's method.

    .. math:: w \leftarrow w - t \, H^{-1} \nabla L(w)

    The whole step, t = 1, is halved until it lowers the loss enough.

    Parameters
    ----------
    func : callable
        Takes the parameters as scalars, returns the loss. Twice differentiable, with a positive
        definite Hessian wherever the method comes.
    init_list : sequence of float
        Where to start.
    max_iter : int
        The most steps to take. It stops when a step would change nothing more.
    keep_path : bool
        Whether to return the whole path.

    Returns
    -------
    torch.Tensor
        The minimum, shape (len(init_list),), double precision. With ``keep_path`` where it was
        before the first step and after each one, shape (steps + 1, len(init_list)).

    Raises
    ------
    ValueError
        If the Hessian is not positive definite, so that the step need not lead downhill.

    References
    ----------
    Boyd and Vandenberghe (2004), Convex Optimization, algorithm 9.5.
    """
    point = torch.tensor([float(value) for value in init_list], dtype=torch.float64)
    path = [point]
    for _ in range(max_iter):
        step = _newton_step(func, point)
        if step.abs().max() <= 1e-14 * (1 + point.abs().max()):
            break
        point = point + step
        path.append(point)
    return torch.stack(path) if keep_path else point


def _newton_step(func, point):
    """Return Newton's step, halved until it lowers the loss by part of what its slope promises."""

    def loss_at(place):
        return func(*place)

    place = point.clone().requires_grad_()
    loss = loss_at(place)
    (slope,) = torch.autograd.grad(loss, place)
    factor, failed = torch.linalg.cholesky_ex(torch.autograd.functional.hessian(loss_at, point))
    if failed or not slope.isfinite().all():
        raise ValueError(
            f"Newton's method needs a loss that curves upwards in all directions, "
            f"but at {point.tolist()} it does not"
        )
    step = -torch.cholesky_solve(slope[:, None], factor)[:, 0]
    promised = (slope @ step).item()
    rounding = 1e-15 * (1 + abs(loss.item()))
    for _ in range(50):
        if loss_at(point + step) <= loss + 0.1 * promised + rounding:
            return step
        step, promised = step / 2, promised / 2
    return torch.zeros_like(step)
