"""The colours of a picture on a dark page: what each one means, and how well it is seen, stays.

A grey is as far from the ground as it was on white. A colour keeps its hue, and becomes lighter
where it would be too faint. So white on a bar becomes dark on a lighter bar, and is read as well.
What is written as ``rgb(...)``, as maps of colours are, stays as it is.
"""

import re
from functools import cache

import numpy as np

GROUND = "#14171c"
"""What white becomes: the ground of a dark page."""
FARTHEST = 15.0
"""The contrast of what was black. More glares."""
LEAST = 4.6
"""The contrast of colours, so that words may have them too."""
GREY, TINT = 0.05, 0.09
"""The chroma below which a colour is a grey, and below which a pale one is a tint of the ground."""
PALE = 1.6

COLOR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|\b(?:white|black)\b")
NAMES = {"white": "#ffffff", "black": "#000000"}

# OKLab, by Björn Ottosson (2020): https://bottosson.github.io/posts/oklab/
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


@cache
def dark_color(color, ground=GROUND):
    """Return what a colour that is made for white becomes on a dark ground.

    Parameters
    ----------
    color, ground : str
        As ``#rrggbb``, as ``#rgb``, or ``white`` or ``black``.
    """
    linear = _linear(color)
    if (linear == 1).all():
        return ground
    lab = LAB @ np.cbrt(CONES @ linear)
    chroma, on_white = np.hypot(*lab[1:]), contrast(color, "white")
    if chroma < GREY or (chroma < TINT and on_white < PALE):
        return _with_contrast(lab, min(1.03 * on_white, FARTHEST), ground)
    if contrast(color, ground) >= LEAST:
        return color
    return _with_contrast(lab, LEAST, ground)


@cache
def readable_color(color):
    """Return a colour for words on white: itself, or as much darker as they need.

    Parameters
    ----------
    color : str
        As for `dark_color`.
    """
    if contrast(color, "white") >= LEAST:
        return color
    lab = LAB @ np.cbrt(CONES @ _linear(color))
    lightness = np.linspace(lab[0], 0, 100)
    darker = (_hexadecimal(value, *lab[1:]) for value in lightness)
    return next(shade for shade in darker if contrast(shade, "white") >= LEAST)


def dark_style(rules):
    """Return the element of SVG with which a picture follows the page that shows it.

    Browsers take the rules that go with the ``color-scheme`` of the page.

    Parameters
    ----------
    rules : dict of str to str
        For each selector what holds on a dark page.
    """
    body = " ".join(f"{selector} {{ {rule} }}" for selector, rule in rules.items())
    return f"<style>@media (prefers-color-scheme: dark) {{ {body} }}</style>"


def contrast(one, other):
    """Return the contrast of two colours, from 1 to 21, as the WCAG define it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color):
    return _linear(color) @ [0.2126, 0.7152, 0.0722]


def _linear(color):
    digits = NAMES.get(color, color).removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    values = np.array([int(digits[place : place + 2], 16) for place in (0, 2, 4)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _with_contrast(lab, wanted, ground):
    """Return the colour of this hue that is as much lighter than the ground as wanted."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        if contrast(_hexadecimal(middle, *lab[1:]), ground) < wanted or (
            _luminance(_hexadecimal(middle, *lab[1:])) < _luminance(ground)
        ):
            low = middle
        else:
            high = middle
    return _hexadecimal(high, *lab[1:])


def _hexadecimal(lightness, green_red, blue_yellow):
    cones = np.linalg.solve(LAB, [lightness, green_red, blue_yellow]) ** 3
    linear = np.linalg.solve(CONES, cones).clip(0, 1)
    values = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * value):02x}" for value in values)
