"""What the demos of the chapter on non-convexity show."""

import numpy as np
import pytest
import torch
from tests.descent.demos.samples.nonconvexity import TINY, digits, overparameterization

from descent.demos.overparameterization import (
    STARTS,
    STEPS,
    count_parameters,
    overparameterization_data,
)
from descent.models import MLP
from descent.optimizers import gradient_update, momentum_update
from descent.reproducibility import SEED


def trained(hidden, lr):
    return overparameterization_data(*digits(), momentum_update, hidden, lr, TINY)


def test_the_parameters_that_are_told_are_those_of_the_network():
    model = MLP(196, 10, (20, 20))
    assert count_parameters(196, (20, 20)) == sum(p.numel() for p in model.parameters())
    assert trained([(3,)], [0.1])["message"]["text"].item().startswith("631 parameters.")


def test_the_message_says_where_the_starts_end():
    data = trained([(6, 6)], [0.1])
    ends = data["chosen"]["loss"].reshape(STARTS, -1)[:, -1]
    assert f"between {ends.min():.2g} and {ends.max():.2g}" in data["message"]["text"].item()
    assert data["message"]["good"].item() == (ends < 0.01).all()


def test_starts_that_do_not_learn_are_counted():
    data = trained([(3,)], [1e-6])
    assert data["message"]["text"].item().endswith("5 of them above 1.")
    assert not data["message"]["good"].item()


def test_the_chosen_curves_are_among_those_of_all_sizes():
    lrs = [0.05, 0.1]
    data = trained(list(TINY.values()), lrs)
    chosen, every = data["chosen"], data["every"]
    for size, name in enumerate(TINY):
        assert chosen["size"][size].item() == name
        same = every["size"][0, 0] == name
        np.testing.assert_array_equal(chosen["loss"][size], every["loss"][0][:, same])
    for column in ("start", "step"):
        assert every[column].shape[-1] == every["loss"].shape[-1]


def test_one_setting_gives_the_same_curves_as_all_together():
    together = trained(list(TINY.values()), [0.05, 0.5])["chosen"]["loss"]
    alone = trained([(6, 6)], [0.5])["chosen"]["loss"]
    np.testing.assert_allclose(alone[0, 0], together[1, 1], rtol=1e-6)


def test_the_curves_are_those_of_a_single_run():
    inputs, targets = digits()
    pooled = inputs.reshape(-1, 14, 2, 14, 2).mean(dim=(2, 4)).flatten(1).double()
    data = trained([(3,)], [0.1])
    ends = data["chosen"]["loss"].reshape(STARTS, -1)[:, -1]
    torch.manual_seed(SEED)
    models = [MLP(196, 10, (3,)).double() for _ in range(STARTS)]
    for model, end in zip(models, ends, strict=True):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        for _ in range(STEPS):
            optimizer.zero_grad()
            torch.nn.functional.nll_loss(model(pooled), targets).backward()
            optimizer.step()
        last = torch.nn.functional.nll_loss(model(pooled), targets).item()
        assert end == pytest.approx(last, rel=1e-6)


def test_the_chapter_draws_the_same_random_numbers_after_the_demo():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trained([(3,)], [0.1])
    assert torch.equal(torch.rand(3), expected)


def test_the_curves_are_those_of_the_rule_that_was_given():
    def without_momentum(loss, params, lr=1e-3, beta=0.9):
        gradient_update(loss, params, lr)

    right, wrong = overparameterization().shown, overparameterization(without_momentum).shown
    assert right["chosen"][-1]["loss"] != wrong["chosen"][-1]["loss"]
