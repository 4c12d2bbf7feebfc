"""The networks of the course: one at a time, or many at once."""

import itertools
from numbers import Integral

import torch
from torch import nn
from torch.nn import functional as F

loss_fn = F.nll_loss
"""Negative log-likelihood of the right class, averaged over the points: the surrogate loss."""


class MLP(nn.Module):
    """A multilayer perceptron: linear layers with ReLU between them, and a log-softmax at the end.

    Without hidden layers it is logistic regression: f(x) = softmax(W x + b).

    Parameters
    ----------
    in_dim : int
        Number of inputs. A digit has 28 x 28 = 784 pixels.
    out_dim : int
        Number of classes.
    hidden_dims : sequence of int
        Width of each hidden layer, first to last.
    use_bias : bool
        Whether the layers have biases.

    Raises
    ------
    ValueError
        If a width is not a positive whole number.
    """

    def __init__(self, in_dim=784, out_dim=10, hidden_dims=(), use_bias=True):
        super().__init__()
        widths = [in_dim, *hidden_dims, out_dim]
        for width in widths:
            if not isinstance(width, Integral) or width < 1:
                raise ValueError(f"every width must be a positive whole number, but got {widths}")
        self.in_dim = in_dim
        self.out_dim = out_dim
        layers = []
        for width_in, width_out in itertools.pairwise(widths):
            layers += [nn.Linear(width_in, width_out, bias=use_bias), nn.ReLU()]
        self.main = nn.Sequential(*layers[:-1])

    def forward(self, x):
        """Return the log-probability of each class.

        Parameters
        ----------
        x : torch.Tensor
            Images or vectors, shape (points, ...), with ``in_dim`` numbers for each point.

        Returns
        -------
        torch.Tensor
            Shape (points, out_dim). The exponentials of a row sum to one.
        """
        return F.log_softmax(self.main(x.reshape(-1, self.in_dim)), dim=1)


def print_params(model):
    """Print the name and the values of every trainable parameter of a model."""
    for name, param in model.named_parameters():
        if param.requires_grad:
            print(name, param.data)


def stack_models(models):
    """Gather models of one shape into parameters with a leading dimension of runs.

    Parameters
    ----------
    models : sequence of MLP
        At least one, all with the same layers and with biases.

    Returns
    -------
    list of torch.Tensor
        For each layer its weights, shape (runs, in, out), and its biases, shape (runs, 1, out).
        They are copies, and leaves of the graph.

    Raises
    ------
    ValueError
        If there is no model, a layer has no bias, or the shapes differ.
    """
    layers = [[part for part in model.main if isinstance(part, nn.Linear)] for model in models]
    if not layers:
        raise ValueError("stack_models needs at least one model")
    if any(layer.bias is None for model_layers in layers for layer in model_layers):
        raise ValueError("stack_models needs models with biases: build them with use_bias=True")
    if len({tuple(layer.weight.shape for layer in model_layers) for model_layers in layers}) > 1:
        raise ValueError("stack_models needs models of one shape, but their layers differ")
    params = []
    for same_layer in zip(*layers, strict=True):
        params.append(torch.stack([layer.weight.detach().T for layer in same_layer]))
        params.append(torch.stack([layer.bias.detach()[None] for layer in same_layer]))
    return [param.contiguous().requires_grad_() for param in params]


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
    weights, biases = params[0::2], params[1::2]
    activations = _shared_inputs(inputs.reshape(len(inputs), -1), weights[0]) + biases[0]
    for weight, bias in zip(weights[1:], biases[1:], strict=True):
        activations = torch.baddbmm(bias, activations.relu(), weight)
    return F.log_softmax(activations, dim=-1)


def _shared_inputs(inputs, weight):
    """Return ``inputs @ weight`` for each run, as one wide product, which is much faster."""
    runs, width_in, width_out = weight.shape
    wide = weight.transpose(0, 1).reshape(width_in, runs * width_out)
    return (inputs @ wide).reshape(-1, runs, width_out).transpose(0, 1)


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
    log_probabilities = predict_many(params, inputs)
    chosen = targets.expand(len(log_probabilities), -1)[..., None]
    return -log_probabilities.gather(-1, chosen).mean(dim=(1, 2))


def accuracy(model, inputs, targets):
    """Return the share of points, from 0 to 1, whose most probable class is the right one.

    Parameters
    ----------
    model : MLP
        The network, in whatever mode it is.
    inputs : torch.Tensor
        Shape (points, ...).
    targets : torch.Tensor
        The right classes, shape (points,).
    """
    with torch.no_grad():
        return (model(inputs).argmax(dim=1) == targets).float().mean().item()
