"""Measured time: what is measured, never how long it took."""

import numpy as np
import pytest
import torch

from descent.models import MLP
from descent.training import cost, measure_update_time, update_times


@pytest.fixture
def ticking(monkeypatch):
    """A clock that shows 0, 1, 3, 6, 10, ...: no two intervals are alike."""
    times = iter(np.cumsum(range(1000)))
    monkeypatch.setattr(cost, "_now", lambda device: float(next(times)))


def test_both_halves_are_timed_between_three_looks_at_the_clock(ticking):
    assert measure_update_time(MLP(3, 2), 4) == (1, 2)


def test_the_clock_is_read_around_forward_pass_and_update(monkeypatch):
    events = []
    monkeypatch.setattr(cost, "_now", lambda device: events.append("clock") or 0.0)
    monkeypatch.setattr(cost, "gradient_update", lambda loss, params: events.append("update"))
    original = MLP.forward
    monkeypatch.setattr(MLP, "forward", lambda self, x: events.append(len(x)) or original(self, x))
    measure_update_time(MLP(3, 2), 7)
    assert events == [7, "update", "clock", 7, "clock", "update", "clock"]


def test_real_times_are_positive():
    assert all(seconds > 0 for seconds in measure_update_time(MLP(4, 3, (5,)), 2))


def test_model_and_random_numbers_are_left_as_they_were():
    torch.manual_seed(0)
    model = MLP(4, 3, (5,))
    before = [param.detach().clone() for param in model.parameters()]
    state = torch.get_rng_state()
    measure_update_time(model, 10)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(map(torch.equal, before, model.parameters()))
    assert all(param.grad is None for param in model.parameters())


@pytest.mark.parametrize("repeats", [0, 10**30])
def test_repeats_that_have_no_end_are_an_error(repeats):
    with pytest.raises(ValueError, match=f"repeats must be at least 1 and .* but it is {repeats}$"):
        update_times(None, [3], repeats=repeats)


def test_update_times_are_medians_for_each_size(monkeypatch):
    measured = iter([(1.0, 20.0), (9.0, 10.0), (2.0, 90.0), (4.0, 5.0), (5.0, 7.0), (6.0, 6.0)])
    sizes = []

    def measure(model, size):
        sizes.append(size)
        return next(measured)

    monkeypatch.setattr(cost, "measure_update_time", measure)
    assert update_times(None, [3, 8], repeats=3).tolist() == [[2, 20], [5, 6]]
    assert sizes == [3, 3, 3, 8, 8, 8]


@pytest.mark.parametrize("num_points", [0, -3])
def test_no_points_are_refused(num_points):
    with pytest.raises(ValueError, match=f"at least 1 point, but num_points is {num_points}"):
        measure_update_time(MLP(3, 2), num_points)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_the_clock_waits_for_the_work(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    measure_update_time(MLP(3, 2).to("cuda"), 4)
    assert len(waited) == 3
