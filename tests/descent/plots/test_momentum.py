"""What the figures of `descent.plots.momentum` show."""

import math
import warnings

import numpy as np
import pytest
import torch
from tests.descent.plots.looking import as_pixels, color, colors_of, lines_of
from tests.descent.plots.samples.momentum import (
    BETAS,
    at_their_best_data,
    look_ahead_data,
    momentum_demo_data,
    ravine_paths_data,
    settings_map_data,
    spiral,
    steps_per_digit_data,
    two_curvatures_data,
    velocities_data,
)

from descent import plots


def test_ravine_paths_draw_every_step_in_a_panel_of_its_own():
    data = ravine_paths_data()
    figure = plots.ravine_paths(**data)
    assert len(figure.axes) == 2
    for axes, (title, path) in zip(figure.axes, data["paths"].items(), strict=True):
        assert axes.get_title(loc="left") == title
        np.testing.assert_array_equal(axes.lines[0].get_xydata(), path)
        np.testing.assert_array_equal(axes.lines[1].get_xydata(), path[:1])
        assert axes.lines[2].get_xydata().tolist() == [[0, 0]]
        assert colors_of(axes)[0] == color("gradient descent")


def test_cuts_go_through_the_minimum_and_name_their_curvature():
    data = two_curvatures_data() | {"minimum": torch.tensor([3.0, -1.0], dtype=torch.float64)}
    data["losses_fn"] = lambda points: two_curvatures_data()["losses_fn"](points - data["minimum"])
    above, cuts = plots.two_curvatures(**data, reach=2.0).axes
    lines = lines_of(cuts)
    for name, curvature in (("along u", 0.25), ("along v", 4.0)):
        x, losses = lines[f"{name}: curvature {curvature:.2g}"].T
        assert (x.min(), x.max()) == (-2, 2)
        np.testing.assert_allclose(losses, curvature * x**2 / 2, atol=1e-12)
    assert (*above.get_xlim(), *above.get_ylim()) == (1, 5, -3, 1)
    horizontal, vertical, star = above.lines
    assert horizontal.get_ydata()[0] == -1
    assert vertical.get_xdata()[0] == 3
    assert star.get_xydata().tolist() == [[3, -1]]
    assert horizontal.get_linestyle() == cuts.lines[0].get_linestyle() != vertical.get_linestyle()


def test_velocities_of_each_beta_are_told_apart_without_colour():
    data = velocities_data()
    figure = plots.velocities(**data)
    for axes, (title, values) in zip(figure.axes, data["velocities"].items(), strict=True):
        assert axes.get_title(loc="left") == title
        assert len({line.get_marker() for line in axes.lines}) == len(BETAS)
        for line, column, beta in zip(axes.lines, values.T, BETAS, strict=True):
            np.testing.assert_array_equal(line.get_ydata(), column)
            assert line.get_xdata().tolist() == list(range(1, 13))
            assert line.get_label() == f"β = {beta:g}"
        assert colors_of(axes) == [color("gradient descent")] + [color("momentum")] * 2


@pytest.mark.parametrize(
    ("heavy", "verdict"), [(0.5, "task met after 20 steps"), (0.8, "task not met in 40 steps")]
)
def test_the_demo_draws_paths_and_distances_and_says_whether_the_task_is_met(heavy, verdict):
    data = momentum_demo_data(heavy=heavy)
    figure = plots.momentum_demo(**data)
    above, *panels = figure.axes
    for method, path in data["paths"].items():
        np.testing.assert_array_equal(lines_of(above)[method], path)
    for column, axes in enumerate(panels):
        for line, method in zip(axes.lines, data["paths"], strict=False):
            expected = data["paths"][method][:, column].abs()
            np.testing.assert_allclose(line.get_ydata(), expected.clamp(min=1e-12))
            assert line.get_color() == plots.METHOD_COLORS[method]
        assert axes.lines[2].get_ydata() == [1e-6, 1e-6]
        assert axes.get_yscale() == "log"
    said = panels[0].get_title(loc="left")
    assert said == f"Gradient descent: task not met in 40 steps\nMomentum: {verdict}"
    assert len({line.get_linestyle() for line in panels[0].lines}) == 3


def test_the_demo_holds_all_of_a_path_and_survives_one_that_diverges():
    data = momentum_demo_data()
    left, right = plots.momentum_demo(**data).axes[0].get_xlim()
    assert left < -2 < 0 < right
    data["paths"]["momentum"] = spiral(3.0, steps=700)
    assert not data["paths"]["momentum"].isfinite().all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = plots.momentum_demo(**data)
        as_pixels(figure)
    assert max(map(abs, figure.axes[0].get_xlim())) < 100
    assert "Momentum: task not met" in figure.axes[1].get_title(loc="left")


