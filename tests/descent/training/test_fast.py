"""A fast epoch on a CPU; `tests/descent/test_gpu.py` has the tests of one that is replayed."""

import pytest
import torch

from descent.models import MLP, loss_fn
from descent.training import fast_epoch, fit, train_epoch


@pytest.mark.parametrize("batch_size", [8, 50, 64])
def test_it_is_an_epoch_like_any_other(batch_size):
    tables = []
    for epoch in (train_epoch, fast_epoch):
        torch.manual_seed(0)
        data = torch.randn(50, 8), torch.randint(3, (50,))
        model = MLP(in_dim=8, out_dim=3, hidden_dims=[6])
        optimizer = torch.optim.Adam(model.parameters(), 0.01)
        options = {"train_epoch": epoch, "progress": False}
        tables.append(fit(model, optimizer, data, data, 3, batch_size, **options).table())
    assert tables[0].equals(tables[1])


def test_it_puts_the_model_into_training_mode_and_leaves_the_last_gradients():
    data = torch.randn(20, 8), torch.randint(3, (20,))
    model = MLP(in_dim=8, out_dim=3).eval()
    fast_epoch(model, torch.optim.SGD(model.parameters(), 0.0), *data, 20)
    assert model.training
    left = [param.grad.clone() for param in model.parameters()]
    model.zero_grad()
    loss_fn(model(data[0]), data[1]).backward()
    for one, param in zip(left, model.parameters(), strict=True):
        torch.testing.assert_close(one, param.grad)
