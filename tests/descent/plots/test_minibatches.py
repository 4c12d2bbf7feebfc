"""What the figures of `descent.plots.minibatches` show."""

import itertools

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from tests.descent.plots.looking import contrast, lines_of
from tests.descent.plots.samples.minibatches import (
    batch_and_rate_map_data,
    floor_heights_data,
    gradient_clouds_data,
    gradient_variances_data,
    settling_data,
)

from descent import plots
from descent.plots.minibatches import SHADES


def test_shades_are_told_apart_from_each_other_and_from_the_page():
    light = [contrast(to_rgb(shade), "white") for shade in SHADES]
    assert min(light) > 2.4
    assert all(a / b > 1.5 for a, b in itertools.pairwise(sorted(light, reverse=True)))


def test_clouds_keep_every_distance_to_the_tip_of_the_full_gradient():
    data = gradient_clouds_data()
    panels = plots.gradient_clouds(**data).axes
    for axes, (size, cloud) in zip(panels, data["clouds"].items(), strict=True):
        dots = next(line.get_xydata() for line in axes.lines if len(line.get_xydata()) == 30)
        drawn = np.linalg.norm(dots - [1, 0], axis=1)
        true = (cloud - data["full"]).norm(dim=1) / data["full"].norm()
        np.testing.assert_allclose(drawn, true, rtol=1e-5)
        np.testing.assert_allclose(dots[:, 0], cloud[:, 0] / 2, rtol=1e-6)
        assert axes.get_title(loc="left") == ("1 point" if size == 1 else "16 points")
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        assert ((left < dots[:, 0]) & (dots[:, 0] < right)).all()
        assert ((bottom < dots[:, 1]) & (dots[:, 1] < top)).all()
        assert axes.get_aspect() == 1


def test_variances_are_points_beside_the_lines_of_the_formula():
    data = gradient_variances_data()
    [axes] = plots.gradient_variances(**data).axes
    for index, way in enumerate(data["measured"]):
        line, points = axes.lines[2 * index : 2 * index + 2]
        assert points.get_label() == way
        np.testing.assert_allclose(points.get_ydata(), data["measured"][way])
        formula = data["predicted"][way]
        np.testing.assert_allclose(line.get_ydata(), formula[formula > 0])
        assert line.get_color() == points.get_color()
    assert len(axes.lines[0].get_xdata()) == 9  # zero, at the whole data set, is off the scale
    assert axes.get_ylim()[0] > 0


def test_the_map_writes_each_loss_and_frames_the_least_of_each_row():
    data = batch_and_rate_map_data()
    data["losses"][1, 3] = torch.nan
    [axes] = plots.batch_and_rate_map(**data).axes
    losses = data["losses"].nan_to_num(torch.inf)
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    for (row, column), value in np.ndenumerate(losses.numpy()):
        assert texts[column, row] == ("–" if value >= 2.3 else f"{value:.2f}")
    frames = [tuple(line.get_xydata()[0]) for line in axes.lines]
    assert frames == [(losses[row].argmin(), row) for row in range(3)]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["4", "16", "64"]


def test_every_number_of_the_map_is_readable():
    data = batch_and_rate_map_data()
    data["losses"] = torch.logspace(-1, 0.5, 12).reshape(3, 4)
    [axes] = plots.batch_and_rate_map(**data).axes
    shown = axes.images[0]
    for text in axes.texts:
        column, row = text.get_position()
        background = shown.cmap(shown.norm(shown.get_array()[row, column]))[:3]
        assert contrast(text.get_color(), background) > 3.9


@pytest.mark.parametrize("predicted", [None, 0.012])
def test_settling_draws_each_run_and_the_predicted_floor(predicted):
    data = {**settling_data(), "predicted": predicted}
    [axes] = plots.settling(**data).axes
    lines = lines_of(axes)
    for name, values in data["excess"].items():
        np.testing.assert_allclose(lines[name][:, 1], values)
        np.testing.assert_array_equal(lines[name][:, 0], data["steps"])
    assert ("predicted floor" in lines) is (predicted is not None)
    assert axes.get_yscale() == "log"
    assert axes.get_ylim()[0] > 0


def test_floors_are_drawn_beside_the_line_of_the_formula():
    data = floor_heights_data()
    [axes] = plots.floor_heights(**data).axes
    lines = lines_of(axes)
    for index, size in enumerate(data["batch_sizes"]):
        np.testing.assert_allclose(lines[f"B = {size}"][:, 0], data["ratios"][index])
        np.testing.assert_allclose(lines[f"B = {size}"][:, 1], data["floors"][index])
    x, y = lines["lr/B · V/4"].T
    np.testing.assert_allclose(y, 20 * x)
