"""Many networks at once: parameters with a leading dimension of runs."""

import torch
from torch import nn
from torch.nn import functional as F

from descent.models.backpropagation import Losses, activations, log_softmax


def stack_models(models):
    """Gather models into parameters with a leading dimension of runs.

    Hidden layers may differ in width. Each is filled up to the widest with units whose weights and
    biases are zero. Such a unit is silent, and no gradient reaches it, so every update rule leaves
    it at zero: the network computes and learns what it does alone.

    Parameters
    ----------
    models : sequence of MLP
        At least one, all with the same numbers of inputs, classes and layers, and with biases.

    Returns
    -------
    list of torch.Tensor
        For each layer its weights, shape (runs, in, out), and its biases, shape (runs, 1, out).
        They are copies, and leaves of the graph. In memory the matrices lie side by side, which
        makes the products of the first layer one.

    Raises
    ------
    ValueError
        If there is no model, a layer has no bias, or the models do not fit together.
    """
    linear = [[part for part in model.main if isinstance(part, nn.Linear)] for model in models]
    if not linear:
        raise ValueError("stack_models needs at least one model")
    if any(layer.bias is None for model_layers in linear for layer in model_layers):
        raise ValueError("stack_models needs models with biases: build them with use_bias=True")
    if len({(model.in_dim, model.out_dim, len(model.main)) for model in models}) > 1:
        raise ValueError(
            "stack_models needs models with the same numbers of inputs, classes and layers; "
            "only the widths of hidden layers may differ"
        )
    params = []
    for same_layer in zip(*linear, strict=True):
        params.append(_stacked([layer.weight.detach().T for layer in same_layer]))
        params.append(_stacked([layer.bias.detach()[None] for layer in same_layer]))
    return [param.requires_grad_() for param in params]


def _stacked(matrices):
    """Stack matrices, each filled up with zeros below and to the right; lay them side by side."""
    rows, columns = (max(sizes) for sizes in zip(*(part.shape for part in matrices), strict=True))
    filled = [
        F.pad(part, (0, columns - part.shape[1], 0, rows - part.shape[0])) for part in matrices
    ]
    return torch.stack(filled, dim=1).transpose(0, 1)


def predict_many(params, inputs):
    """Return the log-probabilities that many networks give to the same points, all at once.

    Parameters
    ----------
    params : list of torch.Tensor
        As from `stack_models`: weights (runs, in, out) and biases (runs, 1, out), layer by layer.
    inputs : torch.Tensor
        Shape (points, ...): the same points for every network.

    Returns
    -------
    torch.Tensor
        Shape (runs, points, classes).
    """
    return log_softmax(activations(params, inputs.reshape(len(inputs), -1))[-1])


def losses_many(params, inputs, targets):
    """Return the loss of each of many networks on the same points.

    Parameters
    ----------
    params : list of torch.Tensor
        As from `stack_models`.
    inputs : torch.Tensor
        Shape (points, ...).
    targets : torch.Tensor
        The right classes, whole numbers of shape (points,).

    Returns
    -------
    torch.Tensor
        Shape (runs,): what `loss_fn` gives for each network by itself.

    Raises
    ------
    ValueError
        If there is not one target for each point.
    """
    if targets.shape != inputs.shape[:1]:
        shape = tuple(targets.shape)
        raise ValueError(f"{len(inputs)} points need {len(inputs)} targets, not a shape of {shape}")
    return Losses.apply(inputs.reshape(len(inputs), -1), targets, *params)
