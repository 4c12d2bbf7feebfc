"""How far the gradient of a minibatch lies from the gradient of all points."""

import torch
from torch import nn
from torch.nn import functional as F

from descent.models import loss_fn


def gradient_products(model, inputs, targets):
    """Return the inner product of every two points' gradients, without storing the gradients.

    A linear layer's gradient at one point is an outer product, of the layer's input and of the
    slope of the loss with respect to its output. The inner product of two outer products is the
    product of two small ones.

    Parameters
    ----------
    model : descent.models.MLP
        Where the gradients are taken.
    inputs : torch.Tensor
        Shape (points, ...).
    targets : torch.Tensor
        The right classes, whole numbers of shape (points,).

    Returns
    -------
    torch.Tensor
        Shape (points, points), double precision: the gradient of the loss of point i with respect
        to all parameters, times that of point j.

    References
    ----------
    Goodfellow (2015), Efficient per-example gradient computations, arXiv:1510.01799.
    """
    signals = inputs.reshape(len(inputs), -1)
    layers = []
    for layer in model.main:
        entering, signals = signals, layer(signals)
        if isinstance(layer, nn.Linear):
            layers.append((entering.detach().double(), signals, layer.bias is not None))
    loss = loss_fn(F.log_softmax(signals, dim=1), targets, reduction="sum")
    slopes = torch.autograd.grad(loss, [leaving for _, leaving, _ in layers])
    return sum(
        (entering @ entering.T + has_bias) * (slope.double() @ slope.double().T)
        for (entering, _, has_bias), slope in zip(layers, slopes, strict=True)
    )


def example_gradients(model, inputs, targets):
    """Return the gradient of every single point's loss, in few coordinates.

    However many parameters there are, n gradients span at most n dimensions. So n coordinates hold
    all of their lengths, angles and distances. The first axis points along the gradient of all
    points, which is their mean; the others follow by how far the gradients spread along them.

    Parameters
    ----------
    model : descent.models.MLP
        Where the gradients are taken.
    inputs : torch.Tensor
        Shape (points, ...). Points by points numbers are stored: some thousands of points fit.
    targets : torch.Tensor
        The right classes, whole numbers of shape (points,).

    Returns
    -------
    torch.Tensor
        Shape (points, points), double precision, on the CPU: a gradient in each row.
    """
    products = gradient_products(model, inputs, targets).cpu()
    along_mean = products.mean(dim=1) / products.mean().sqrt()
    spreads, axes = torch.linalg.eigh(products - along_mean.outer(along_mean))
    across = axes[:, 1:] * spreads[1:].clamp(min=0).sqrt()
    return torch.cat([along_mean[:, None], across.flip(1)], dim=1)


def minibatch_gradients(gradients, batch_size, draws, replacement=False, generator=None):
    """Draw many minibatches, and return the gradient of each.

    Parameters
    ----------
    gradients : torch.Tensor
        Shape (points, dimensions): the gradient of each point, as from `example_gradients`.
    batch_size : int
        Points in each minibatch. Without replacement at most all.
    draws : int
        Number of minibatches.
    replacement : bool
        Whether a point may come more than once in a minibatch.
    generator : torch.Generator, optional
        The source of random numbers; PyTorch's global one unless told otherwise.

    Returns
    -------
    torch.Tensor
        Shape (draws, dimensions): the mean of each minibatch's gradients.

    Raises
    ------
    ValueError
        If the batch size is less than 1, or more points are asked for than there are.
    """
    points = len(gradients)
    if batch_size < 1 or (batch_size > points and not replacement):
        raise ValueError(f"cannot draw {batch_size} different points from {points}")
    if replacement:
        chosen = torch.randint(points, (draws, batch_size), generator=generator)
    else:
        chances = torch.ones(draws, points)
        chosen = torch.multinomial(chances, batch_size, generator=generator)
    return F.embedding_bag(chosen, gradients, mode="mean")


def gradient_noise(gradients, batch_sizes, draws=2000, replacement=False, generator=None):
    """Measure the total variance of minibatch gradients: the mean squared distance to the full one.

    Parameters
    ----------
    gradients : torch.Tensor
        Shape (points, dimensions): the gradient of each point, as from `example_gradients`.
    batch_sizes : sequence of int
        For each of these, as many minibatches are drawn as ``draws`` says.
    draws, replacement, generator
        As in `minibatch_gradients`.

    Returns
    -------
    torch.Tensor
        Shape (batch sizes,).
    """
    full = gradients.mean(dim=0)
    noise = [
        minibatch_gradients(gradients, size, draws, replacement, generator) - full
        for size in batch_sizes
    ]
    return torch.stack([part.square().sum(dim=1).mean() for part in noise])
