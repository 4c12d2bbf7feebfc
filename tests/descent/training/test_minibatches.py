"""Many networks on minibatches, against each network by itself and torch.optim."""

import pytest
import torch

from descent.models import MLP, stack_models
from descent.optimizers import momentum_update
from descent.runs import descend, grid
from descent.training import minibatch_losses, train_epoch


def points(n=30):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(n, 2, 4, generator=generator, dtype=torch.float64)
    return inputs, inputs.flatten(1)[:, :3].argmax(dim=1)


def test_a_grid_trains_each_network_as_the_single_path_does():
    inputs, targets = points()
    torch.manual_seed(1)
    models = [MLP(8, 3, [width]).double() for width in (4, 6)]
    settings = grid(start=[0, 1], lr=[0.05, 0.2], beta=0.9)
    torch.manual_seed(2)
    losses = minibatch_losses(inputs, targets, 7)
    runs = descend(losses, stack_models(models), momentum_update, settings, 3 * 5)
    for index, (start, lr, beta) in enumerate(settings.combinations()):
        model = MLP(8, 3, [(4, 6)[int(start)]]).double()
        model.load_state_dict(models[int(start)].state_dict())
        optimizer = torch.optim.SGD(model.parameters(), lr, momentum=beta)
        torch.manual_seed(2)
        for _ in range(3):
            train_epoch(model, optimizer, inputs, targets, 7)
        width = (4, 6)[int(start)]
        weight = model.main[0].weight.detach()
        torch.testing.assert_close(runs.params[0][index, :, :width], weight.T)


def test_each_epoch_holds_every_point_once():
    inputs = torch.arange(10.0)[:, None]
    met = []

    def noting(params):
        return losses(params)

    def sample(inputs, targets, batch_size):
        for part in torch.randperm(10).split(batch_size):
            met.append(part)
            yield inputs[part], targets[part]

    losses = minibatch_losses(inputs, torch.zeros(10, dtype=torch.int64), 4, sample)
    start = [param[0] for param in stack_models([MLP(1, 2)])]
    descend(noting, start, momentum_update, grid(lr=0.1, beta=0.5), 5)
    assert [len(part) for part in met] == [4, 4, 2] * 2
    assert torch.cat(met[:3]).sort().values.tolist() == list(range(10))


def test_minibatches_larger_than_the_data_are_an_error():
    with pytest.raises(ValueError, match="1 to 30"):
        minibatch_losses(*points(), 31)


def test_a_sampler_that_yields_nothing_is_an_error_and_no_endless_wait():
    losses = minibatch_losses(*points(), 5, lambda *data: [])
    with pytest.raises(ValueError, match="it yields none"):
        losses(stack_models([MLP(8, 3).double()]))
