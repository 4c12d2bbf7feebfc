"""The count of operations, against PyTorch's own counter."""

import dataclasses

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from descent.models import MLP, losses_many, stack_models
from descent.optimizers import gradient_update
from descent.runs import descend, grid
from descent.training import training_flops


def trained(hidden_dims, points, steps, runs):
    inputs, targets = torch.randn(points, 784), torch.arange(points) % 10
    start = [param[0] for param in stack_models([MLP(hidden_dims=hidden_dims)])]
    rates = grid(lr=[0.01] * runs)
    return descend(lambda p: losses_many(p, inputs, targets), start, gradient_update, rates, steps)


@pytest.mark.parametrize("hidden_dims", [[], [7], [20, 30]], ids=str)
@pytest.mark.parametrize(("points", "steps", "runs"), [(1, 1, 1), (11, 3, 2), (40, 5, 4)])
def test_it_counts_what_pytorch_counts(hidden_dims, points, steps, runs):
    with FlopCounterMode(display=False) as none:
        trained(hidden_dims, points, 0, runs)  # descend looks at the loss once more, at the end
    with FlopCounterMode(display=False) as counter:
        result = trained(hidden_dims, points, steps, runs)
    assert training_flops(result, points) == counter.get_total_flops() - none.get_total_flops()


def test_no_step_costs_nothing():
    assert training_flops(trained([5], 3, 0, 2), 3) == 0


def test_logistic_regression_takes_four_operations_for_each_weight_and_point():
    assert training_flops(trained([], 10, 1, 1), 10) == 4 * 7840 * 10


def test_a_step_without_points_is_refused():
    with pytest.raises(ValueError, match="points is 0"):
        training_flops(trained([], 3, 1, 1), 0)


def test_parameters_of_other_things_than_networks_are_refused():
    result = trained([], 3, 1, 1)
    flat = dataclasses.replace(result, params=[param.flatten() for param in result.params])
    with pytest.raises(ValueError, match=r"shape \(runs, in, out\)"):
        training_flops(flat, 3)
