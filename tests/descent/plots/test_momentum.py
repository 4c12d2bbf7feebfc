"""What the figures of `descent.plots.momentum` show."""

import numpy as np
import torch
from tests.descent.plots.looking import as_pixels, color, colors_of, lines_of
from tests.descent.plots.samples.momentum import (
    BETAS,
    at_their_best_data,
    look_ahead_data,
    ravine_paths_data,
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
