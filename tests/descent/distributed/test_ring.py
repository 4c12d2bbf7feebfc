"""What a ring sends, and the model of a step's time."""

import numpy as np
import pytest

from descent.distributed import step_seconds, values_sent


@pytest.mark.parametrize(("workers", "sent"), [(1, 0), (2, 1), (4, 1.5), (1000, 1.998)])
def test_a_worker_sends_less_than_two_vectors(workers, sent):
    assert values_sent(1, workers) == pytest.approx(sent)
    assert values_sent(300, workers) == pytest.approx(300 * sent)


def test_computing_is_shared_out_and_sending_is_not():
    computing, sending = step_seconds(np.array([1, 2, 4]), 1000, 1e6, 1e12, 1e9)
    np.testing.assert_allclose(computing, [6e-3, 3e-3, 1.5e-3])  # 6 · 10⁶ · 1000 / 10¹²
    np.testing.assert_allclose(sending, [0, 0.032, 0.048])  # 32 · 10⁶ / 10⁹ for each gradient


def test_uses_count_for_computing_and_bits_for_sending():
    once = step_seconds(8, 256, 1e5, 1e12, 1e9)
    many = step_seconds(8, 256, 1e5, 1e12, 1e9, uses=50, bits=16)
    assert many[0] / once[0] == pytest.approx(50)
    assert many[1] / once[1] == pytest.approx(0.5)
