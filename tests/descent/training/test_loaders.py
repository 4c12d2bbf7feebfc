"""The way by a DataLoader, against the fast one."""

import copy

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from descent.data import load_mnist_data
from descent.models import MLP
from descent.training import fit, train_epoch, train_epoch_from


class Orders:
    """A sampler that draws a new order for each epoch, as `train_epoch` does."""

    def __init__(self, points):
        self.points = points

    def __iter__(self):
        return iter(torch.randperm(self.points).tolist())

    def __len__(self):
        return self.points


def pair(in_dim=784):
    torch.manual_seed(0)
    model = MLP(in_dim, hidden_dims=[12])
    return model, torch.optim.Adam(model.parameters(), 1e-3)


@pytest.mark.parametrize("workers", [0, 2])
def test_images_one_by_one_and_tensors_in_memory_give_the_same_loss_curve(workers, digits):
    images, tensors = digits
    model, optimizer = pair()
    torch.manual_seed(1)
    fast = [train_epoch(model, optimizer, tensors.data, tensors.targets, 64) for _ in range(2)]
    other, other_optimizer = pair()
    torch.manual_seed(1)
    slow = []
    for _ in range(2):
        loader = DataLoader(
            images,
            64,
            sampler=Orders(len(images)),
            num_workers=workers,
            generator=torch.Generator(),
        )
        slow.append(train_epoch_from(loader, other, other_optimizer))
    assert slow == pytest.approx(fast, rel=1e-5)
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-3, atol=1e-5)


def test_fit_with_a_compiled_model_gives_the_same_curve():
    inputs, targets = torch.randn(40, 8), torch.randint(10, (40,))
    curves = []
    for wrap in (lambda model: model, lambda model: torch.compile(model, backend="aot_eager")):
        model, optimizer = pair(8)
        torch.manual_seed(2)
        data = inputs, targets
        history = fit(wrap(model), optimizer, data, data, 2, 7, progress=False)
        curves.append([row["running_loss"] for row in history.rows])
    assert curves[0] == pytest.approx(curves[1], rel=1e-5)


def test_the_mean_weighs_a_smaller_last_minibatch_by_its_points():
    torch.manual_seed(3)
    data = TensorDataset(torch.randn(7, 8), torch.randint(10, (7,)))
    model, _ = pair(8)
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    whole = train_epoch_from(DataLoader(data, 7), copy.deepcopy(model), still)
    assert train_epoch_from(DataLoader(data, 4), model, still) == pytest.approx(whole, rel=1e-6)


def test_an_empty_loader_is_an_error():
    model, optimizer = pair(8)
    with pytest.raises(ValueError, match="holds no point"):
        train_epoch_from([], model, optimizer)


@pytest.fixture(scope="module")
def digits():
    return load_mnist_data()[0], load_mnist_data(change_tensors=True)[0]
