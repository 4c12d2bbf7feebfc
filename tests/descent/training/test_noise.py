"""The noise of minibatch gradients, against autograd, exhaustive means and closed forms."""

import itertools

import pytest
import torch

from descent.models import MLP, loss_fn
from descent.training import example_gradients, gradient_noise, minibatch_gradients
from descent.training.noise import gradient_products


@pytest.fixture(params=[((), True), ((6,), True), ((5, 4), False)], ids=str)
def case(request):
    torch.manual_seed(1)
    hidden_dims, use_bias = request.param
    model = MLP(8, 3, hidden_dims, use_bias)
    return model, torch.randn(12, 2, 4), torch.randint(3, (12,))


def by_autograd(model, inputs, targets):
    """Every point's gradient with respect to all parameters, one row each."""
    rows = []
    for x, target in zip(inputs, targets, strict=True):
        loss = loss_fn(model(x[None]), target[None])
        parts = torch.autograd.grad(loss, list(model.parameters()))
        rows.append(torch.cat([part.flatten() for part in parts]))
    return torch.stack(rows).double()


def test_products_are_those_of_the_gradients(case):
    rows = by_autograd(*case)
    torch.testing.assert_close(gradient_products(*case), rows @ rows.T, rtol=1e-4, atol=1e-6)


def test_coordinates_keep_lengths_angles_and_the_mean(case):
    rows, turned = by_autograd(*case), example_gradients(*case)
    assert turned.shape == (12, 12)
    torch.testing.assert_close(turned @ turned.T, rows @ rows.T, rtol=1e-4, atol=1e-6)
    mean = turned.mean(dim=0)
    assert mean[0].item() == pytest.approx(rows.mean(dim=0).norm().item(), rel=1e-4)
    assert mean[1:].abs().max() < 1e-5 * turned.abs().max()
    spreads = (turned - mean).square().sum(dim=0)[1:]
    assert (spreads.diff() <= 1e-6 * spreads.max()).all()


def test_the_model_keeps_no_gradient(case):
    gradient_products(*case)
    assert all(param.grad is None for param in case[0].parameters())


@pytest.mark.parametrize("replacement", [False, True])
def test_a_minibatch_gradient_is_the_mean_of_some_rows(replacement):
    rows = torch.tensor([[1.0, 0], [0, 1], [5, 5]], dtype=torch.float64)
    torch.manual_seed(0)
    drawn = minibatch_gradients(rows, 2, 300, replacement)
    choose = itertools.combinations_with_replacement if replacement else itertools.combinations
    possible = {tuple(((one + other) / 2).tolist()) for one, other in choose(rows, 2)}
    assert {tuple(row) for row in drawn.tolist()} == possible


@pytest.mark.parametrize("replacement", [False, True])
def test_the_mean_over_all_minibatches_is_the_full_gradient(replacement):
    torch.manual_seed(2)
    rows = torch.randn(20, 5, dtype=torch.float64) * torch.tensor([1.0, 2, 3, 4, 5])
    draws = 40_000
    mean = minibatch_gradients(rows, 4, draws, replacement).mean(dim=0)
    spread = rows.std(dim=0) / (4 * draws) ** 0.5
    assert ((mean - rows.mean(dim=0)).abs() < 5 * spread).all()


def closed_form(rows, size, replacement):
    centred = rows - rows.mean(dim=0)
    variance = centred.square().sum(dim=1).mean() / size
    return variance if replacement else variance * (len(rows) - size) / (len(rows) - 1)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_closed_form_is_the_mean_over_every_possible_minibatch(size):
    rows = torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    full = rows.mean(dim=0)
    for replacement, choices in (
        (False, itertools.combinations(range(6), size)),
        (True, itertools.product(range(6), repeat=size)),
    ):
        means = torch.stack([rows[list(choice)].mean(dim=0) for choice in choices])
        torch.testing.assert_close(means.mean(dim=0), full)
        torch.testing.assert_close(
            (means - full).square().sum(dim=1).mean(), closed_form(rows, size, replacement)
        )


@pytest.mark.parametrize("replacement", [False, True])
def test_the_variance_falls_as_one_over_the_batch_size(replacement):
    torch.manual_seed(3)
    rows = torch.randn(300, 40, dtype=torch.float64)
    sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    noise = gradient_noise(rows, sizes, 2000, replacement)
    expected = torch.stack([closed_form(rows, size, replacement) for size in sizes])
    torch.testing.assert_close(noise / expected, torch.ones(9).double(), rtol=0, atol=0.04)


def test_all_points_together_have_no_noise():
    rows = torch.randn(30, 4, dtype=torch.float64)
    assert gradient_noise(rows, [30]).item() < 1e-25


def test_draws_follow_the_generator():
    rows = torch.eye(9, dtype=torch.float64)
    for replacement in (False, True):
        one, same = (
            minibatch_gradients(rows, 3, 5, replacement, torch.Generator().manual_seed(4))
            for _ in range(2)
        )
        assert torch.equal(one, same)


@pytest.mark.parametrize(("size", "replacement"), [(0, False), (0, True), (10, False)])
def test_batch_sizes_that_cannot_be_are_refused(size, replacement):
    with pytest.raises(ValueError, match=f"cannot draw {size} different points from 9|at least 1"):
        minibatch_gradients(torch.eye(9), size, 5, replacement)
