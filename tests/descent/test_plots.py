"""Every figure: that it is drawn, says what its axes are, and shows the numbers it was given."""

import functools
import inspect
import io
import itertools
import json
import os
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from descent import plots
from descent.landscapes import CONVEX_POLYNOMIAL, NONCONVEX_POLYNOMIAL, RAVINE, local_minima

METHODS = list(plots.METHOD_COLORS)
STAGES = list(plots.STAGE_COLORS)


@pytest.fixture(autouse=True, scope="module")
def _book_style():
    with mpl.rc_context():
        plots.use_style()
        yield


# ---- Small data of the documented shapes, one set for each figure


def numbers(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def overview_data():
    return {
        "landscape": RAVINE,
        "paths": {m: numbers(6, 2, seed=i) for i, m in enumerate(METHODS)},
        "losses": {m: 0.1 + numbers(9, seed=i) for i, m in enumerate(METHODS[:3])},
        "images": numbers(4, 28, 28),
        "labels": torch.tensor([3, 1, 4, 1]),
        "predictions": torch.tensor([3, 7, 4, 1]),
    }


def polynomials_data(starts=4):
    return {
        "convex": CONVEX_POLYNOMIAL,
        "convex_paths": 4 * numbers(8, starts, seed=1) - 3,
        "nonconvex": NONCONVEX_POLYNOMIAL,
        "nonconvex_paths": 3 * numbers(8, starts, seed=2) - 2,
    }


def digits_data(count=2):
    images = 3 * numbers(count, 28, 28) - 0.4
    return {"images": images, "labels": torch.arange(count) + 5, "patch": 6}


def surrogate_data():
    fractions = torch.linspace(0, 1, 41)
    return {
        "fractions": fractions,
        "error_rates": 0.9 - 0.8 * (5 * fractions).floor() / 5,
        "losses": 2.3 * (-2 * fractions).exp(),
        "slope_at": 12,
    }


def segments_data(count=5):
    return {"fractions": torch.linspace(0, 1, 11), "losses": numbers(count, 11)}


def class_filters_data():
    return {"weights": torch.nn.Parameter(numbers(10, 784) - 0.3)}


def search_progress_data():
    return {
        "losses": {
            "random search": numbers(12, 4),
            "gradient descent": numbers(12, 1, seed=1),
        }
    }


def update_histograms_data(stages=STAGES):
    return {
        "changes": {s: 0.01 * (numbers(60, seed=i) - 0.4) for i, s in enumerate(stages)},
        "gradient_changes": {s: -0.02 - 0.01 * i for i, s in enumerate(stages)},
    }


def slopes_by_dimension_data():
    return {
        "dimensions": [2, 10, 100, 7850],
        "best_shares": [0.99, 0.7, 0.24, 0.03],
        "typical_shares": [0.7, 0.3, 0.1, 0.011],
    }


def improving_shares_data():
    lengths = torch.logspace(-3, 1, 9)
    falling = 0.5 - 0.05 * torch.arange(9)
    return {
        "lengths": lengths,
        "measured": {s: falling - 0.02 * i for i, s in enumerate(STAGES)},
        "predicted": {s: falling - 0.03 * i for i, s in enumerate(STAGES)},
    }


def stable_steps_data():
    multiples = torch.linspace(0.5, 2.5, 9)
    return {"multiples": multiples, "excess_losses": (3 * multiples - 6).exp()}


FIGURES = {
    plots.overview: overview_data,
    plots.polynomials: polynomials_data,
    plots.digits_with_values: digits_data,
    plots.surrogate: surrogate_data,
    plots.segments: segments_data,
    plots.class_filters: class_filters_data,
    plots.search_progress: search_progress_data,
    plots.update_histograms: update_histograms_data,
    plots.slopes_by_dimension: slopes_by_dimension_data,
    plots.improving_shares: improving_shares_data,
    plots.stable_steps: stable_steps_data,
}
every_figure = pytest.mark.parametrize("figure_function", FIGURES, ids=lambda f: f.__name__)


def draw(figure_function):
    return figure_function(**FIGURES[figure_function]())


@functools.cache
def drawn_once(figure_function):
    """A figure that several tests look at, and the data that it was given."""
    data = FIGURES[figure_function]()
    return figure_function(**data), data


@functools.cache
def first_svg(figure_function):
    return as_svg(drawn_once(figure_function)[0])


def as_svg(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def as_pixels(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=60)
    buffer.seek(0)
    return mpl.image.imread(buffer)


def tensors_in(value):
    parts = value.values() if isinstance(value, dict) else []
    return [value] if torch.is_tensor(value) else [x for part in parts for x in tensors_in(part)]


def lines_of(axes):
    """The points of every line, by its label; lines without one are numbered."""
    return {line.get_label(): line.get_xydata() for line in axes.lines}


def colors_of(axes):
    return [to_hex(line.get_color()).upper() for line in axes.lines]


def color(method):
    return plots.METHOD_COLORS[method].upper()


# ---- All figures


def test_every_public_figure_function_has_data_here():
    public = {
        function
        for name, function in inspect.getmembers(plots, inspect.isfunction)
        if function.__module__ == plots.__name__ and not name.startswith("_")
    }
    assert public - {plots.use_style} == set(FIGURES)


@every_figure
def test_a_figure_is_drawn_as_svg_and_png(figure_function):
    figure, _ = drawn_once(figure_function)
    assert isinstance(figure, Figure)
    svg, pixels = first_svg(figure_function), as_pixels(figure)
    assert b"<svg" in svg
    assert svg.rstrip().endswith(b"</svg>")
    width, height = 60 * figure.get_size_inches()
    assert pixels.shape[:2] == (pytest.approx(height, abs=1), pytest.approx(width, abs=1))
    assert len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)) > 5


