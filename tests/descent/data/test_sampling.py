"""Minibatches hold different points, and each with its own target."""

from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from descent.data import epoch, sample_minibatch


def numbered(points, *shape):
    """Inputs and targets from which the number of each point can be read."""
    numbers = torch.arange(points)
    return numbers.reshape(-1, *[1] * len(shape)) + torch.zeros(shape), 100 + numbers


sizes = st.integers(1, 30).flatmap(
    lambda points: st.tuples(st.just(points), st.integers(1, points))
)


@settings(deadline=None, max_examples=60)
@given(sizes=sizes, seed=st.integers(0, 2**31))
def test_a_minibatch_holds_different_points_with_their_targets(sizes, seed):
    points, num_points = sizes
    torch.manual_seed(seed)
    inputs, targets = numbered(points, 2, 3)
    batch_inputs, batch_targets = sample_minibatch(inputs, targets, num_points)
    assert batch_inputs.shape == (num_points, 2, 3)
    assert batch_targets.shape == (num_points,)
    assert (batch_targets.dtype, batch_inputs.dtype) == (targets.dtype, inputs.dtype)
    assert len(batch_targets.unique()) == num_points
    assert torch.equal(batch_inputs[:, 0, 0] + 100, batch_targets.float())
    assert torch.equal(inputs, numbered(points, 2, 3)[0])


def test_all_pairs_of_points_are_equally_likely():
    torch.manual_seed(0)
    inputs, targets = numbered(6, 1)
    drawn = Counter(
        tuple(sorted(sample_minibatch(inputs, targets, 2)[1].tolist())) for _ in range(6000)
    )
    assert len(drawn) == 15
    assert chisquare(list(drawn.values())).pvalue > 1e-3


def test_a_minibatch_is_a_copy():
    inputs, targets = numbered(5, 2)
    batch_inputs, batch_targets = sample_minibatch(inputs, targets, 5)
    batch_inputs += 1
    batch_targets += 1
    assert torch.equal(inputs, numbered(5, 2)[0])
    assert torch.equal(targets, numbered(5, 2)[1])


def test_the_default_is_100_points():
    assert len(sample_minibatch(*numbered(120, 2))[0]) == 100


@settings(deadline=None, max_examples=60)
@given(sizes=sizes, seed=st.integers(0, 2**31))
def test_an_epoch_visits_every_point_once(sizes, seed):
    points, batch_size = sizes
    torch.manual_seed(seed)
    batches = list(epoch(*numbered(points, 2), batch_size))
    lengths = [len(inputs) for inputs, _ in batches]
    assert lengths[:-1] == [batch_size] * (len(batches) - 1)
    assert 1 <= lengths[-1] <= batch_size
    assert sorted(torch.cat([targets for _, targets in batches]).tolist()) == [
        100 + point for point in range(points)
    ]
    assert all(torch.equal(inputs[:, 0] + 100, targets.float()) for inputs, targets in batches)


def test_epochs_differ_in_their_order():
    torch.manual_seed(0)
    data = numbered(50, 1)
    orders = {tuple(torch.cat([t for _, t in epoch(*data, 7)]).tolist()) for _ in range(5)}
    assert len(orders) == 5


@pytest.mark.parametrize("draw", [sample_minibatch, epoch])
def test_unpaired_data_are_refused(draw):
    with pytest.raises(
        ValueError, match="every input needs a target, but there are 5 inputs and 4"
    ):
        draw(torch.zeros(5, 2), torch.zeros(4), 2)


@pytest.mark.parametrize("draw", [sample_minibatch, epoch])
@pytest.mark.parametrize("num_points", [0, -1, 6])
def test_a_size_that_cannot_be_is_refused_at_once(draw, num_points):
    with pytest.raises(ValueError, match=f"holds 1 to 5 of these 5 points, but {num_points} were"):
        draw(*numbered(5, 2), num_points)
