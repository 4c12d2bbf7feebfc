"""The cover of the book, and the card of links to it: runs on a landscape with four minima.

``python -m descent.plots.cover`` writes both into ``book/_static``.
"""

import io
import re
import sys
from pathlib import Path

import numpy as np
import torch
from matplotlib import rc_context
from matplotlib.figure import Figure

from descent.landscapes import HIMMELBLAU
from descent.optimizers import adam_update, gradient_update, momentum_update, rmsprop_update
from descent.plots.style import INK, METHOD_COLORS
from descent.runs import descend, grid

STARTS = [(-0.5, -1.3), (-5.6, 0.2), (5.9, 0.5), (0.6, 4.9), (0.5, -4.6)]
RULES = {
    "gradient descent": (gradient_update, {"lr": 0.0025}),
    "momentum": (momentum_update, {"lr": 0.0014, "beta": 0.8}),
    "RMSprop": (rmsprop_update, {"lr": 0.05, "alpha": 0.95}),
    "Adam": (adam_update, {"lr": 0.16, "beta1": 0.9, "beta2": 0.99}),
}
STEPS = 160
REGION = (-6.6, 6.6, -5.6, 5.6)
TINTS = ["#ffffff", "#ecf1f5", "#e2ebf1", "#d7e4ec", "#ccdce7", "#c0d4e2", "#b4ccdd"]
LEVELS = [0, 3, 12, 35, 80, 160, 300, 3000]


def cover(width=9.0, height=3.0):
    """Draw where four methods go from a few starts.

    Parameters
    ----------
    width, height : float
        In inches.
    """
    figure = Figure(figsize=(width, height), layout="none")
    draw_runs(figure.add_axes((0, 0, 1, 1)))
    return figure


def card():
    """Draw the same with the title of the book, 1200 × 630."""
    figure = Figure(figsize=(12, 6.3), layout="none")
    draw_runs(figure.add_axes((0, 0.32, 1, 0.68)))
    figure.text(0.05, 0.15, "Descent", size=56, weight="bold", color=INK)
    figure.text(0.05, 0.065, "Optimization for deep learning, in one day", size=27, color="#555555")
    return figure


def draw_runs(axes):
    """Draw lines of equal loss, the minima, and all runs."""
    left, right, bottom, top = REGION
    x, y, losses = _mesh()
    axes.contourf(x, y, losses, LEVELS, colors=TINTS[::-1])
    axes.contour(x, y, losses, LEVELS[1:-1], colors="#ffffff", linewidths=0.8)
    for method, (update, settings) in RULES.items():
        starts = [torch.tensor(STARTS, dtype=torch.float64).unsqueeze(1)]
        each = grid(start=range(len(STARTS)), **settings)
        runs = descend(HIMMELBLAU.losses, starts, update, each, STEPS, keep_paths=True)
        for path in runs.paths[0][:, :, 0].unbind(dim=1):
            axes.plot(*path.T.numpy(), color=METHOD_COLORS[method], lw=1.6, solid_joinstyle="round")
    axes.plot(*zip(*STARTS, strict=True), "o", color="#ffffff", mec=INK, mew=1.6, ms=7)
    axes.plot(*zip(*HIMMELBLAU.minima, strict=True), "*", color=INK, mec="#ffffff", ms=15)
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.axis("off")


def _mesh(points=70):
    left, right, bottom, top = REGION
    x, y = np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points))
    points = torch.from_numpy(np.stack([x, y], axis=-1))
    return x, y, HIMMELBLAU.function(points).numpy()


def as_svg(figure):
    """Return a figure as SVG with tenths of a point, which is all that is seen."""
    buffer = io.StringIO()
    with rc_context({"svg.hashsalt": "descent", "path.simplify_threshold": 0.6}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return re.sub(r' d="[^"]*"', _in_tenths, buffer.getvalue())


def _in_tenths(path):
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number.group()):.1f}", path.group())


def main(folder):
    """Write cover and card into a folder."""
    for name, figure in {"cover": cover(), "card": card()}.items():
        Path(folder, f"{name}.svg").write_text(as_svg(figure), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:] or ["book/_static"])