def test_steps_per_digit_are_drawn_beside_their_formula():
    data = steps_per_digit_data()
    [axes] = plots.steps_per_digit(**data).axes
    lines = lines_of(axes)
    for method, measured in data["factors"].items():
        x, y = lines[f"{method}, measured"].T
        assert x.tolist() == data["kappas"]
        np.testing.assert_allclose(measured.numpy() ** y, 0.1, rtol=1e-5)
    x, y = lines["(κ − 1)/(κ + 1)"].T
    np.testing.assert_allclose(((x - 1) / (x + 1)) ** y, 0.1)
    x, y = lines["(√κ − 1)/(√κ + 1)"].T
    np.testing.assert_allclose(((x**0.5 - 1) / (x**0.5 + 1)) ** y, 0.1)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_the_map_shows_the_steps_and_leaves_out_what_diverged():
    data = settings_map_data()
    axes, bar = plots.settings_map(**data).axes
    drawn = axes.collections[0].get_array()
    np.testing.assert_array_equal(drawn.mask, data["steps"].isinf())
    np.testing.assert_allclose(drawn.compressed(), data["steps"][data["steps"].isfinite()])
    assert axes.patch.get_hatch() is not None  # seen where nothing is drawn
    most = int(data["steps"][data["steps"].isfinite()].max())
    assert bar.get_xticklabels()[-1].get_text() == f"{most}+"
    assert {text.get_text() for text in axes.texts} == {"diverges", "oscillates", "smooth"}


def test_the_lines_of_the_map_are_where_the_roots_of_the_recursion_change():
    *_, star = lines = settings_lines()
    stable, critical_steep, critical_flat, turning_steep = lines[:4]
    for (lr, beta), kappa, where in (
        *((point, 1, "unit circle") for point in stable),
        *((point, 1, "double") for point in critical_steep),
        *((point, 9, "double") for point in critical_flat),
        *((point, 1, "double") for point in turning_steep),
    ):
        trace = 1 + beta - lr / kappa
        if where == "double":
            assert trace**2 == pytest.approx(4 * beta, abs=1e-9)
        else:
            assert abs(np.roots([1, -trace, beta])).max() == pytest.approx(1, abs=1e-6)
        assert lr <= 2 * (1 + beta) + 1e-9
    [(lr, beta)] = star
    root = (math.sqrt(9) - 1) / (math.sqrt(9) + 1)
    assert (lr, beta) == pytest.approx((4 / (1 + 1 / 3) ** 2, root**2))


def settings_lines():
    [axes, _] = plots.settings_map(**settings_map_data()).axes
    return [
        points[np.isfinite(points).all(axis=1)]
        for points in (line.get_xydata() for line in axes.lines)
    ]


def test_the_best_of_each_beta_is_circled_against_lr_and_effective_step():
    data = at_their_best_data()
    data["excess_losses"][1, 4] = torch.nan
    data["excess_losses"][2, 5] = torch.inf
    figure = plots.at_their_best(**data)
    as_pixels(figure)
    for axes, stretch in zip(figure.axes, (lambda beta: 1, lambda beta: 1 - beta), strict=True):
        curves, circles = axes.lines[0::2], axes.lines[1::2]
        for curve, circle, losses, beta in zip(
            curves, circles, data["excess_losses"], BETAS, strict=True
        ):
            np.testing.assert_allclose(curve.get_xdata(), data["lrs"] / stretch(beta), rtol=1e-6)
            np.testing.assert_array_equal(curve.get_ydata(), losses)
            assert circle.get_ydata() == [np.nanmin(losses)]
        assert len({curve.get_marker() for curve in curves}) == len(BETAS)
        assert colors_of(axes)[0::2] == [color("gradient descent")] + [color("momentum")] * 2
        assert np.isfinite(axes.get_ylim()).all()


def test_both_kinds_of_momentum_share_a_colour_and_differ_in_their_lines():
    data = look_ahead_data()["distances"]
    figure = plots.look_ahead(data)
    for column, axes in enumerate(figure.axes):
        assert colors_of(axes) == [color("momentum")] * 2
        assert len({line.get_linestyle() for line in axes.lines}) == 2
        for name, values in data.items():
            np.testing.assert_allclose(
                lines_of(axes)[name][:, 1], values[:, column].clamp(min=1e-12)
            )
