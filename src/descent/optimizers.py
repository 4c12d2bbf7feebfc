"""The update rules, one short function each.

Every rule changes ``params`` in place and is elementwise, so it broadcasts: hyperparameters are
numbers, or tensors of shape (runs, 1, 1) when the parameters carry a leading dimension of runs.
"""

import math
from collections.abc import Iterator

import torch

from descent.arguments import explain_errors


def zero_grad(params):
    """Set the gradient of every parameter to zero.

    PyTorch adds each new gradient to the one that is there, so an update starts with this.

    Parameters
    ----------
    params : list of torch.Tensor
        Parameters that have no gradient yet are left alone.

    Raises
    ------
    TypeError
        If it is an iterator, such as ``model.parameters()``: it can be read only once, and the
        step that follows would find no parameter left.
    """
    if isinstance(params, Iterator):
        raise TypeError("params must be a list: write list(model.parameters())")
    for param in params:
        if param.grad is not None:
            param.grad.zero_()


@torch.no_grad()
def random_update(model, noise_scale=0.1, normalized=False):
    """Move the parameters of a model in a random direction, in place.

    Parameters
    ----------
    model : torch.nn.Module
        The model to change.
    noise_scale : float
        Standard deviation of the change of each parameter. With ``normalized``, the length of the
        whole step instead.
    normalized : bool
        Whether to scale the noise, over all parameters together, to length one first. The
        direction is then uniform on the unit sphere.
    """
    params = list(model.parameters())
    noise = [torch.randn_like(param) for param in params]
    length = math.sqrt(sum(part.square().sum().item() for part in noise)) if normalized else 1.0
    for param, part in zip(params, noise, strict=True):
        param += noise_scale / length * part


def gradient_update(loss, params, lr=1e-3):
    r"""Take one gradient step on every parameter, in place.

    .. math:: w \leftarrow w - lr \, \nabla L(w)

    Parameters
    ----------
    loss : torch.Tensor
        The loss at ``params``: a scalar that still has its graph.
    params : list of torch.Tensor
        The parameters w.
    lr : float or torch.Tensor
        The learning rate.

    References
    ----------
    Cauchy (1847), Méthode générale pour la résolution des systèmes d'équations simultanées.
    """
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad


def momentum_update(loss, params, grad_vel, lr=1e-3, beta=0.8):
    r"""Take one heavy-ball step on every parameter, in place.

    .. math::

        \begin{gathered}
        v \leftarrow \beta v - lr \, \nabla L(w), \\
        w \leftarrow w + v
        \end{gathered}

    Parameters
    ----------
    loss : torch.Tensor
        The loss at ``params``: a scalar that still has its graph.
    params : list of torch.Tensor
        The parameters w.
    grad_vel : list of torch.Tensor
        The velocity v of each parameter, changed in place. It starts at zero.
    lr : float or torch.Tensor
        The learning rate.
    beta : float or torch.Tensor
        The momentum: the share of the velocity that is kept, at least 0 and less than 1.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods, equation (9).
    """
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, velocity in zip(params, grad_vel, strict=True):
            rate = torch.as_tensor(lr, dtype=param.dtype, device=param.device)
            velocity.mul_(beta).addcmul_(param.grad, rate, value=-1)  # no copy of the gradient
            param += velocity


def nesterov_update(loss, params, grad_vel, lr=1e-3, beta=0.8):
    r"""Take one step with Nesterov's momentum on every parameter, in place.

    .. math::

        \begin{gathered}
        v \leftarrow \beta v - lr \, \nabla L(w), \\
        w \leftarrow w + \beta v - lr \, \nabla L(w)
        \end{gathered}

    The gradient is taken at the point that the velocity leads to. As PyTorch does, ``params`` holds
    that point, so each step needs one gradient.

    Parameters
    ----------
    loss : torch.Tensor
        The loss at ``params``: a scalar that still has its graph.
    params : list of torch.Tensor
        The parameters w.
    grad_vel : list of torch.Tensor
        The velocity v of each parameter, changed in place. It starts at zero.
    lr : float or torch.Tensor
        The learning rate.
    beta : float or torch.Tensor
        The momentum: the share of the velocity that is kept, at least 0 and less than 1.

    References
    ----------
    Nesterov (1983), A method for solving the convex programming problem with convergence rate
    O(1/k²); in this form Sutskever et al. (2013), On the importance of initialization and momentum.
    """
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, velocity in zip(params, grad_vel, strict=True):
            step = lr * param.grad
            velocity.mul_(beta).sub_(step)
            param += beta * velocity - step


