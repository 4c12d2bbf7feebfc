"""How wide the range of good learning rates is, against ranges that are known."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from descent.runs import decades_below

RATES = torch.logspace(-4, 0, 41, dtype=torch.float64)


@pytest.mark.parametrize("limit", [0.2, 1.0, 30.0])
def test_a_valley_with_straight_flanks_is_as_wide_as_it_was_made(limit):
    # The loss is 0.1 * 10^|x| for a learning rate of 10^(x - 2): it reaches the limit at known x.
    losses = 0.1 * 10 ** (RATES.log10() + 2).abs()
    expected = min(2 * np.log10(limit / 0.1), 4)
    assert decades_below(RATES, losses, limit) == pytest.approx(expected, abs=1e-9)


def test_all_and_nothing():
    assert decades_below(RATES, torch.full((41,), 0.1), 0.5) == pytest.approx(4)
    assert decades_below(RATES, torch.full((41,), 0.7), 0.5) == 0
    assert decades_below(RATES, torch.full((41,), 0.5), 0.5) == 0


def test_two_rates_are_enough():
    assert decades_below([0.01, 1], torch.tensor([0.1, 0.1]), 0.5) == pytest.approx(2)
    with pytest.raises(ValueError, match="two at least"):
        decades_below([0.01], torch.tensor([0.1]), 0.5)


@pytest.mark.parametrize("bad", [torch.inf, torch.nan, 1e30])
def test_a_diverged_run_ends_the_range(bad):
    losses = torch.tensor([0.1, 0.1, bad, bad])
    width = decades_below([1e-3, 1e-2, 1e-1, 1], losses, 0.5)
    assert 1 <= width < 1.15  # all of the first decade, and little of the one that ends badly


def test_all_ways_to_diverge_are_one():
    def width(bad):
        return decades_below([1e-3, 1e-2, 1e-1], torch.tensor([0.1, 0.1, bad]), 0.5)

    assert width(torch.inf) == width(torch.nan) == width(1e6)


def test_each_sweep_has_its_own_limit():
    losses = torch.stack([0.1 * 10 ** (RATES.log10() + 2).abs()] * 2)
    limits = torch.tensor([0.2, 0.4])
    both = decades_below(RATES, losses, limits)
    assert both.tolist() == [decades_below(RATES, losses[i], limits[i].item()) for i in range(2)]
    assert both[0] < both[1]


@settings(deadline=None, max_examples=50)
@given(
    losses=st.lists(st.floats(1e-3, 1e3), min_size=5, max_size=5),
    limit=st.floats(1e-2, 1e2),
    factor=st.floats(1, 10),
)
def test_a_higher_limit_never_narrows_the_range_and_units_do_not_matter(losses, limit, factor):
    rates, losses = torch.logspace(-2, 2, 5), torch.tensor(losses, dtype=torch.float64)
    width = decades_below(rates, losses, limit)
    assert 0 <= width <= 4 + 1e-6
    assert decades_below(rates, losses, limit * factor) >= width - 1e-9
    same = decades_below(7 * rates, factor * losses, factor * limit)
    assert same == pytest.approx(width, abs=1e-5)


@pytest.mark.parametrize("rates", [[0.1], [0.1, 0.1], [0.2, 0.1], [0.0, 0.1]])
def test_rates_that_do_not_ascend_are_refused(rates):
    with pytest.raises(ValueError, match="ascending"):
        decades_below(rates, torch.ones(len(rates)), 0.5)


def test_a_loss_is_needed_for_each_rate():
    with pytest.raises(ValueError, match="3 rates need as many losses"):
        decades_below([0.1, 0.2, 0.3], torch.ones(2, 4), 0.5)
