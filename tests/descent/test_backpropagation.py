"""The gradients of many networks against finite differences and against PyTorch's own."""

import pytest
import torch
from torch.nn import functional as F

from descent.models import MLP, losses_many, predict_many, stack_models


def problem(hidden_dims, runs=3, points=4):
    torch.manual_seed(len(hidden_dims))
    params = stack_models([MLP(5, 3, hidden_dims).double() for _ in range(runs)])
    return params, torch.randn(points, 5, dtype=torch.float64), torch.randint(3, (points,))


def by_autograd(params, inputs, targets):
    """The same losses, every operation a node of PyTorch's graph."""
    chosen = targets.expand(len(params[0]), -1)[..., None]
    return -predict_many(params, inputs).gather(-1, chosen).mean(dim=(1, 2))


layers = pytest.mark.parametrize("hidden_dims", [[], [4], [4, 2], [3, 4, 2]])


@layers
def test_gradients_agree_with_finite_differences(hidden_dims):
    params, inputs, targets = problem(hidden_dims)
    assert torch.autograd.gradcheck(lambda *p: losses_many(p, inputs, targets), params)


@layers
def test_second_derivatives_agree_with_finite_differences(hidden_dims):
    params, inputs, targets = problem(hidden_dims, runs=2, points=2)
    assert torch.autograd.gradgradcheck(lambda *p: losses_many(p, inputs, targets), params)


@layers
def test_the_slope_of_each_loss_counts(hidden_dims):
    params, inputs, targets = problem(hidden_dims)
    slopes = torch.tensor([1.0, -2.0, 0.0], dtype=torch.float64)
    ours = torch.autograd.grad(losses_many(params, inputs, targets), params, slopes)
    theirs = torch.autograd.grad(by_autograd(params, inputs, targets), params, slopes)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def test_the_inputs_have_a_gradient_too():
    params, inputs, targets = problem([4])
    inputs.requires_grad_()
    (ours,) = torch.autograd.grad(losses_many(params, inputs, targets).sum(), inputs)
    (theirs,) = torch.autograd.grad(by_autograd(params, inputs, targets).sum(), inputs)
    torch.testing.assert_close(ours, theirs)


def test_parameters_that_are_held_fixed_get_no_gradient():
    params, inputs, targets = problem([4])
    params[0].requires_grad_(False)
    losses_many(params, inputs, targets).sum().backward()
    assert params[0].grad is None
    assert all(param.grad.shape == param.shape for param in params[1:])


def test_a_graph_may_be_used_twice_if_it_is_kept():
    params, inputs, targets = problem([4])
    losses = losses_many(params, inputs, targets)
    first = torch.autograd.grad(losses.sum(), params, retain_graph=True)
    second = torch.autograd.grad(losses.sum(), params)
    assert all(torch.equal(*pair) for pair in zip(first, second, strict=True))


def test_a_unit_that_is_exactly_zero_passes_no_gradient_back():
    params, inputs, targets = problem([4])
    with torch.no_grad():
        params[0].zero_()
        params[1].zero_()
    losses_many(params, inputs, targets).sum().backward()
    assert not params[0].grad.any()  # as F.relu has it, whose slope at zero is zero
    assert F.relu(torch.zeros(1)).item() == 0


def test_no_graph_is_built_where_none_is_wanted():
    params, inputs, targets = problem([4])
    with torch.no_grad():
        assert not losses_many(params, inputs, targets).requires_grad
    detached = [param.detach() for param in params]
    assert not losses_many(detached, inputs, targets).requires_grad
