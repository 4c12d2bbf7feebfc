"""Gradients, curvatures and minima of a loss whose parameters are a list of tensors."""

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, eigsh

from descent.landscapes.steps import step_along


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
        The curvature L. On a quadratic with it, gradient descent is stable for lr < 2 / L.
    """
    hessian, start = _hessian(loss_fn, params)
    if len(start) == 1:
        return float(hessian.matvec(np.ones(1))[0])
    return float(eigsh(hessian, k=1, which="LA", v0=start, return_eigenvectors=False)[0])


def curvature_range(loss_fn, params, tolerance=1e-2):
    """Return the smallest and the largest eigenvalue of the Hessian, by Lanczos.

    A negative smallest one says that the loss bends downwards along some direction. Where the
    gradient is zero, the point is then a saddle point and no minimum.

    Parameters
    ----------
    loss_fn : callable
        Takes a list of parameters, returns a scalar that can be differentiated twice.
    params : list of torch.Tensor
        The point.
    tolerance : float
        How far off each may be, as a share of itself.

    Returns
    -------
    smallest, largest : float
    """
    hessian, start = _hessian(loss_fn, params)
    if len(start) < 3:  # too few for Lanczos to find two
        eigenvalues = np.linalg.eigvalsh(hessian.matmat(np.eye(len(start))))
    else:
        eigenvalues = eigsh(
            hessian, k=2, which="BE", v0=start, tol=tolerance, return_eigenvectors=False
        )
    return float(eigenvalues.min()), float(eigenvalues.max())


def _hessian(loss_fn, params):
    """Return the Hessian as a linear operator, and a vector for Lanczos to start from."""
    point = [param.detach().requires_grad_() for param in params]
    gradients = torch.autograd.grad(loss_fn(point), point, create_graph=True)
    sizes = [part.numel() for part in point]

    def times(vector):
        parts = torch.as_tensor(vector).to(point[0]).flatten().split(sizes)
        shaped = [part.view_as(param) for part, param in zip(parts, point, strict=True)]
        products = torch.autograd.grad(gradients, point, shaped, retain_graph=True)
        return _flatten(products)

    dimension = sum(sizes)
    hessian = LinearOperator((dimension, dimension), matvec=times, dtype=np.float64)
    return hessian, np.random.default_rng(0).standard_normal(dimension)


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
    sizes = [param.numel() for param in params]

    def unflatten(vector):
        parts = torch.from_numpy(vector).split(sizes)
        return [
            part.reshape(param.shape).to(param) for part, param in zip(parts, params, strict=True)
        ]

    def loss_and_gradient(vector):
        point = [param.requires_grad_() for param in unflatten(vector.copy())]
        loss = loss_fn(point)
        return loss.item(), _flatten(torch.autograd.grad(loss, point))

    settings = {
        "maxiter": max_steps,
        "maxfun": 50 * max_steps,
        "maxcor": 50,
        "ftol": 0,
        "gtol": 1e-9,
    }
    found = minimize(
        loss_and_gradient, _flatten(params), jac=True, method="L-BFGS-B", options=settings
    )
    return unflatten(found.x)


def _flatten(parts):
    return torch.cat([part.detach().flatten() for part in parts]).double().cpu().numpy()
