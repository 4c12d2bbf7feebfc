"""Backpropagation through many networks at once, written out.

PyTorch finds the same gradients by itself. Written out, no large tensor is copied from one order of
dimensions to another, so that most of the time goes into the matrix products.
"""

import torch
from torch.nn import functional as F

relu_backward = torch.ops.aten.threshold_backward.grad_input


class Losses(torch.autograd.Function):
    """The loss of each of many networks on the same points, as one node of the graph.

    See `descent.models.losses_many`. The inputs have the shape (points, in) here.
    """

    @staticmethod
    def forward(ctx, inputs, targets, *params):
        """Return the losses, shape (runs,)."""
        *hidden, scores = activations(params, inputs)
        log_probabilities = log_softmax(scores)
        ctx.save_for_backward(inputs, targets, log_probabilities, *hidden, *params)
        return mean_losses(log_probabilities, targets)

    @staticmethod
    def backward(ctx, slopes):
        """Return the gradient of each parameter, for the slopes of the losses, shape (runs,)."""
        inputs, targets, log_probabilities, *saved = ctx.saved_tensors
        layers = (len(saved) + 1) // 3
        hidden, params = saved[: layers - 1], saved[layers - 1 :]
        if torch.is_grad_enabled() or ctx.needs_input_grad[0]:
            return _by_autograd(inputs, targets, params, slopes)
        # With respect to the scores: the probabilities, less one for the right class.
        slope = log_probabilities.exp()
        right = _at(targets, slope)
        slope.scatter_add_(-1, right, slope.new_tensor(-1.0).expand_as(right))
        slope *= slopes[:, None, None] / len(inputs)
        gradients = []
        for entering, weight in zip(reversed(hidden), reversed(params[0::2]), strict=False):
            gradients = [entering.mT @ slope, slope.sum(dim=1, keepdim=True), *gradients]
            after = torch.empty_like(entering)
            slope = relu_backward(slope @ weight.mT, entering, 0, grad_input=after)
        first = inputs.T @ wide(slope)
        first = first.view(len(first), len(slope), -1).transpose(0, 1)
        return None, None, first, slope.sum(dim=1, keepdim=True), *gradients


def activations(params, inputs):
    """Return what each hidden layer passes on, and the scores of the classes, layer by layer.

    Parameters
    ----------
    params : sequence of torch.Tensor
        Weights (runs, in, out) and biases (runs, 1, out), layer by layer.
    inputs : torch.Tensor
        Shape (points, in).

    Returns
    -------
    list of torch.Tensor
        Shapes (runs, points, out).
    """
    (weight, bias), *others = zip(params[0::2], params[1::2], strict=True)
    first = torch.addmm(wide(bias), inputs, wide(weight))  # all runs in one product: much faster
    outputs = [first.view(len(inputs), len(weight), -1).transpose(0, 1)]
    for weight, bias in others:
        # In place only where no graph is built: PyTorch's own backward pass needs what was there.
        outputs[-1] = F.relu(outputs[-1], inplace=not torch.is_grad_enabled())
        outputs.append(torch.baddbmm(bias, outputs[-1], weight))
    return outputs


def wide(matrices):
    """Lay matrices, of shape (runs, rows, columns), side by side: (rows, runs * columns).

    No number is copied where they lie so in memory already, as those of `stack_models` and of
    `descend` do.
    """
    return matrices.transpose(0, 1).flatten(1)


def log_softmax(scores):
    """Return the log-probabilities of the classes, for scores of shape (runs, points, classes).

    In memory the points of a class lie next to each other: along a last dimension of few classes,
    PyTorch takes many times as long.
    """
    return F.log_softmax(scores.mT, dim=-2).mT


def mean_losses(log_probabilities, targets):
    """Return minus the mean log-probability of the right classes, shape (runs,)."""
    return -log_probabilities.gather(-1, _at(targets, log_probabilities)).mean(dim=(1, 2))


def _at(targets, log_probabilities):
    """Return the place of the right class of each run and point, shape (runs, points, 1)."""
    return targets.expand(len(log_probabilities), -1)[..., None]


def _by_autograd(inputs, targets, params, slopes):
    """Return what `Losses.backward` does, and the gradient of the inputs, as PyTorch finds them.

    This way derivatives can be taken of them in turn.
    """
    again = torch.is_grad_enabled()
    with torch.enable_grad():
        scores = activations(params, inputs)[-1]
        losses = mean_losses(log_softmax(scores), targets)
        sources = [source for source in (inputs, *params) if source.requires_grad]
        found = iter(torch.autograd.grad(losses, sources, slopes, create_graph=again))
    to_inputs, *to_params = [
        next(found) if source.requires_grad else None for source in (inputs, *params)
    ]
    return to_inputs, None, *to_params
