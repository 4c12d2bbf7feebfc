"""A few weighted points against the mean of all."""

import pytest
import torch

from descent.landscapes import representatives


def losses(places=40, kinds=3, copies=10, seed=0):
    """Losses of points of a few kinds: those of one kind have the same loss everywhere."""
    generator = torch.Generator().manual_seed(seed)
    each = torch.rand(places, kinds, generator=generator, dtype=torch.float64)
    return each.repeat(1, copies)


def test_one_point_of_each_kind_gives_the_mean():
    each = losses()
    chosen, weights = representatives(each, 3)
    torch.testing.assert_close(each[:, chosen] @ weights, each.mean(dim=1))
    assert sorted((chosen % 3).tolist()) == [0, 1, 2]
    torch.testing.assert_close(weights, torch.full((3,), 1 / 3, dtype=torch.float64))


@pytest.mark.parametrize("seed", range(3))
def test_more_points_come_nearer_and_no_weight_is_negative(seed):
    each = losses(places=60, kinds=50, copies=1, seed=seed)
    errors = []
    for count in (1, 5, 20, 50):
        chosen, weights = representatives(each, count)
        assert len(chosen) == len(weights) == len(set(chosen.tolist())) <= count
        assert (weights > 0).all()
        errors.append((each[:, chosen] @ weights - each.mean(dim=1)).norm().item())
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-9


def test_points_that_add_nothing_are_left_out():
    each = losses(kinds=2)
    chosen, weights = representatives(each, 6)
    assert len(chosen) <= 6
    torch.testing.assert_close(each[:, chosen] @ weights, each.mean(dim=1))


@pytest.mark.parametrize("count", [0, 31, -1])
def test_a_count_that_cannot_be_is_an_error(count):
    with pytest.raises(ValueError, match="1 to 30"):
        representatives(losses(), count)