@every_figure
def test_the_same_input_gives_the_same_svg_to_the_byte(figure_function):
    assert as_svg(draw(figure_function)) == first_svg(figure_function)
    assert b"dc:date" not in first_svg(figure_function)


@every_figure
def test_axes_with_ticks_say_what_they_show(figure_function):
    figure, _ = drawn_once(figure_function)
    shown = [axes for axes in figure.axes if axes.axison]
    assert all(axes.get_ylabel() for axes in shown if len(axes.get_yticks()))
    assert all(axes.get_xlabel() for axes in shown[-1:] if len(axes.get_xticks()))


@every_figure
def test_a_figure_leaves_its_input_as_it_was(figure_function):
    data, same = drawn_once(figure_function)[1], FIGURES[figure_function]()
    assert all(torch.equal(*pair) for pair in zip(*map(tensors_in, (data, same)), strict=True))


@every_figure
def test_a_figure_is_not_registered_with_pyplot_and_so_shown_once(figure_function):
    import matplotlib.pyplot as plt

    drawn_once(figure_function)
    assert plt.get_fignums() == []


@every_figure
def test_a_figure_has_the_width_of_the_page(figure_function):
    figure, _ = drawn_once(figure_function)
    assert figure.get_figwidth() == plots.WIDTH == mpl.rcParams["figure.figsize"][0]


# ---- Colours


CONE_DEFICIENCIES = {  # Machado, Oliveira and Fernandes (2009), severity 1.0, linear RGB
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(color, deficiency):
    """CIE L*a*b* of a colour as it is seen."""
    seen = np.clip(np.array(CONE_DEFICIENCIES[deficiency]) @ linear(color), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ seen / [0.9505, 1, 1.089]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("deficiency", CONE_DEFICIENCIES)
@pytest.mark.parametrize("colors", [plots.METHOD_COLORS, plots.STAGE_COLORS])
def test_colors_are_told_apart_by_all_kinds_of_colour_vision(colors, deficiency):
    least = 40 if deficiency == "none" else 15  # a difference of 2 to 3 is just seen
    for one, other in itertools.combinations(colors.values(), 2):
        assert np.linalg.norm(lab(one, deficiency) - lab(other, deficiency)) > least


def contrast(one, other):
    """The contrast ratio of WCAG 2."""
    light, dark = sorted(
        (linear(color) @ [0.2126, 0.7152, 0.0722] for color in (one, other)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


# ---- Style


def test_style_gives_the_size_and_hides_what_changes_between_builds():
    assert mpl.rcParams["figure.figsize"] == [5.2, 3.2]
    assert mpl.rcParams["svg.hashsalt"]
    assert mpl.rcParams["figure.constrained_layout.use"]


SCRIPT = """
import json, sys
import torch
from descent import plots

plots.use_style()
from IPython.core.interactiveshell import InteractiveShell

found = {"started": InteractiveShell.initialized()}
plots.stable_steps(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0])).savefig(sys.argv[1])

shell = InteractiveShell.instance()
plots.use_style()
figure = plots.stable_steps(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0]))
data, _ = shell.display_formatter.format(figure)
found["formats"] = sorted(data)
found["dated"] = "dc:date" in data.get("image/svg+xml", "")
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def in_a_script(tmp_path_factory):
    """What happens in a process of its own: first as a plain script, then in a notebook's shell."""
    folder = tmp_path_factory.mktemp("script")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, folder / "figure.svg"],
        env={**os.environ, "IPYTHONDIR": str(folder / "ipython")},
        capture_output=True,
        text=True,
        check=True,
    )
    return {**json.loads(done.stdout.splitlines()[-1]), "figure": folder / "figure.svg"}


def test_style_works_in_a_script_and_starts_no_notebook_there(in_a_script):
    assert in_a_script["started"] is False
    assert "<svg" in in_a_script["figure"].read_text()


def test_in_a_notebook_figures_are_vector_graphics_without_a_date(in_a_script):
    assert in_a_script["formats"] == ["image/svg+xml", "text/plain"]
    assert in_a_script["dated"] is False


# ---- Chapter 1


def test_overview_draws_the_path_and_the_loss_of_each_method_in_its_color():
    data = overview_data()
    ravine, training, _ = plots.overview(**data).axes
    lines = lines_of(ravine)
    for method, path in data["paths"].items():
        np.testing.assert_array_equal(lines[method], path)
    assert ravine.get_xlabel()
    assert colors_of(ravine)[:5] == [color(method) for method in METHODS]
    assert lines["minimum"].tolist() == [[0, 0]]
    assert colors_of(training) == [color(method) for method in data["losses"]]
    for line, losses in zip(training.lines, data["losses"].values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), losses)
        np.testing.assert_array_equal(line.get_xdata(), np.arange(len(losses)))


def test_overview_marks_what_was_read_right_and_what_was_read_wrong():
    figure = plots.overview(**overview_data())
    reading = figure.axes[2]
    assert [text.get_text() for text in reading.texts] == ["3 ✓", "7 ✗", "4 ✓", "1 ✓"]
    assert len({text.get_color() for text in reading.texts}) == 2
    shown = reading.images[0].get_array()
    assert shown.shape == (28, 4 * 28)
    np.testing.assert_array_equal(shown[:, 28:56], overview_data()["images"][1])


def test_overview_names_every_method_in_its_legend():
    [legend] = plots.overview(**overview_data()).legends
    assert [text.get_text() for text in legend.get_texts()] == [*METHODS, "minimum"]


# ---- Chapter 2


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


# ---- Chapter 3


def test_search_progress_draws_each_run_in_the_color_of_its_method():
    data = search_progress_data()["losses"]
    [axes] = plots.search_progress(data).axes
    runs = torch.cat(list(data.values()), dim=1).T
    assert len(axes.lines) == 5
    for line, losses in zip(axes.lines, runs, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), losses)
    assert colors_of(axes) == [color("random search")] * 4 + [color("gradient descent")]
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["random search", "gradient descent"]
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize("stages", [STAGES, STAGES[:1]], ids=["two stages", "one stage"])
def test_histograms_count_every_random_step_and_mark_the_gradient_step(stages):
    data = update_histograms_data(stages)
    figure = plots.update_histograms(**data)
    assert len(figure.axes) == len(stages)
    for axes, stage in zip(figure.axes, stages, strict=True):
        values = data["changes"][stage].numpy()
        assert sum(bar.get_height() for bar in axes.patches) == len(values)
        left, right = axes.patches[0], axes.patches[-1]
        assert left.get_x() == pytest.approx(values.min())
        assert right.get_x() + right.get_width() == pytest.approx(values.max())
        zero, step = (line.get_xdata()[0] for line in axes.lines)
        assert (zero, step) == (0, data["gradient_changes"][stage])
        assert colors_of(axes)[1] == color("gradient descent")
        assert axes.get_title(loc="left").lower() == stage


