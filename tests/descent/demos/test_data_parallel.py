"""What the demo of the appendix shows."""

import numpy as np
import pytest

from descent.demos.data_parallel import BATCHES, LINKS, USES, WORKERS, step_time_data


@pytest.fixture(scope="module")
def parts():
    percent = step_time_data(list(BATCHES), list(LINKS), list(USES))["parts"]["percent"]
    return np.stack(np.split(percent, 2, axis=-1))  # computing and sending


def test_one_worker_sends_nothing_and_takes_the_whole_time(parts):
    np.testing.assert_allclose(parts[0, ..., 0], 100)
    np.testing.assert_allclose(parts[1, ..., 0], 0)


def test_computing_is_halved_from_bar_to_bar_and_sending_at_most_doubled(parts):
    computing, sending = parts
    np.testing.assert_allclose(computing[..., 1:], computing[..., :-1] / 2)
    assert (sending[..., 1:] < 2 * sending[..., 1:2]).all()


def test_each_setting_can_make_workers_worth_their_while(parts):
    whole = parts.sum(axis=0)
    for axis in range(3):
        times = np.moveaxis(whole, axis, 0)[..., WORKERS.index(64)]
        assert (times[1:] < times[:-1]).all()
        assert times[-1].min() < 5


def test_the_words_say_what_the_bars_show():
    slow = step_time_data([4096], [1], [1])
    [text] = slow["message"]["text"].ravel()
    assert "From 2 workers on, sending takes longer" in text
    whole = slow["parts"]["percent"].reshape(2, -1).sum(axis=0)
    assert f"is {100 / whole[-1]:.3g} times as fast" in text
    [text] = step_time_data([262144], [10000], [1000])["message"]["text"].ravel()
    assert "Computing takes longer than sending, however many there are." in text
