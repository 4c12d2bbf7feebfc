"""Without a GPU, an epoch is not replayed; `tests/descent/test_gpu.py` has the tests with one."""

import pytest
import torch

from descent.models import MLP
from descent.training import fit, graphed_epoch, train_epoch


@pytest.mark.parametrize("batch_size", [8, 50, 64])
def test_on_the_cpu_it_is_an_epoch_like_any_other(batch_size):
    tables = []
    for epoch in (train_epoch, graphed_epoch):
        torch.manual_seed(0)
        data = torch.randn(50, 8), torch.randint(3, (50,))
        model = MLP(in_dim=8, out_dim=3, hidden_dims=[6])
        optimizer = torch.optim.Adam(model.parameters(), 0.01)
        options = {"train_epoch": epoch, "progress": False}
        tables.append(fit(model, optimizer, data, data, 3, batch_size, **options).table())
    assert tables[0].equals(tables[1])
