"""What the figures of `descent.plots.ethics` show."""

import numpy as np
import pytest
from tests.descent.plots.looking import as_pixels, lines_of
from tests.descent.plots.samples.ethics import (
    STEPS,
    captioned_digits_data,
    group_accuracies_data,
    proxy_and_goal_data,
    trade_off_data,
    training_costs_data,
)

from descent import plots


def test_digits_carry_their_label_and_a_wrong_one_says_what_is_right():
    figure = plots.captioned_digits(**captioned_digits_data())
    captions = [axes.get_xlabel() for axes in figure.axes]
    assert captions == ["3", "1", "4", "3", "7, not 1", "4"]
    colors = [axes.xaxis.label.get_color() for axes in figure.axes]
    assert len(set(colors)) == 2
    assert colors[4] != colors[0]
    titles = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert titles == ["Right", "Cheap"]
    shown = figure.axes[1].images[0].get_array()
    np.testing.assert_array_equal(shown, captioned_digits_data()["rows"]["Right"][0][1])


def test_columns_of_digits_are_equally_far_apart_whatever_the_length_of_a_title():
    images, labels = captioned_digits_data()["rows"]["Right"]
    figure = plots.captioned_digits(
        {"A title that is wider than three digits are": (images, labels)}
    )
    left = [axes.get_position().x0 for axes in figure.axes]
    assert left[1] - left[0] == pytest.approx(left[2] - left[1], abs=1e-3)


def test_proxy_and_goal_are_means_in_percent_and_the_best_goal_is_marked():
    data = proxy_and_goal_data()
    figure = plots.proxy_and_goal(**data)
    assert len(figure.axes) == 2
    for axes, (title, shares) in zip(figure.axes, data["sources"].items(), strict=True):
        assert axes.get_title(loc="left") == title
        lines = lines_of(axes)
        named = {
            "trained on": "proxy, digits trained on",
            "new digits": "proxy, new digits",
            "goal": "goal, new digits",
        }
        for name, label in named.items():
            np.testing.assert_array_equal(lines[label][:, 0], STEPS[1:])
            np.testing.assert_allclose(
                lines[label][:, 1], 100 * shares[name].mean(dim=1)[1:], rtol=1e-6
            )
        [best] = lines["goal is best"]
        assert best.tolist() == [30, pytest.approx(100 * shares["goal"].mean(dim=1).max().item())]
        low, high = axes.get_ylim()
        assert all(low < y < high for line in lines.values() for y in line[1:-1, 1])


def test_repeats_of_the_goal_are_drawn_one_by_one():
    [axes, _] = plots.proxy_and_goal(**proxy_and_goal_data()).axes
    goal = proxy_and_goal_data()["sources"]["Careless"]["goal"]
    for repeat in range(2):
        np.testing.assert_allclose(
            axes.lines[repeat].get_ydata(), 100 * goal[1:, repeat], rtol=1e-6
        )


def test_bars_have_the_length_of_the_share_and_error_bars_of_two_standard_errors():
    data = group_accuracies_data()
    figure = plots.group_accuracies(**data)
    [axes] = figure.axes
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([83, 86, 57])
    assert [text.get_text() for text in axes.texts] == ["83 %", "86 %", "57 %"]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(data["shares"])
    for container, share in zip(axes.collections, data["shares"].values(), strict=True):
        [(start, end)] = [part[:, 0] for part in container.get_segments()]
        assert (start, end) == pytest.approx((100 * share - 4, 100 * share + 4))
    assert axes.yaxis_inverted()


def test_the_trade_off_joins_means_and_marks_choices_on_the_first_curve():
    data = trade_off_data()
    [axes] = plots.trade_off(**data).axes
    lines = lines_of(axes)
    for label, (majority, minority) in data["curves"].items():
        np.testing.assert_allclose(lines[label][:, 0], 100 * majority.mean(dim=0), rtol=1e-6)
        np.testing.assert_allclose(lines[label][:, 1], 100 * minority.mean(dim=0), rtol=1e-6)
    assert [text.get_text() for text in axes.texts] == ["1", "2"]
    for text, index in zip(axes.texts, data["choices"].values(), strict=True):
        assert text.xy == pytest.approx(tuple(lines["few"][index]))
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["few", "many", "1: people", "2: groups", "both groups alike"]


def test_every_repeat_of_the_trade_off_is_inside_the_picture():
    data = trade_off_data()
    [axes] = plots.trade_off(**data).axes
    for coordinate, (low, high) in enumerate((axes.get_xlim(), axes.get_ylim())):
        for pair in data["curves"].values():
            values = 100 * pair[coordinate]
            assert low < values.min()
            assert values.max() < high


def test_costs_lie_at_their_value_and_ours_look_different():
    data = training_costs_data()
    figure = plots.training_costs(**data)
    as_pixels(figure)
    for axes, costs in zip(figure.axes, data.values(), strict=True):
        assert axes.get_xscale() == "log"
        assert [label.get_text() for label in axes.get_yticklabels()] == list(costs)
        dots = [line for line in axes.lines if line.get_marker() in "os"]
        assert [dot.get_xdata()[0] for dot in dots] == [value for value, _ in costs.values()]
        markers = {
            dot.get_marker(): ours for dot, (_, ours) in zip(dots, costs.values(), strict=True)
        }
        assert markers == {"o": True, "s": False}
