"""Figures carry colours for a dark page, beside the light ones."""

import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from tests.livepage.conftest import figure_cell

from livepage.pages.dark import GROUND, contrast
from livepage.pages.figures import with_dark

RULE = re.compile(r'\[style\*="(fill|stroke): (#\w{6})"\] \{ \1: (#\w{6}) !important \}')


def drawn(draw):
    figure = Figure()
    draw(figure.subplots())
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue()


def rules(svg):
    return {(kind, color): dark for kind, color, dark in RULE.findall(svg)}


def test_light_colours_stay_and_dark_ones_are_added():
    light = drawn(lambda axes: axes.plot([0, 1], color="#0072b2"))
    both = with_dark(light)
    without = re.sub(r"\s*<style>@media.*?</style>", "", both)
    assert without == light.replace("<g transform", '<g style="fill: #000000" transform')
    assert both.count("@media (prefers-color-scheme: dark)") == 1
    assert rules(both)["fill", "#ffffff"] == GROUND
    assert contrast(rules(both)["stroke", "#0072b2"], GROUND) >= 4.5
    assert len(both) < 1.1 * len(light)


def test_pale_words_are_made_readable_and_marks_are_not():
    def draw(axes):
        axes.plot([0, 1], color="#009e73")
        axes.set_title("pale", color="#009e73")

    both = with_dark(drawn(draw))
    word = re.search(r'<!-- pale -->\s*<g style="fill: (#\w+)', both)[1]
    assert 4.5 <= contrast(word, "white") < 5
    assert "stroke: #009e73" in both


def test_words_without_a_colour_are_read_in_the_dark():
    both = with_dark(drawn(lambda axes: axes.set_title("words", color="black")))
    assert contrast(rules(both)["fill", "#000000"], GROUND) > 10


@pytest.mark.parametrize("color", ["black", "white"])
def test_words_on_an_image_keep_their_colour(color):
    def draw(axes):
        axes.imshow(np.eye(2), cmap="Blues")
        axes.text(0.4, 0.4, "inside", color=color)
        axes.set_title("outside", color=color)

    both = with_dark(drawn(draw))
    inside = re.search(r'<!-- inside -->\s*<g style="fill: (\w+)', both)
    assert inside[1] == color
    outside = re.search(r'<!-- outside -->\s*<g(?: style="fill: (#?\w+))?', both)
    assert outside[1] == {"black": "#000000", "white": "#ffffff"}[color]


def test_pixels_of_an_image_are_not_changed():
    light = drawn(lambda axes: axes.imshow(np.eye(3)))
    pixels = re.compile(r"data:image/png;base64,[^\"]*")
    assert pixels.search(with_dark(light))[0] == pixels.search(light)[0]


def test_figures_of_a_site_follow_and_other_pictures_do_not(small_book):
    code = "from matplotlib.figure import Figure\nfigure = Figure()\nfigure.subplots()\nfigure"
    formats = "from matplotlib_inline.backend_inline import set_matplotlib_formats"
    setup = f"{formats}\nset_matplotlib_formats('svg')"
    small_book.append("first", figure_cell(f"{setup}\n{code}"))
    small_book.append("first", "![The logo](_static/logo.svg)\n")
    status, output = small_book.build()
    assert status == 0, output
    pictures = [path.read_text() for path in (small_book.site / "_images").glob("*.svg")]
    assert len(pictures) == 2
    follow = ["prefers-color-scheme: dark" in text for text in pictures]
    drawn_by_us = ["<dc:title>Matplotlib" in text for text in pictures]
    assert follow == drawn_by_us
    assert sum(follow) == 1
