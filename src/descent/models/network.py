"""One network of the course."""

import itertools
from numbers import Integral

import torch
from torch import nn
from torch.nn import functional as F


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
