"""Planes through the parameters of a network, and changes of these that leave what it computes.

A network is a list of weights (in, out) and biases (1, out), layer by layer, as from
`descent.models.stack_models`, with or without a leading dimension of runs.
"""

import torch
from torch.nn import functional as F

POINTS_AT_ONCE = 64  # as many networks as keep their activations within the processor's cache


def permute_hidden(params, orders):
    """Renumber the hidden units of a network, which leaves what it computes as it was.

    Parameters
    ----------
    params : list of torch.Tensor
        The network.
    orders : sequence of torch.Tensor
        For each hidden layer the old numbers of its units in their new order, as from
        ``torch.randperm``.

    Returns
    -------
    list of torch.Tensor
        A copy.

    Raises
    ------
    ValueError
        If there is not one order for each hidden layer, or an order does not hold each unit once.
    """
    changed = _copy_with_one_for_each_hidden_layer(params, orders, "order")
    for layer, order in enumerate(orders):
        order = torch.as_tensor(order)
        width = params[2 * layer].shape[-1]
        if sorted(order.tolist()) != list(range(width)):
            raise ValueError(
                f"the order of hidden layer {layer} must hold each number from 0 to {width - 1} "
                f"once: use torch.randperm({width})"
            )
        weight, bias, outgoing = range(2 * layer, 2 * layer + 3)
        changed[weight] = changed[weight][..., order]
        changed[bias] = changed[bias][..., order]
        changed[outgoing] = changed[outgoing][..., order, :]
    return changed


def rescale_hidden(params, factors):
    """Scale what enters a hidden layer up and what leaves it down: the function stays the same.

    ReLU commutes with positive factors: relu(c x) = c relu(x).

    Parameters
    ----------
    params : list of torch.Tensor
        The network.
    factors : sequence of float or torch.Tensor
        For each hidden layer a positive number, or one for each of its units.

    Returns
    -------
    list of torch.Tensor
        A copy.

    Raises
    ------
    ValueError
        If there is not one entry for each hidden layer, or a factor is not positive.
    """
    changed = _copy_with_one_for_each_hidden_layer(params, factors, "factor")
    for layer, factor in enumerate(factors):
        factor = torch.as_tensor(factor).to(params[0])
        if not (factor > 0).all():
            raise ValueError(f"the factors of hidden layer {layer} must be positive, not {factor}")
        changed[2 * layer] *= factor
        changed[2 * layer + 1] *= factor
        changed[2 * layer + 2] /= factor.reshape(-1, 1)
    return changed


def _copy_with_one_for_each_hidden_layer(params, settings, what):
    hidden = len(params) // 2 - 1
    if len(settings) != hidden:
        raise ValueError(
            f"a network with {hidden} hidden layers needs a list of {hidden} {what}s, "
            f"but got {len(settings)}"
        )
    return [param.detach().clone() for param in params]


def filter_normalized(directions, params):
    """Scale directions so that each unit's incoming weights move by a multiple of their own length.

    Biases do not move.

    Parameters
    ----------
    directions : list of torch.Tensor
        Shape (count, ...) each, as from `random_directions`. Their lengths do not matter.
    params : list of torch.Tensor
        The network, without a dimension of runs.

    Returns
    -------
    list of torch.Tensor
        Of the shapes of ``directions``. For each unit, the column of a direction is as long as the
        column of the weights.

    References
    ----------
    Li et al. (2018), Visualizing the loss landscape of neural nets, section 4.
    """
    scaled = [torch.zeros_like(direction) for direction in directions]
    for index in range(0, len(params), 2):
        direction, weight = directions[index], params[index].detach()
        lengths = direction.norm(dim=-2, keepdim=True).clamp(min=torch.finfo(weight.dtype).tiny)
        scaled[index] = direction / lengths * weight.norm(dim=-2, keepdim=True)
    return scaled


def plane_through(first, second, third):
    """Return the plane through three networks, with perpendicular axes of one scale.

    Parameters
    ----------
    first, second, third : list of torch.Tensor
        Three networks of one shape. The first is the origin of the plane.

    Returns
    -------
    directions : list of torch.Tensor
        Shape (2, ...) each: the axes. The first leads from the first network to the second; the
        other is perpendicular to it and as long.
    positions : torch.Tensor
        Where the three networks lie, shape (3, 2).

    Raises
    ------
    ValueError
        If the three lie on one line.
    """
    flat = torch.stack([_flatten(network) for network in (first, second, third)]).double()
    u, towards_third = flat[1] - flat[0], flat[2] - flat[0]
    length = u.norm()
    along = (towards_third @ u) / length**2
    across = towards_third - along * u
    if not across.norm() > 1e-6 * torch.maximum(length, towards_third.norm()):
        raise ValueError("the three networks lie on one line: choose three that do not")
    v = across / across.norm() * length
    corners = [(0, 0), (1, 0), (along.item(), (across.norm() / length).item())]
    parts = torch.stack([u, v]).to(first[0]).split([param.numel() for param in first], dim=1)
    directions = [part.reshape(2, *param.shape) for part, param in zip(parts, first, strict=True)]
    return directions, flat.new_tensor(corners)


def _flatten(params):
    return torch.cat([param.detach().flatten() for param in params])


def plane_losses(origin, directions, inputs, targets):
    """Return the loss on a plane as a function of many of its points at once, to draw or descend.

    One direction gives a line instead, and more than two a larger space.

    Parameters
    ----------
    origin : list of torch.Tensor
        The network at the point (0, 0).
    directions : list of torch.Tensor
        Shape (2, ...) each: the place (a, b) is the network origin + a * first + b * second.
    inputs : torch.Tensor
        Shape (points, ...).
    targets : torch.Tensor
        The right classes, shape (points,).

    Returns
    -------
    callable
        Takes places (a, b) of shape (..., 2), returns losses of shape (...), with the type and
        device of the places. What it computes in between has the precision of the network.
    """
    basis = [
        torch.cat([param.detach()[None], pair])
        for param, pair in zip(origin, directions, strict=True)
    ]
    # The first layer is linear in its parameters, so the inputs pass it three times in all, and
    # not once for every point.
    entering = inputs.reshape(len(inputs), -1) @ basis[0] + basis[1]

    def at(mix, part):
        return torch.tensordot(mix, part, dims=1)

    def some_losses(mix):
        activations = at(mix, entering)
        for weight, bias in zip(basis[2::2], basis[3::2], strict=True):
            activations = torch.baddbmm(at(mix, bias), activations.relu(), at(mix, weight))
        scores, labels = activations.transpose(1, 2), targets.expand(len(mix), -1)
        return F.cross_entropy(scores, labels, reduction="none").mean(dim=1)

    def losses(places):
        mix = F.pad(places.to(entering).reshape(-1, places.shape[-1]), (1, 0), value=1.0)
        found = torch.cat([some_losses(part) for part in mix.split(POINTS_AT_ONCE)])
        return found.reshape(places.shape[:-1]).to(places)

    return losses
