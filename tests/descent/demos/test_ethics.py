"""What is special to the demos of chapter 8."""

import functools

import numpy as np
import pytest
import torch
from tests.descent.demos.samples import ethics as samples

from descent import demos
from descent.demos.ethics import MEASURES, PRESSURES, _from_sources


@functools.cache
def goodhart_data(share=(0, 50), steps=(40, 600)):
    sources = list(samples.SOURCES.values())
    return demos.goodhart_data(samples.KNOWN, samples.NEW, sources, share, steps, hidden=5)


def weighting_data(omega=(0.1, 1), people=samples.PEOPLE, measure=samples.measure):
    return demos.weighting_data(measure, samples.WEIGHTS, omega, people, samples.PEOPLE[0])


def lines(data):
    """Return the lines, shape (source, share, measure, record)."""
    return data["lines"]["percent"].reshape(2, 2, len(MEASURES), len(PRESSURES))


def test_without_wrong_labels_the_proxy_is_the_goal():
    drawn = lines(goodhart_data())
    np.testing.assert_array_equal(drawn[:, 0, 0], drawn[:, 0, 1])
    assert (drawn[:, 1, 0] != drawn[:, 1, 1]).any()


def test_both_sources_learn_alike_where_no_label_is_wrong():
    drawn = lines(goodhart_data())
    np.testing.assert_array_equal(drawn[0, 0], drawn[1, 0])
    assert drawn[0, 0, 0, -1] > 75


def test_fewer_wrong_labels_are_among_the_more():
    settings = [(samples.careless, share) for share in (0, 20, 40)]
    _, (none, some, more) = _from_sources(settings, samples.NEW)
    wrong, more_wrong = some != samples.NEW[1], more != samples.NEW[1]
    assert (none == samples.NEW[1]).all()
    assert (wrong <= more_wrong).all()
    assert 0 < wrong.sum() < more_wrong.sum()


def test_the_random_numbers_of_the_reader_are_left_alone():
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    source = [samples.careless]
    demos.goodhart_data(samples.KNOWN, samples.NEW, source, [30], [10], hidden=2)
    assert torch.rand(1) == wanted


def test_points_lie_on_the_lines_at_the_pressure():
    data = goodhart_data()
    drawn = lines(data)
    for place, step in enumerate((40, 600)):
        assert (data["points"]["step"][0, 0, place] == step).all()
        wanted = drawn[..., PRESSURES.index(step)]
        np.testing.assert_array_equal(data["points"]["percent"][:, :, place], wanted)


def test_the_star_is_the_highest_point_of_the_goal():
    data = goodhart_data()
    goal = lines(data)[:, :, 0]
    np.testing.assert_array_equal(data["best"]["percent"][:, :, 0, 0], goal.max(axis=-1))
    steps = np.array(PRESSURES)[goal.argmax(axis=-1)]
    np.testing.assert_array_equal(data["best"]["step"][:, :, 0, 0], steps)


def test_what_is_lost_is_said_and_nothing_lost_is_a_success():
    data = goodhart_data()
    goal = lines(data)[:, :, 0]
    for source, share, place in np.ndindex(2, 2, 2):
        of_run = goal[source, share]
        lost = of_run.max() - of_run[PRESSURES.index((40, 600)[place])]
        said = data["message"]["text"][source, share, place, 0]
        assert f"{lost:.1f} points are lost" in said
        assert f"After {(40, 600)[place]} steps" in said
        assert data["message"]["good"][source, share, place, 0] == (lost < 1)


def test_between_recorded_pressures_the_earlier_one_is_shown():
    data = goodhart_data(steps=(59,))
    assert (data["points"]["step"] == 40).all()


def test_bars_are_means_over_draws_and_people():
    bars = weighting_data()["bars"]["percent"]
    assert bars.shape == (2, 2, 3)
    for row, column in np.ndindex(2, 2):
        people = samples.PEOPLE[column]
        both = 100 * samples.measure(people, ((0.1, 1)[row],)).mean(dim=(1, 2)).numpy()
        np.testing.assert_allclose(bars[row, column, :2], both)
        everybody = (900 * both[0] + people * both[1]) / (900 + people)
        assert bars[row, column, 2] == pytest.approx(everybody)


def test_the_square_lies_on_the_curve_of_its_number_of_people():
    data = weighting_data()
    place = samples.WEIGHTS.index(1)
    for group in ("majority", "minority"):
        curve = np.broadcast_to(data["curve"][group], (1, 2, len(samples.WEIGHTS)))
        np.testing.assert_allclose(data["chosen"][group][1, :, 0], curve[0, :, place])
        np.testing.assert_array_equal(data["first"][group][0, 0], curve[0, 0])


def test_the_curve_names_the_weight_that_a_click_chooses():
    for name in ("curve", "first"):
        np.testing.assert_array_equal(weighting_data()[name]["omega"][0, 0], samples.WEIGHTS)


def test_on_a_page_nothing_is_trained_but_the_curves():
    asked = []

    def measure(people, weights):
        asked.append((people, weights))
        return samples.measure(people, weights)

    weighting_data(omega=samples.WEIGHTS, measure=measure)
    assert {weights for _, weights in asked} == {samples.WEIGHTS}


def test_a_weight_between_those_of_the_curve_is_trained_by_itself():
    data = weighting_data(omega=[0.5])
    wanted = 100 * samples.measure(samples.PEOPLE[0], (0.5,)).mean(dim=(1, 2)).numpy()
    np.testing.assert_allclose(data["bars"]["percent"][0, 0, :2], wanted)


def test_the_gap_between_the_groups_is_said():
    majority, minority = weighting_data()["bars"]["percent"][0, 0, :2]
    said = weighting_data()["message"]["text"][0, 0, 0]
    assert f"The minority is {majority - minority:.0f} points worse off" in said
    alike = demos.weighting_data(lambda *_: torch.full((2, 1, 1), 0.7), [1.0], [1.0], [9], 9)
    assert "fare alike" in alike["message"]["text"][0, 0, 0]


def test_both_demos_are_drawn_anew_between_the_values_of_a_page():
    shown = samples.goodhart()
    before = shown.message.value
    shown.fields["share"].value = 33
    assert shown.message.value != before
    shown = samples.weighting()
    before = shown.message.value
    shown.fields["omega"].value = 5.0
    assert shown.message.value != before