def test_slopes_are_drawn_beside_one_over_the_root_of_the_dimension():
    data = slopes_by_dimension_data()
    [axes] = plots.slopes_by_dimension(**data).axes
    lines = lines_of(axes)
    n = np.array(data["dimensions"])
    assert all(np.array_equal(points[:, 0], n) for points in lines.values())
    assert lines["gradient"][:, 1].tolist() == [1] * 4
    assert lines["best of 100 directions"][:, 1].tolist() == data["best_shares"]
    assert lines["typical direction"][:, 1].tolist() == data["typical_shares"]
    np.testing.assert_allclose(lines["1/√n"][:, 1], 1 / np.sqrt(n))
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_improving_shares_are_percentages_in_the_color_of_their_stage():
    data = improving_shares_data()
    [axes] = plots.improving_shares(**data).axes
    for index, stage in enumerate(STAGES):
        for line, shares in zip(
            axes.lines[2 * index :], (data["measured"], data["predicted"]), strict=False
        ):
            np.testing.assert_allclose(line.get_ydata(), 100 * shares[stage], rtol=1e-6)
            np.testing.assert_array_equal(line.get_xdata(), data["lengths"])
            assert line.get_color() == plots.STAGE_COLORS[stage]
        assert axes.lines[2 * index].get_label() == f"{stage}, measured"


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_every_share_from_none_to_all_is_inside_the_picture(share):
    data = improving_shares_data()
    data["measured"]["untrained"] = torch.full((9,), share)
    [axes] = plots.improving_shares(**data).axes
    low, high = axes.get_ylim()
    assert low < 100 * share < high


def test_stable_steps_mark_two_over_l_and_keep_what_diverged_out_of_the_scale():
    multiples = torch.linspace(0.5, 2.5, 9)
    excess = (3 * multiples - 6).exp()
    excess[-2:] = torch.tensor([torch.inf, torch.nan])
    figure = plots.stable_steps(multiples, excess)
    as_pixels(figure)
    [axes] = figure.axes
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), excess)
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), multiples)
    assert axes.lines[1].get_xdata() == [2, 2]
    assert axes.get_yscale() == "log"
    assert np.isfinite(axes.get_ylim()).all()
    assert [text.get_text() for text in axes.texts] == ["lr = 2/L"]
