"""One look for every figure: colours, width, and what all of them are made with."""

from functools import wraps
from pathlib import Path

import numpy as np
import torch
from matplotlib import rc_context, style
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

# Colours by Okabe and Ito (2008), a grey, a tan and a violet: told apart by all kinds of colour
# vision.
METHOD_COLORS = {
    "random search": "#555555",
    "gradient descent": "#0072B2",
    "momentum": "#D55E00",
    "RMSprop": "#009E73",
    "Adam": "#CC79A7",
    "Nesterov": "#B49048",
    "Adagrad": "#7A4FE0",
}
STAGE_COLORS = {"untrained": "#56B4E9", "partly trained": "#E69F00"}
INK = "#222222"
WIDTH = 5.2


def use_style():
    """Give all figures the look of the book; in a notebook, draw them as vector graphics."""
    style.use(Path(__file__).with_name("descent.mplstyle"))
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:  # else it would start IPython, with files in the home folder
        # Figures are settled: to look for what could be cropped would draw each once more.
        set_matplotlib_formats("svg", metadata={"Date": None}, bbox_inches=None)


def new_figure(rows=1, columns=1, height=3.2, **options):
    """Return a figure of the book's width and its axes.

    It is made without pyplot, so that a notebook shows it once: as the value of its cell.
    """
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def settled(draw):
    """Have a function settle the layout of its figure.

    The last digits of what matplotlib's layout solver finds differ from run to run. Rounded, the
    same numbers give the same picture, to the byte.
    """

    @wraps(draw)
    def draw_and_settle(*arguments, **options):
        figure = draw(*arguments, **options)
        if (layout := figure.get_layout_engine()) is not None:
            layout.execute(figure)
        with rc_context({"figure.constrained_layout.use": False}):
            figure.set_layout_engine(None)  # "none" would have matplotlib draw each figure twice
        for axes in figure.axes:
            extents = axes.get_position(original=True).extents
            axes.set_position(Bbox.from_extents(*extents.round(4)))
        return figure

    return draw_and_settle


def numbers(values):
    """Return a tensor, or anything like an array, as a NumPy array."""
    return values.detach().cpu().numpy() if torch.is_tensor(values) else np.asarray(values)


def text_color(values, cmap):
    """Return black or white for each value, whichever is read more easily on its colour."""
    red, green, blue, _ = np.moveaxis(cmap(values), -1, 0)
    return np.where(0.299 * red + 0.587 * green + 0.114 * blue > 0.5, "black", "white")


def draw_contours(axes, landscape):
    """Draw a landscape as grey lines of equal loss."""
    x, y, losses = landscape.mesh()
    levels = np.quantile(losses, np.linspace(0, 1, 12) ** 1.5)
    axes.contour(x, y, losses, levels=np.unique(levels), colors="#b5b5b5", linewidths=0.8)
    axes.set(xlim=landscape.region[:2], ylim=landscape.region[2:])
    axes.grid(visible=False)
