"""What demos 6.1 and 6.2 show."""

import numpy as np
import pytest
from tests.descent.demos.samples.minibatches import (
    BUDGET,
    batch_size_race_demo,
    points,
    some,
    start,
    times,
    update_cost_demo,
)

from descent.data import sample_minibatch
from descent.demos.minibatches import LRS, SIZES, batch_size_race_data
from descent.optimizers import gradient_update

SECONDS = dict.fromkeys(SIZES, 0.001)


def double(data):
    return data[0].double(), data[1]


def race(*rates, goal=0.5, data=None):
    data = double(data or points())
    lrs = {f"lr_{size}": rate for size, rate in zip(SIZES, rates, strict=True)}
    first = [param.double() for param in start()]
    what = first, gradient_update, sample_minibatch, data, some(data), BUDGET
    return batch_size_race_data(*what, lrs, SECONDS, goal)


def test_each_batch_size_has_a_learning_rate_of_its_own():
    data = race(list(LRS), [0.1], [0.1, 0.2])
    assert data["batch_20"]["loss"].shape[:3] == (len(LRS), 1, 1)
    assert data["batch_250"]["loss"].shape[:3] == (1, 1, 1)
    assert data["batch_1000"]["loss"].shape[:3] == (1, 1, 2)
    assert data["message"]["text"].shape == (len(LRS), 1, 2, 1)


def test_a_run_does_not_depend_on_the_others():
    many, one = race(list(LRS), [0.1], [0.1]), race([LRS[3]], [0.1], [0.1])
    together, alone = many["batch_20"]["loss"][3], one["batch_20"]["loss"][0]
    np.testing.assert_allclose(together, alone, rtol=1e-6)


def test_every_run_sees_the_same_number_of_points():
    data = race([0.1], [0.1], [0.1])
    for size in SIZES:
        columns = data[f"batch_{size}"]
        assert columns["points"].max() == BUDGET
        np.testing.assert_array_equal(columns["points"], size * columns["updates"])


@pytest.mark.parametrize(("goal", "met"), [(10, True), (1e-9, False)])
def test_the_task_is_met_only_if_all_three_are_below_the_goal(goal, met):
    message = race([0.1], [0.1], [0.1], goal=goal)["message"]
    assert message["good"].item() is met
    assert message["text"].item().startswith("Done" if met else "Not yet")


def test_the_functions_of_the_reader_are_used():
    asked = []

    def sample(inputs, targets, count):
        asked.append(count)
        return sample_minibatch(inputs, targets, count)

    def lazy_update(loss, params, lr=0.1):
        """Do nothing."""

    demo = batch_size_race_demo(lazy_update, sample)
    assert set(asked) == set(SIZES)
    assert len({row["loss"] for row in demo.shown["batch_250"]}) == 1


def test_the_cost_of_the_chosen_setting_is_on_its_line():
    demo = update_cost_demo()
    demo.fields["points"].value = 10
    drawn = {(row["size"], row["half"]): row["ms"] for row in demo.shown["costs"]}
    for row in demo.shown["chosen"]:
        assert row["ms"] == drawn[row["at"], row["half"]]
        assert row["each"] == pytest.approx(100 * row["ms"])
    assert "An update from 10 points" in demo.shown["message"][0]["text"]


def test_a_time_is_measured_once():
    asked = []

    def clock(model, sizes, repeats):
        asked.extend((model, size) for size in sizes)
        return times(model, sizes, repeats)

    demo = update_cost_demo(clock)
    demo.fields["points"].value = 137
    demo.fields["points"].value = 100
    assert len(asked) == len(set(asked)) == 2 * 8 + 1
