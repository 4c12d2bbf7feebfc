"""What is left of gradients that have ended, in a training that goes on."""

import pytest
import torch

from descent.models import MLP
from descent.training import fit, train_epoch
from descent.training.tiny import MEANS, SMALLEST, drop_tiny_means

OPTIMIZERS = {
    "Adam": lambda params: torch.optim.Adam(params, 0.01),
    "fused Adam": lambda params: torch.optim.Adam(params, 0.01, fused=True),
    "AdamW": lambda params: torch.optim.AdamW(params, 0.01, weight_decay=0.1),
    "SGD with momentum": lambda params: torch.optim.SGD(params, 0.01, momentum=0.9),
}


def tiny(optimizer):
    """Count the numbers that are not zero, but too small for single precision's full digits."""
    means = [state[name] for state in optimizer.state.values() for name in MEANS if name in state]
    assert len(means) == 4
    return sum(((mean != 0) & (mean.abs() < SMALLEST)).sum().item() for mean in means)


def trained(new_optimizer, go_on):
    """Train a network, of which half the hidden units die after the first epoch."""
    torch.manual_seed(0)
    data = torch.randn(64, 8), torch.randint(3, (64,))
    model = MLP(in_dim=8, out_dim=3, hidden_dims=[6])
    optimizer = new_optimizer(model.parameters())
    train_epoch(model, optimizer, *data, 16)
    with torch.no_grad():
        model.main[0].bias[:3] = -1000
    go_on(model, optimizer, data)
    return model, optimizer


def with_fit(model, optimizer, data):
    fit(model, optimizer, data, data, 275, 16, progress=False)


def with_epochs(model, optimizer, data):
    for _ in range(275):
        train_epoch(model, optimizer, *data, 16)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fit_drops_them_and_trains_to_the_same_digit(name):
    model, optimizer = trained(OPTIMIZERS[name], with_fit)
    other, slow = trained(OPTIMIZERS[name], with_epochs)
    assert tiny(slow) > 20
    assert tiny(optimizer) == 0
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)


def test_means_in_double_precision_are_left_alone():
    param = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
    optimizer = torch.optim.SGD([param], 0.01, momentum=0.9)
    param.grad = torch.full_like(param, 1e-35)
    optimizer.step()
    drop_tiny_means(optimizer)
    assert optimizer.state[param]["momentum_buffer"].item() == 1e-35
