"""What demo 3 shows."""

import numpy as np
import pytest
from tests.descent.demos.samples.search import digits, stages

from descent.demos.search import COUNT, LENGTHS, random_steps_data
from descent.landscapes import gradient, norm
from descent.models import losses_many

TOTAL = 30


@pytest.fixture(scope="module")
def data():
    return random_steps_data(list(stages().values()), *digits(), list(LENGTHS), [3, TOTAL])


def test_every_random_step_is_counted(data):
    assert data["bars"]["count"].shape == (len(LENGTHS), 2, 2, 24)
    assert (data["bars"]["count"].sum(axis=-1) == COUNT).all()


def test_shares_are_those_of_the_bars_left_of_zero(data):
    left = data["bars"]["count"][..., :12].sum(axis=-1) * 100 / COUNT
    np.testing.assert_allclose(left, data["chosen"]["share"][..., 0])
    shares = np.broadcast_to(data["shares"]["measured"], (1, 2, 2, len(LENGTHS)))
    np.testing.assert_allclose(shares[0].transpose(2, 0, 1), left)


def test_a_gradient_step_changes_the_loss_as_the_model_itself_says(data):
    inputs, targets = digits()
    point = [param.double() for param in stages()["late"]]

    def loss(params):
        return losses_many([param[None] for param in params], inputs.double(), targets)[0]

    slope = gradient(loss, point)
    length = LENGTHS[5]
    ends = [w - length * g / norm(slope) for w, g in zip(point, slope, strict=True)]
    change = (loss(ends) - loss(point)).item() / (length * norm(slope))
    assert data["gradient"]["change"][5, 1, 1, 0] == pytest.approx(change, rel=1e-9)


def test_a_short_step_helps_in_half_of_the_directions_and_a_longer_one_in_fewer(data):
    measured, predicted = data["shares"]["measured"], data["shares"]["predicted"]
    assert abs(predicted[..., 0] - 50).max() < 4
    assert abs(measured[..., 0] - 50).max() < 20
    assert (np.diff(predicted) <= 0).all()


def test_the_message_compares_random_steps_with_the_gradient_step(data):
    assert "The gradient step lowers it by" in data["message"]["text"][0, 0, 0, 0]


def test_only_free_parameters_move(data):
    alone = random_steps_data(list(stages().values()), *digits(), [0.05], [3])
    np.testing.assert_allclose(alone["typical"]["edge"].ravel(), [-(3**-0.5), 3**-0.5])
    np.testing.assert_array_equal(alone["bars"]["count"][0, 0], data["bars"]["count"][2, 0])


def test_steps_of_any_length_are_measured():
    between = random_steps_data(list(stages().values()), *digits(), [0.033], [TOTAL])
    assert between["bars"]["count"].shape == (1, 1, 2, 24)
