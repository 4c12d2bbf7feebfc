"""What demo 9 shows."""

import numpy as np
import pytest
from tests.descent.demos.samples.bonus import digits, rate_and_batch_demo

from descent.data import epoch
from descent.demos.bonus import EPOCHS, LRS, SIZES, rate_and_batch_data, train_rates
from descent.optimizers import gradient_update


def accuracies(lr, size):
    data = [(inputs.double(), targets) for inputs, targets in (digits(512, 1), digits(60, 2))]

    def train(batch_size, rates):
        return train_rates(*data, gradient_update, epoch, rates, batch_size)

    return rate_and_batch_data(train, lr, size, 60)


@pytest.fixture(scope="module")
def every():
    return accuracies(list(LRS), list(SIZES))


def test_a_run_does_not_depend_on_the_others(every):
    alone = accuracies([LRS[3]], [SIZES[1]])
    together = every["training"]["loss"][3, 1]
    np.testing.assert_allclose(alone["training"]["loss"][0, 0], together, rtol=1e-6)
    assert alone["chosen"]["right"].item() == every["chosen"]["right"][3, 1, 0]


def test_the_chosen_setting_lies_on_the_curve_of_its_batch_size(every):
    np.testing.assert_array_equal(every["chosen"]["right"][..., 0].T, every["curve"]["right"][0])
    np.testing.assert_array_equal(every["curve"]["right"].ravel(), every["others"]["right"].ravel())


def test_short_steps_learn_little_and_good_ones_nearly_all(every):
    right = every["chosen"]["right"][..., 0]
    assert right[:, 1].max() > 90
    assert right[0, -1] < right[:, -1].max()


def test_the_training_is_shown_epoch_by_epoch(every):
    assert every["training"]["loss"].shape == (len(LRS), len(SIZES), 2 * (EPOCHS + 1))
    assert set(every["training"]["epoch"].ravel()) == set(range(EPOCHS + 1))


def test_the_message_states_the_standard_error(every):
    right = every["chosen"]["right"][2, 1, 0]
    error = 100 * np.sqrt(right / 100 * (1 - right / 100) / 60)
    text = every["message"]["text"][2, 1, 0]
    assert f"{right:.1f} % of 60 validation digits" in text
    assert f"error of {error:.1f} points" in text


def test_the_functions_of_the_reader_are_used():
    def lazy_update(loss, params, lr=0.1):
        """Do nothing."""

    losses = {row["loss"] for row in rate_and_batch_demo(lazy_update).shown["training"]}
    assert len(losses) == 2  # of training and of validation digits, the same after each epoch
