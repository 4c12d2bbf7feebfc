"""What the figures of `descent.plots.nonconvexity` show."""

import numpy as np
import pytest
from tests.descent.plots.looking import as_pixels, color, colors_of, lines_of
from tests.descent.plots.samples.nonconvexity import (
    STARTS,
    barriers_data,
    landscape_slice_data,
    losses_by_size_data,
    rescaled_slices_data,
    symmetric_starts_data,
)

from descent import plots


@pytest.mark.parametrize("ways", [1, 4])
def test_barriers_draw_every_way_and_its_ends_beside_the_convex_one(ways):
    data = barriers_data(ways)
    [axes] = plots.barriers(**data).axes
    for line, losses in zip(axes.lines, data["losses"], strict=False):
        np.testing.assert_array_equal(line.get_ydata(), losses)
    straight = lines_of(axes)["without: between two trained models"]
    np.testing.assert_array_equal(straight[:, 1], data["convex_losses"])
    assert axes.lines[ways].get_linestyle() == "--"
    ends = np.array([line.get_ydata() for line in axes.lines[ways + 1 :]])
    np.testing.assert_array_equal(ends, data["losses"][:, [0, -1]])
    assert len(axes.get_legend().get_texts()) == 2


def test_the_legend_of_barriers_stands_above_the_hills():
    figure = plots.barriers(**barriers_data())
    as_pixels(figure)
    [axes] = figure.axes
    top = axes.transData.transform((0, float(barriers_data()["losses"].max())))[1]
    assert axes.get_legend().get_window_extent().y0 > top


def test_starts_differ_in_their_dashes_and_not_in_their_method():
    data = symmetric_starts_data()["losses"]
    [axes] = plots.symmetric_starts(data).axes
    for start, losses in data.items():
        np.testing.assert_array_equal(lines_of(axes)[start][:, 1], losses)
    assert set(colors_of(axes)) == {color("momentum")}
    assert len({line.get_linestyle() for line in axes.lines}) == 3
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(STARTS)


def test_each_way_of_scaling_has_a_panel_with_both_networks():
    data = rescaled_slices_data()
    figure = plots.rescaled_slices(**data)
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(data["slices"])
    for axes, pair in zip(figure.axes, data["slices"].values(), strict=True):
        lines = lines_of(axes)
        np.testing.assert_array_equal(lines["as trained"][:, 1], pair[0])
        np.testing.assert_array_equal(lines["rescaled"][:, 1], pair[1])
        assert [line.get_linestyle() for line in axes.lines] == ["-", "--"]


def test_a_slice_shows_paths_starts_ends_and_networks():
    data = landscape_slice_data()
    axes, bar = plots.landscape_slice(**data).axes
    paths = data["paths"][:, :, 0].numpy()
    for run in range(3):
        path, start, end = axes.lines[3 * run : 3 * run + 3]
        np.testing.assert_array_equal(path.get_xydata(), paths[:, run])
        np.testing.assert_array_equal(start.get_xydata(), paths[:1, run])
        np.testing.assert_array_equal(end.get_xydata(), paths[-1:, run])
        assert path.get_color() == plots.METHOD_COLORS["gradient descent"]
        assert (start.get_marker(), end.get_marker()) == ("o", "s")
    stars = [tuple(line.get_xydata()[0]) for line in axes.lines[9:]]
    assert stars == [(0, 0), (1, 0.5)]
    assert [text.get_text() for text in axes.texts] == ["one", "two"]
    assert (axes.get_xlim(), axes.get_ylim()) == ((-1, 2), (-1, 2))
    assert axes.get_aspect() == 1
    assert bar.get_ylabel() == "loss"


def test_a_slice_needs_no_networks():
    data = landscape_slice_data()
    del data["networks"]
    axes, _ = plots.landscape_slice(**data).axes
    assert not axes.texts


def test_the_levels_of_a_slice_span_its_losses_in_equal_ratios():
    data = landscape_slice_data()
    axes, _ = plots.landscape_slice(**data).axes
    levels = axes.collections[0].levels
    losses = data["landscape"].mesh(15)[2]
    assert levels[[0, -1]] == pytest.approx([losses.min(), losses.max()])
    np.testing.assert_allclose(np.diff(np.log(levels)), np.log(levels[1] / levels[0]))


@pytest.mark.parametrize("steps", [None, [10 * number for number in range(9)]])
def test_each_size_has_a_panel_with_all_its_runs_on_one_scale(steps):
    data = losses_by_size_data()["losses"]
    figure = plots.losses_by_size(data, steps)
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(data)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    for axes, losses in zip(figure.axes, data.values(), strict=True):
        drawn = np.array([line.get_ydata() for line in axes.lines])
        np.testing.assert_array_equal(drawn.T, losses)
        np.testing.assert_array_equal(axes.lines[0].get_xdata(), steps or range(9))
        assert set(colors_of(axes)) == {color("momentum")}
        assert axes.get_yscale() == "log"
