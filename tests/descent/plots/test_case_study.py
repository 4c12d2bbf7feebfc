"""What the figures of `descent.plots.case_study` show."""

import itertools

import numpy as np
import pytest
import torch
from tests.descent.plots.looking import (
    contrast,
    lines_of,
)
from tests.descent.plots.samples.case_study import (
    class_filters_data,
    digits_data,
    polynomials_data,
    segments_data,
    surrogate_data,
)

from descent import plots
from descent.landscapes import local_minima


@pytest.mark.parametrize("starts", [1, 4, 8])
def test_polynomials_draw_every_start_on_the_curve_and_a_star_on_every_minimum(starts):
    data = polynomials_data(starts)
    figure = plots.polynomials(**data)
    for axes, name in zip(figure.axes, ("convex", "nonconvex"), strict=True):
        function, paths = data[name], data[f"{name}_paths"].numpy()
        drawn = [line.get_xydata() for line in axes.lines]
        for points in drawn:
            np.testing.assert_allclose(points[:, 1], function(points[:, 0]))
        for path in paths.T:
            assert any(len(xy) == 8 and np.array_equal(xy[:, 0], path) for xy in drawn)
            assert any(len(xy) == 1 and xy[0, 0] == path[0] for xy in drawn)
        np.testing.assert_allclose(lines_of(axes)["minimum"][:, 0], local_minima(function))


def grid_of_texts(axes, size):
    texts = {text.get_position(): text for text in axes.texts}
    return [[texts[column, row] for column in range(size)] for row in range(size)]


def test_digits_carry_the_value_of_every_pixel_of_the_liveliest_patch():
    data = digits_data()
    size, figure = data["patch"], plots.digits_with_values(**data)
    panels = zip(figure.axes[::2], figure.axes[1::2], strict=True)
    for (whole, magnified), image in zip(panels, data["images"].numpy(), strict=True):
        corners = itertools.product(range(28 - size + 1), repeat=2)
        top, left = max(corners, key=lambda c: image[c[0] :, c[1] :][:size, :size].var())
        patch = image[top : top + size, left : left + size]
        np.testing.assert_array_equal(magnified.images[0].get_array(), patch)
        assert len(magnified.texts) == size**2
        written = [[t.get_text() for t in row] for row in grid_of_texts(magnified, size)]
        assert np.abs(np.array(written, dtype=float) - patch).max() <= 0.05 + 1e-6
        np.testing.assert_array_equal(whole.images[0].get_array(), image)
        [frame] = whole.patches
        assert frame.get_bbox().bounds == (left - 0.5, top - 0.5, size, size)


def test_digits_are_labelled_and_share_one_scale_of_grey():
    data = digits_data(3)
    figure = plots.digits_with_values(**data)
    titles = [axes.get_title(loc="left") for axes in figure.axes[::2]]
    assert titles == ["Label: 5", "Label: 6", "Label: 7"]
    limits = {axes.images[0].get_clim() for axes in figure.axes}
    assert limits == {(data["images"].min().item(), data["images"].max().item())}


def test_values_are_readable_on_the_grey_of_their_pixel():
    images = torch.linspace(-0.4, 2.8, 256).reshape(1, 16, 16)
    magnified = plots.digits_with_values(images, torch.tensor([0]), patch=16).axes[1]
    shown = magnified.images[0]
    for row in grid_of_texts(magnified, 16):
        for text in row:
            column, line = text.get_position()
            background = shown.cmap(shown.norm(shown.get_array()[line, column]))[:3]
            assert contrast(text.get_color(), background) > 3.9


def test_one_digit_alone_is_drawn():
    figure = plots.digits_with_values(**digits_data(1))
    assert len(figure.axes) == 2
    assert len(figure.axes[1].texts) == 36


def test_surrogate_draws_both_losses_and_the_true_tangent():
    data = surrogate_data()
    upper, lower = plots.surrogate(**data).axes
    np.testing.assert_allclose(upper.lines[0].get_ydata(), 100 * data["error_rates"])
    curve, tangent, point = (line.get_xydata() for line in lower.lines)
    np.testing.assert_array_equal(curve[:, 1], data["losses"])
    x, y = data["fractions"][12].item(), data["losses"][12].item()
    assert point.tolist() == [[x, y]]
    slopes = np.diff(tangent[:, 1]) / np.diff(tangent[:, 0])
    np.testing.assert_allclose(slopes, -2 * y, rtol=0.01)
    assert np.interp(x, *tangent.T) == pytest.approx(y, rel=1e-6)


@pytest.mark.parametrize("count", [1, 5])
def test_segments_draw_every_loss_and_the_chord_of_the_first(count):
    data = segments_data(count)
    [axes] = plots.segments(**data).axes
    lines = lines_of(axes)
    assert len(lines) == count + 1
    np.testing.assert_array_equal(lines["loss on one segment"][:, 1], data["losses"][0])
    chord = lines["its chord, never below"]
    np.testing.assert_array_equal(chord[:, 0], [0, 1])
    np.testing.assert_array_equal(chord[:, 1], data["losses"][0, [0, -1]])
    assert f"{count} random" in axes.get_title(loc="left")


def test_class_filters_share_one_scale_on_which_zero_is_white():
    weights = class_filters_data()["weights"]
    *panels, bar = plots.class_filters(weights).axes
    assert [axes.get_title() for axes in panels] == [str(digit) for digit in range(10)]
    largest = weights.abs().max().item()
    for axes, filter_ in zip(panels, weights.detach(), strict=True):
        [image] = axes.images
        np.testing.assert_array_equal(image.get_array(), filter_.reshape(28, 28))
        assert image.get_clim() == pytest.approx((-largest, largest))
        red, green, blue, _ = image.cmap(image.norm(largest))
        assert red > 2 * max(green, blue)
        assert min(image.cmap(image.norm(0.0))) > 0.95
    assert "red speaks for" in bar.get_xlabel()
