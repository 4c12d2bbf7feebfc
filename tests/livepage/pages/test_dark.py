"""Colours on a dark page: readable, and with the meaning that they had."""

import colorsys

import pytest

from descent.plots import METHOD_COLORS
from livepage.pages.dark import GROUND, contrast, dark_color

GREYS = ["#000000", "#222222", "#555555", "#777777", "#b5b5b5", "#e4e4e4", "#f8f8f8", "#ffffff"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("black", "white", 21), ("#777", "#ffffff", 4.48), ("#0072b2", "white", 5.19)],
)
def test_contrast_is_that_of_the_wcag(one, other, expected):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(expected, abs=0.01)


def test_white_becomes_the_ground():
    assert dark_color("white") == dark_color("#ffffff") == GROUND
    assert dark_color("#fff", "#101010") == "#101010"


@pytest.mark.parametrize("grey", GREYS[2:])
def test_a_grey_is_as_far_from_the_ground_as_from_white(grey):
    far = contrast(grey, "white")
    assert contrast(dark_color(grey), GROUND) == pytest.approx(far, rel=0.06)


def test_greys_keep_their_order():
    far = [contrast(dark_color(grey), GROUND) for grey in GREYS]
    assert far == sorted(far, reverse=True)


@pytest.mark.parametrize("color", [*METHOD_COLORS.values(), "#56B4E9", "#882255", "#003350"])
def test_a_colour_is_seen_and_keeps_its_hue(color):
    dark = dark_color(color)
    assert contrast(dark, GROUND) >= 4.5
    if color != METHOD_COLORS["random search"]:  # a grey has no hue
        turned = abs(hue(dark) - hue(color))
        assert min(turned, 1 - turned) < 0.04


def test_what_is_white_on_a_colour_is_read_in_the_dark_too():
    for color in METHOD_COLORS.values():
        assert contrast(dark_color("white"), dark_color(color)) >= 4.5


def test_methods_are_still_told_apart():
    dark = {dark_color(color) for color in METHOD_COLORS.values()}
    assert len(dark) == len(METHOD_COLORS)


def test_a_pale_tint_stays_a_tint_of_the_ground():
    assert 1.1 < contrast(dark_color("#e2ebf1"), GROUND) < 1.6


def hue(color):
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)[0]