def adagrad_update(loss, params, grad_sq_sum, lr=1e-2, epsilon=1e-10):
    r"""Take one Adagrad step on every parameter, in place.

    .. math::

        \begin{gathered}
        s \leftarrow s + \nabla L(w)^2, \\
        w \leftarrow w - lr \, \nabla L(w) / (\sqrt{s} + \epsilon)
        \end{gathered}

    Parameters
    ----------
    loss : torch.Tensor
        The loss at ``params``: a scalar that still has its graph.
    params : list of torch.Tensor
        The parameters w.
    grad_sq_sum : list of torch.Tensor
        The sum s of each parameter's squared gradients, changed in place. It starts at zero.
    lr : float or torch.Tensor
        The learning rate.
    epsilon : float or torch.Tensor
        A small number that keeps the division finite.

    References
    ----------
    Duchi, Hazan and Singer (2011), Adaptive subgradient methods for online learning and stochastic
    optimization.
    """
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, square_sum in zip(params, grad_sq_sum, strict=True):
            square_sum += param.grad.square()
            param -= lr * param.grad / (square_sum.sqrt() + epsilon)


def rmsprop_update(loss, params, grad_sq, lr=1e-3, alpha=0.8, epsilon=1e-8):
    r"""Take one RMSprop step on every parameter, in place.

    .. math::

        \begin{gathered}
        s \leftarrow \alpha s + (1 - \alpha) \, \nabla L(w)^2, \\
        w \leftarrow w - lr \, \nabla L(w) / \sqrt{s + \epsilon}
        \end{gathered}

    PyTorch adds epsilon after the square root; here it is inside.

    Parameters
    ----------
    loss : torch.Tensor
        The loss at ``params``: a scalar that still has its graph.
    params : list of torch.Tensor
        The parameters w.
    grad_sq : list of torch.Tensor
        The running mean s of each parameter's squared gradient, changed in place. It starts at
        zero.
    lr : float or torch.Tensor
        The learning rate.
    alpha : float or torch.Tensor
        The share of the running mean that is kept, at least 0 and less than 1.
    epsilon : float or torch.Tensor
        A small number that keeps the division finite.

    References
    ----------
    Tieleman and Hinton (2012), Neural networks for machine learning, lecture 6.5.
    """
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for param, mean_square in zip(params, grad_sq, strict=True):
            mean_square.mul_(alpha).add_((1 - alpha) * param.grad.square())
            param -= lr * param.grad / (mean_square + epsilon).sqrt()


def adam_update(
    loss, params, grad_mean, grad_sq, steps, lr=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8
):
    r"""Take one Adam step on every parameter, in place.

    .. math::

        \begin{gathered}
        m \leftarrow \beta_1 m + (1 - \beta_1) \, \nabla L(w), \\
        s \leftarrow \beta_2 s + (1 - \beta_2) \, \nabla L(w)^2, \\
        w \leftarrow w - lr \, \frac{m / (1 - \beta_1^t)}{\sqrt{s / (1 - \beta_2^t)} + \epsilon}
        \end{gathered}

    Both means start at zero, and are too small at first: after t steps by the factors that the
    formula divides by.

    Parameters
    ----------
    loss : torch.Tensor
        The loss at ``params``: a scalar that still has its graph.
    params : list of torch.Tensor
        The parameters w.
    grad_mean, grad_sq : list of torch.Tensor
        The running means m and s of each parameter's gradient and squared gradient, changed in
        place. They start at zero.
    steps : list of torch.Tensor
        The number t of steps taken, in every entry of tensors of any shape, one for each parameter.
        Changed in place. It starts at zero.
    lr, beta1, beta2, epsilon : float or torch.Tensor
        The learning rate, the shares of the two means that are kept, and a small number that keeps
        the division finite.

    References
    ----------
    Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    """
    zero_grad(params)
    loss.backward()
    with torch.no_grad():
        for count in steps:
            count += 1
        rate = lr / _missing_share(beta1, steps[0])
        share = _missing_share(beta2, steps[0])
        for param, mean, mean_square in zip(params, grad_mean, grad_sq, strict=True):
            mean.lerp_(param.grad, 1 - beta1)  # in one pass: beta1 mean + (1 - beta1) gradient
            mean_square.lerp_(param.grad.square(), 1 - beta2)
            root = (mean_square / share).sqrt_().add_(epsilon)
            param -= (rate * mean).div_(root)


def _missing_share(beta, count):
    """Return 1 - beta^t, in double precision until the end: for beta near 1 digits cancel."""
    t = count[(0,) * count.ndim].double()  # to flatten it would copy all of it
    return (1 - torch.as_tensor(beta, dtype=torch.float64).to(t) ** t).to(count)


explain_errors(__name__)
