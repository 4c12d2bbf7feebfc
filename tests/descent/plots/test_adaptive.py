"""What the figures of `descent.plots.adaptive` show."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from tests.descent.plots.looking import STAGES, as_pixels, color, lines_of
from tests.descent.plots.samples.adaptive import (
    gradient_sizes_data,
    kept_promises_data,
    scaled_losses_data,
    second_order_paths_data,
    step_lengths_data,
    turned_ravine_data,
)

from descent import plots
from descent.plots.adaptive import STYLES

FAMILY = {"SGD": "gradient descent", "momentum": "momentum", "RMSprop": "RMSprop", "Adam": "Adam"}


def color_of(line):
    return to_hex(line.get_color()).upper()


def test_methods_of_a_family_share_its_color_and_differ_in_marker_or_line():
    assert {name: STYLES[name]["color"].upper() for name in FAMILY} == {
        name: color(family) for name, family in FAMILY.items()
    }
    assert STYLES["Adagrad"]["color"] == STYLES["RMSprop"]["color"]
    assert STYLES["Newton"]["color"] == STYLES["L-BFGS"]["color"] == plots.INK
    names = [name for name in STYLES if name != "SGD"]  # which is drawn as gradient descent
    assert len({(STYLES[name]["marker"], STYLES[name]["ls"]) for name in names}) == len(names)


def test_gradient_sizes_span_the_middle_of_each_layer_and_leave_zeros_out():
    data = gradient_sizes_data()["sizes"]
    data[STAGES[0]]["weights 1"][:20] = 0
    [axes] = plots.gradient_sizes(data).axes
    for row, stage in enumerate(STAGES):
        thin, thick = axes.collections[2 * row : 2 * row + 2]
        medians = axes.lines[row].get_xdata()
        assert axes.lines[row].get_label() == stage
        for place, values in enumerate(data[stage].values()):
            nonzero = values[values > 0].double().numpy()
            wanted = np.quantile(nonzero, [0.05, 0.25, 0.5, 0.75, 0.95])
            ends = [part.get_segments()[place][:, 0] for part in (thin, thick)]
            drawn = [ends[0][0], ends[1][0], medians[place], ends[1][1], ends[0][1]]
            np.testing.assert_allclose(drawn, wanted, rtol=1e-5)
    assert [label.get_text() for label in axes.get_yticklabels()] == list(data[STAGES[0]])
    assert axes.yaxis_inverted()  # the first layer is on top


def test_promises_are_drawn_in_the_color_of_their_stage_around_a_line_at_zero():
    data = kept_promises_data()
    [axes] = plots.kept_promises(**data).axes
    lines = lines_of(axes)
    for stage in STAGES:
        np.testing.assert_array_equal(lines[stage][:, 0], data["lengths"])
        np.testing.assert_array_equal(lines[stage][:, 1], data["shares"][stage])
    drawn = {line.get_label(): color_of(line) for line in axes.lines}
    assert all(drawn[stage] == plots.STAGE_COLORS[stage].upper() for stage in STAGES)
    assert axes.lines[2].get_ydata() == [0, 0]


def test_each_ravine_has_its_own_paths_and_its_minimum():
    data = turned_ravine_data()
    figure = plots.turned_ravine(**data)
    for axes, landscape, paths in zip(figure.axes, data["landscapes"], data["paths"], strict=True):
        lines = lines_of(axes)
        for method, path in paths.items():
            np.testing.assert_array_equal(lines[method], path)
        np.testing.assert_array_equal(axes.lines[-1].get_xydata(), landscape.minima)
        assert axes.get_title(loc="left").lower() == landscape.name


def test_step_lengths_start_at_the_first_step():
    data = step_lengths_data()["lengths"]
    [axes] = plots.step_lengths(data).axes
    for method, points in lines_of(axes).items():
        np.testing.assert_array_equal(points[:, 0], np.arange(1, 101))
        np.testing.assert_array_equal(points[:, 1], data[method])
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


@pytest.mark.parametrize("bad", [torch.inf, torch.nan, 1e30])
def test_diverged_runs_are_drawn_at_the_top(bad):
    data = scaled_losses_data()
    data["losses"]["SGD"]["once"][-1] = bad
    figure = plots.scaled_losses(**data, highest=3.0)
    as_pixels(figure)
    assert lines_of(figure.axes[0])["once"][-1, 1] == 3
    assert figure.axes[0].get_ylim()[1] < 10


def test_factors_differ_in_line_and_marker_in_a_panel_for_each_method():
    data = scaled_losses_data()
    figure = plots.scaled_losses(**data)
    for axes, (method, of_factor) in zip(figure.axes, data["losses"].items(), strict=True):
        assert axes.get_title(loc="left") == method
        for factor, points in lines_of(axes).items():
            np.testing.assert_array_equal(points[:, 1], of_factor[factor])
        assert len({line.get_linestyle() for line in axes.lines}) == 2
        assert len({line.get_marker() for line in axes.lines}) == 2


def test_paths_are_drawn_above_their_distance_to_the_minimum():
    data = second_order_paths_data()
    data["paths"]["Newton"][-1] = data["optimum"]
    above, below = plots.second_order_paths(**data).axes
    for index, (method, path) in enumerate(data["paths"].items()):
        np.testing.assert_array_equal(lines_of(above)[method], path)
        distance = (path - data["optimum"]).norm(dim=1).numpy()
        drawn = below.lines[index].get_ydata()
        np.testing.assert_allclose(drawn[distance > 0], distance[distance > 0], rtol=1e-5)
    assert np.isnan(drawn[-1])  # a distance of zero has no place on a logarithmic axis
    assert below.get_yscale() == "log"
