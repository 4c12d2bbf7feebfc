"""What the tests of figures share: numbers to draw, and ways to look at what was drawn."""

import io

import matplotlib as mpl
import numpy as np
import torch
from matplotlib.colors import to_hex, to_rgb

from descent import plots

METHODS = list(plots.METHOD_COLORS)
STAGES = list(plots.STAGE_COLORS)


def numbers(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def as_svg(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def as_pixels(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=60)
    buffer.seek(0)
    return mpl.image.imread(buffer)


def lines_of(axes):
    """The points of every line, by its label; lines without one are numbered."""
    return {line.get_label(): line.get_xydata() for line in axes.lines}


def colors_of(axes):
    return [to_hex(line.get_color()).upper() for line in axes.lines]


def color(method):
    return plots.METHOD_COLORS[method].upper()


def linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """The contrast ratio of WCAG 2."""
    light, dark = sorted(
        (linear(color) @ [0.2126, 0.7152, 0.0722] for color in (one, other)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)
