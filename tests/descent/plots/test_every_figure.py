"""Every figure: that it is drawn, says what its axes are, and leaves its input alone."""

import functools
import inspect

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from matplotlib.text import Text
from tests.descent.plots.looking import as_pixels, as_svg
from tests.descent.plots.samples import FIGURES, drawn_once

from descent import plots

every_figure = pytest.mark.parametrize("figure_function", FIGURES, ids=lambda f: f.__name__)


def draw(figure_function):
    return figure_function(**FIGURES[figure_function]())


@functools.cache
def first_svg(figure_function):
    return as_svg(drawn_once(figure_function)[0])


def box_in(box, outer):
    return outer.x0 <= box.x0 and box.x1 <= outer.x1 and outer.y0 <= box.y0 and box.y1 <= outer.y1


def words_of(figure):
    """What is written in a figure, but for the labels of ticks and the legends."""
    texts = list(figure.texts)
    for axes in figure.axes:
        titles = [child for child in axes.get_children() if isinstance(child, Text)]
        texts += [*titles, axes.xaxis.label, axes.yaxis.label]
    return [text for text in texts if text.get_visible() and text.get_text()]


def tensors_in(value):
    parts = value.values() if isinstance(value, dict) else []
    return [value] if torch.is_tensor(value) else [x for part in parts for x in tensors_in(part)]


def test_every_public_figure_function_has_data_here():
    public = {
        function
        for name, function in inspect.getmembers(plots, inspect.isfunction)
        if name in plots.__all__
    }
    assert public - {plots.use_style} == set(FIGURES)


def test_every_figure_function_can_be_called_from_plots():
    modules = [module for _, module in inspect.getmembers(plots, inspect.ismodule)]
    settled = {
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if hasattr(function, "__wrapped__") and function.__module__ == module.__name__
    }
    assert settled <= set(plots.__all__)


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
def test_no_word_is_cut_off(figure_function):
    figure, _ = drawn_once(figure_function)
    figure.draw_without_rendering()
    page = figure.bbox.padded(1)
    boxes = {text.get_text(): text.get_window_extent() for text in words_of(figure)}
    assert [words for words, box in boxes.items() if not box_in(box, page)] == []
    everything = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert box_in(everything, page), f"{everything} is more than {page}"


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
