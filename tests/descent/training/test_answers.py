"""Answers of many networks, and the standard error of a share."""

import math

import numpy as np
import pytest
import torch

from descent.models import MLP, losses_many, stack_models
from descent.optimizers import gradient_update
from descent.runs import descend, grid
from descent.training import answers_many, standard_error

INPUTS = torch.randn(9, 28, 28, generator=torch.Generator().manual_seed(0))


def test_each_network_answers_as_it_does_by_itself():
    models = [MLP(hidden_dims=[12]) for _ in range(3)]
    answers = answers_many(stack_models(models), INPUTS)
    assert answers.shape == (3, 9)
    for row, model in zip(answers, models, strict=True):
        assert torch.equal(row, model(INPUTS).argmax(dim=1))


def test_a_path_is_answered_record_by_record():
    start = [param[0] for param in stack_models([MLP(hidden_dims=[12])])]
    targets = torch.arange(9)
    runs = descend(
        lambda p: losses_many(p, INPUTS, targets),
        start,
        gradient_update,
        grid(lr=[0.5, 2.0]),
        4,
        keep_paths=True,
        every=2,
    )
    answers = answers_many(runs.paths, INPUTS)
    assert answers.shape == (3, 2, 9)
    assert torch.equal(answers[0, 0], answers[0, 1])
    assert torch.equal(answers[-1], answers_many(runs.params, INPUTS))
    for record in range(3):
        there = [param[record] for param in runs.paths]
        assert torch.equal(answers[record], answers_many(there, INPUTS))
    assert not torch.equal(answers[0], answers[-1])


def test_answers_leave_no_graph():
    assert not answers_many(stack_models([MLP()]), INPUTS).requires_grad


@pytest.mark.parametrize("share", [0.1, 0.5, 0.93])
@pytest.mark.parametrize("count", [20, 300])
def test_the_standard_error_is_the_deviation_of_many_measurements(share, count):
    measured = np.random.default_rng(0).binomial(count, share, size=100_000) / count
    assert standard_error(share, count) == pytest.approx(measured.std(), rel=0.02)


def test_a_certain_share_has_no_error():
    assert standard_error(0, 5) == standard_error(1, 5) == 0


@pytest.mark.parametrize("share", [-0.01, 1.01, 57, math.nan])
def test_what_is_no_share_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        standard_error(share, 10)


def test_a_share_of_no_cases_is_refused():
    with pytest.raises(ValueError, match="at least 1 case"):
        standard_error(0.5, 0)
