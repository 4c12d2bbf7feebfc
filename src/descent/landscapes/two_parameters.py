"""A real loss with all but two parameters frozen, so that all of it can be drawn."""

import torch
from torch import nn


def loss_2d(model, u, v, mask_idx=(0, 378), bias_id=7, *, inputs, targets):
    """Return the loss of a linear model when one weight is u, one bias is v, and the rest stays.

    Parameters
    ----------
    model : MLP
        Without a hidden layer, and with biases. It is left as it was.
    u, v : float or torch.Tensor
        Values of the weight and of the bias. Tensors of one shape give a loss for each pair.
    mask_idx : (int, int)
        Class and pixel of the weight.
    bias_id : int
        Class of the bias.
    inputs : torch.Tensor
        Shape (points, ...).
    targets : torch.Tensor
        The right classes, shape (points,).

    Returns
    -------
    torch.Tensor
        Double precision, of the shape of ``u`` and ``v``.

    Raises
    ------
    ValueError
        If the model has a hidden layer or no bias, a class or pixel is not there, or there is not
        one target for each point.
    """
    u, v = (torch.as_tensor(value, dtype=torch.float64) for value in (u, v))
    return two_parameter_losses(model, inputs, targets, mask_idx, bias_id)(torch.stack([u, v], -1))


def two_parameter_losses(model, inputs, targets, mask_idx=(0, 378), bias_id=7, weights=None):
    """Return `loss_2d` as a function of many points at once, to draw or to descend.

    Only the scores of two classes move, so what the other classes contribute is computed once.

    Parameters
    ----------
    model, inputs, targets, mask_idx, bias_id
        As for `loss_2d`.
    weights : torch.Tensor, optional
        How much each point counts, shape (points,). By default all count the same, 1 / points.

    Returns
    -------
    callable
        Takes points (u, v) of shape (..., 2), returns double-precision losses of shape (...), on
        the device of the points.

    Raises
    ------
    ValueError
        As `loss_2d`.
    """
    linear = _only_layer(model)
    points = inputs.reshape(len(inputs), -1).double()
    label, pixel = mask_idx
    _check_place("mask_idx", mask_idx, linear.weight.shape)
    _check_place("bias_id", (bias_id,), linear.bias.shape)
    if targets.shape != inputs.shape[:1]:
        raise ValueError(
            f"{len(inputs)} points need {len(inputs)} targets, "
            f"not a shape of {tuple(targets.shape)}"
        )
    if weights is not None and weights.shape != targets.shape:
        raise ValueError(
            f"{len(targets)} points need {len(targets)} weights, "
            f"not a shape of {tuple(weights.shape)}"
        )
    weight, bias = linear.weight.detach().double().clone(), linear.bias.detach().double().clone()
    weight[label, pixel] = 0
    bias[bias_id] = 0
    scores = points @ weight.T + bias
    moving = sorted({label, bias_id})
    resting = [other for other in range(len(bias)) if other not in moving]
    rest = scores[:, resting].logsumexp(dim=1)
    lift = torch.stack([points[:, pixel], torch.ones_like(rest)])
    lifts = {k: lift * torch.tensor([[k == label], [k == bias_id]]).to(lift) for k in moving}
    if weights is None:
        weights = torch.full_like(rest, 1 / len(rest))
    weights = weights.to(rest)
    mean_score = weights @ scores.gather(1, targets[:, None])[:, 0]
    mean_lift = sum(lifts[k] @ (weights * (targets == k)) for k in moving)

    def losses(places):
        moved = places.to(rest)
        total = rest
        for k in moving:
            total = torch.logaddexp(total, scores[:, k] + moved @ lifts[k])
        return (total @ weights - mean_score - moved @ mean_lift).to(places.device)

    return losses


def _only_layer(model):
    layers = [part for part in model.main if isinstance(part, nn.Linear)]
    if len(layers) != 1 or layers[0].bias is None:
        raise ValueError(
            "two parameters are freed in a model without hidden layers and with biases: "
            "build it with MLP(hidden_dims=[])"
        )
    return layers[0]


def _check_place(name, place, shape):
    """Raise an error if a place is not in a tensor; negative ones would count from the end."""
    if not all(0 <= index < size for index, size in zip(place, shape, strict=True)):
        limits = " and ".join(f"0 to {size - 1}" for size in shape)
        raise ValueError(f"{name} must lie in {limits}, but it is {place}")
