"""Every figure of the book. Each function takes numbers and returns a figure."""

from functools import wraps
from itertools import cycle
from pathlib import Path

import numpy as np
import torch
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from descent.landscapes import local_minima

# Colours by Okabe and Ito (2008), and a grey: told apart by all kinds of colour vision.
METHOD_COLORS = {
    "random search": "#555555",
    "gradient descent": "#0072B2",
    "momentum": "#D55E00",
    "RMSprop": "#009E73",
    "Adam": "#CC79A7",
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
        set_matplotlib_formats("svg", metadata={"Date": None})


def _figure(rows=1, columns=1, height=3.2, **options):
    """Return a figure of the book's width and its axes.

    It is made without pyplot, so that a notebook shows it once: as the value of its cell.
    """
    figure = Figure(figsize=(WIDTH, height))
    return figure, figure.subplots(rows, columns, **options)


def _settled(draw):
    """Have a function settle the layout of its figure.

    The last digits of what matplotlib's layout solver finds differ from run to run. Rounded, the
    same numbers give the same picture, to the byte.
    """

    @wraps(draw)
    def draw_and_settle(*arguments, **options):
        figure = draw(*arguments, **options)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        for axes in figure.axes:
            extents = axes.get_position(original=True).extents
            axes.set_position(Bbox.from_extents(*extents.round(4)))
        return figure

    return draw_and_settle


def _numbers(values):
    return values.detach().cpu().numpy() if torch.is_tensor(values) else np.asarray(values)


def _text_color(values, cmap):
    """Return black or white for each value, whichever is read more easily on its colour."""
    red, green, blue, _ = np.moveaxis(cmap(values), -1, 0)
    return np.where(0.299 * red + 0.587 * green + 0.114 * blue > 0.5, "black", "white")


# Chapter 1


@_settled
def overview(landscape, paths, losses, images, labels, predictions):
    """Draw what the course builds up to: a landscape to cross, a loss that falls, digits read.

    Parameters
    ----------
    landscape : descent.landscapes.Landscape
        Drawn as contours.
    paths : dict of str to torch.Tensor
        For each method the points it visits, shape (steps + 1, 2).
    losses : dict of str to torch.Tensor
        For each method the loss of a network before training and after each step.
    images : torch.Tensor
        Shape (count, height, width).
    labels, predictions : torch.Tensor
        Shape (count,): what each image shows, and what the network reads.
    """
    figure, panels = _figure(3, 1, height=7.6, height_ratios=[1, 1.1, 0.45])
    ravine, training, reading = panels
    _draw_contours(ravine, landscape)
    for method, path in paths.items():
        x, y = _numbers(path).T
        color = METHOD_COLORS[method]
        ravine.plot(x, y, ".-", color=color, lw=1.2, ms=4, label=method)
    ravine.plot(*zip(*landscape.minima, strict=True), "*", color=INK, ms=12, label="minimum")
    ravine.set(title="A loss to descend, the same number of steps each")
    ravine.set(xlabel="first parameter", ylabel="second parameter")
    for method, values in losses.items():
        training.plot(_numbers(values), color=METHOD_COLORS[method])
    training.set(title="A network that learns to read digits", yscale="log")
    training.set(xlabel="step", ylabel="loss on the training digits")
    _draw_readings(reading, images, labels, predictions)
    figure.legend(*ravine.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure


def _draw_contours(axes, landscape):
    x, y, losses = landscape.mesh()
    levels = np.quantile(losses, np.linspace(0, 1, 12) ** 1.5)
    axes.contour(x, y, losses, levels=np.unique(levels), colors="#b5b5b5", linewidths=0.8)
    axes.set(xlim=landscape.region[:2], ylim=landscape.region[2:])
    axes.grid(visible=False)


def _draw_readings(axes, images, labels, predictions):
    count, height, width = images.shape
    axes.imshow(_numbers(images).transpose(1, 0, 2).reshape(height, count * width))
    axes.set_title("What the trained network reads in new digits")
    for index, (label, prediction) in enumerate(zip(labels, predictions, strict=True)):
        right = bool(label == prediction)
        text = f"{int(prediction)} ✓" if right else f"{int(prediction)} ✗"
        color = METHOD_COLORS["RMSprop"] if right else METHOD_COLORS["momentum"]
        place = ((index + 0.5) * width, height + 3)
        axes.text(*place, text, color=color, ha="center", va="top", weight="bold")
    axes.axis("off")


# Chapter 2


@_settled
def polynomials(convex, convex_paths, nonconvex, nonconvex_paths):
    """Draw a convex and a non-convex polynomial, with descents from several starts.

    Parameters
    ----------
    convex, nonconvex : numpy.polynomial.Polynomial
        The two functions. Their minima are drawn as stars.
    convex_paths, nonconvex_paths : torch.Tensor
        Where gradient descent went from each start, shape (steps + 1, starts).
    """
    figure, panels = _figure(2, 1, height=5.4)
    titles = ("Convex: every start ends in one minimum", "Non-convex: the start decides")
    pairs = ((convex, convex_paths), (nonconvex, nonconvex_paths))
    for axes, title, (function, paths) in zip(panels, titles, pairs, strict=True):
        paths = _numbers(paths)
        margin = 0.15 * np.ptp(paths)
        x = np.linspace(paths.min() - margin, paths.max() + margin, 300)
        axes.plot(x, function(x), color=INK, lw=1.5)
        for path, color in zip(paths.T, cycle(METHOD_COLORS.values()), strict=False):
            axes.plot(path, function(path), ".-", color=color, lw=1, ms=7)
            axes.plot(path[0], function(path[0]), "o", color=color, ms=9)
        minima = local_minima(function)
        axes.plot(minima, function(minima), "*", color="#F0E442", mec=INK, ms=15, label="minimum")
        axes.set(title=title, xlabel="x", ylabel="f(x)")
        axes.legend()
    return figure


@_settled
def digits_with_values(images, labels, patch=10):
    """Draw digits, and beside each a magnified patch with the value of every pixel written in.

    Parameters
    ----------
    images : torch.Tensor
        Normalised pixels, shape (count, height, width).
    labels : torch.Tensor
        Shape (count,).
    patch : int
        Height and width of the patch, in pixels. It is taken where the values vary most.
    """
    images = _numbers(images)
    shape = {"height": 2.75 * len(images), "width_ratios": [1, 1.5]}
    figure, rows = _figure(len(images), 2, squeeze=False, **shape)
    low, high = images.min(), images.max()
    for (whole, magnified), image, label in zip(rows, images, labels, strict=True):
        top, left = _liveliest_patch(image, patch)
        whole.imshow(image, vmin=low, vmax=high)
        frame = Rectangle((left - 0.5, top - 0.5), patch, patch, fill=False, ec="#D55E00", lw=2)
        whole.add_patch(frame)
        whole.set_title(f"Label: {int(label)}")
        values = image[top : top + patch, left : left + patch]
        shown = magnified.imshow(values, vmin=low, vmax=high)
        colors = _text_color(shown.norm(values), shown.cmap)
        for (row, column), value in np.ndenumerate(values):
            color = colors[row, column]
            text = f"{value:.1f}"
            magnified.text(column, row, text, color=color, ha="center", va="center", fontsize=7)
        for axes in (whole, magnified):
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
            axes.spines[:].set(visible=False)
        magnified.spines[:].set(visible=True, color="#D55E00", linewidth=2)
    return figure


def _liveliest_patch(image, size):
    """Return top and left of the square patch whose pixels have the largest variance."""
    patches = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    variances = patches.var(axis=(2, 3))
    return np.unravel_index(variances.argmax(), variances.shape)


@_settled
def surrogate(fractions, error_rates, losses, slope_at):
    """Draw the 0-1 loss and the cross-entropy along one line through the parameters.

    Parameters
    ----------
    fractions : torch.Tensor
        Where on the line, shape (points,).
    error_rates, losses : torch.Tensor
        The two losses there, shape (points,).
    slope_at : int
        The point at which to draw the tangent of the cross-entropy.
    """
    x, errors, losses = _numbers(fractions), _numbers(error_rates), _numbers(losses)
    figure, (upper, lower) = _figure(2, 1, height=4.8, sharex=True)
    upper.step(x, 100 * errors, where="mid", color=METHOD_COLORS["momentum"])
    upper.set(title="0-1 loss: flat steps, and no slope to follow", ylabel="wrong answers (%)")
    lower.plot(x, losses, color=METHOD_COLORS["gradient descent"])
    slope = np.gradient(losses, x)[slope_at]
    near = np.abs(x - x[slope_at]) < 0.18 * np.ptp(x)
    tangent = losses[slope_at] + slope * (x[near] - x[slope_at])
    lower.plot(x[near], tangent, "--", color=INK, lw=1.2, label="its slope says which way is down")
    lower.plot(x[slope_at], losses[slope_at], "o", color=INK)
    lower.set(title="Cross-entropy: smooth", ylabel="loss")
    lower.set(xlabel="from the untrained model (0) to a trained one (1)")
    lower.legend()
    return figure


@_settled
def segments(fractions, losses):
    """Draw a loss along many straight segments, and the chord of the first.

    Parameters
    ----------
    fractions : torch.Tensor
        Shape (points,), from 0 to 1.
    losses : torch.Tensor
        Shape (segments, points).
    """
    x, losses = _numbers(fractions), _numbers(losses)
    figure, axes = _figure()
    axes.plot(x, losses[1:].T, color="#b5b5b5", lw=0.8)
    axes.plot(x, losses[0], color=METHOD_COLORS["gradient descent"], label="loss on one segment")
    ends = losses[0, [0, -1]]
    axes.plot([0, 1], ends, "o--", color=METHOD_COLORS["momentum"], label="its chord, never below")
    axes.set(xlabel="position between two random (W, b)", ylabel="loss")
    axes.set_title(f"The loss along {len(losses)} random segments")
    axes.legend()
    return figure


@_settled
def class_filters(weights):
    """Draw the weights of each class as a picture: what adds to its score, and what takes away.

    Parameters
    ----------
    weights : torch.Tensor
        Shape (10, 784).
    """
    filters = _numbers(weights).reshape(-1, 28, 28)
    figure, panels = _figure(2, 5, height=3.4)
    largest = np.abs(filters).max()
    for label, (axes, image) in enumerate(zip(panels.flat, filters, strict=True)):
        shown = axes.imshow(image, cmap="RdBu_r", vmin=-largest, vmax=largest)
        axes.set_title(str(label), loc="center")
        axes.axis("off")
    bar = figure.colorbar(shown, ax=panels, orientation="horizontal", shrink=0.6, aspect=35)
    bar.set_label("weight: red speaks for the class, blue against it")
    bar.outline.set_visible(False)
    return figure


# Chapter 3


@_settled
def search_progress(losses):
    """Draw the loss of each method against the number of steps.

    Parameters
    ----------
    losses : dict of str to torch.Tensor
        For each method shape (steps + 1, runs); each run is drawn.
    """
    figure, axes = _figure()
    for method, values in losses.items():
        lines = axes.plot(_numbers(values), color=METHOD_COLORS[method], lw=1.5)
        lines[0].set_label(method)
    axes.set(xlabel="step", ylabel="loss", ylim=(0, None))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.12))
    return figure


@_settled
def update_histograms(changes, gradient_changes):
    """Draw how much random steps change the loss, and how much one gradient step does.

    Parameters
    ----------
    changes : dict of str to torch.Tensor
        For each stage of training the change in loss of each random step, shape (count,).
    gradient_changes : dict of str to float
        For each stage the change in loss of one gradient step of the same length.
    """
    figure, panels = _figure(len(changes), 1, height=2.5 * len(changes), squeeze=False)
    for axes, (stage, values) in zip(panels.flat, changes.items(), strict=True):
        axes.hist(_numbers(values), bins=20, color=METHOD_COLORS["random search"])
        axes.axvline(0, color=INK, lw=1)
        step = gradient_changes[stage]
        axes.axvline(step, color=METHOD_COLORS["gradient descent"], ls="--")
        axes.set(title=stage.capitalize(), ylabel="random steps")
        axes.ticklabel_format(axis="x", style="sci", scilimits=(-2, 2), useMathText=True)
        axes.annotate(
            "one gradient step",
            (step, axes.get_ylim()[1]),
            xytext=(5, -4),
            textcoords="offset points",
            va="top",
            color=METHOD_COLORS["gradient descent"],
        )
    axes.set_xlabel("change in loss: left of the black line is better")
    return figure


@_settled
def slopes_by_dimension(dimensions, best_shares, typical_shares):
    """Draw how much of the gradient's slope random directions find, against dimension.

    Parameters
    ----------
    dimensions : sequence of int
        The number n of free parameters.
    best_shares, typical_shares : sequence of float
        The slope of the best of 100 random directions and of a typical one, each as a share of the
        gradient's own.
    """
    figure, axes = _figure()
    n = np.asarray(dimensions, dtype=float)
    axes.plot(n, np.ones_like(n), color=METHOD_COLORS["gradient descent"], label="gradient")
    axes.plot(n, best_shares, "o-", color=METHOD_COLORS["momentum"], label="best of 100 directions")
    color = METHOD_COLORS["random search"]
    axes.plot(n, typical_shares, "s", color=color, label="typical direction")
    axes.plot(n, n**-0.5, "--", color=color, lw=1.2, label="1/√n")
    axes.set(xscale="log", yscale="log", xlabel="number of free parameters n")
    axes.set(ylabel="slope, as a share of ‖gradient‖")
    axes.legend(loc="lower left")
    return figure


@_settled
def improving_shares(lengths, measured, predicted):
    """Draw which share of random steps improves the loss, against the length of the step.

    Parameters
    ----------
    lengths : torch.Tensor
        Shape (lengths,).
    measured, predicted : dict of str to torch.Tensor
        For each stage of training the share, from 0 to 1, shape (lengths,).
    """
    figure, axes = _figure()
    x = _numbers(lengths)
    for stage in measured:
        color = STAGE_COLORS[stage]
        axes.plot(x, 100 * _numbers(measured[stage]), "o", color=color, label=f"{stage}, measured")
        axes.plot(x, 100 * _numbers(predicted[stage]), color=color, lw=1.5, label="predicted")
    axes.axhline(50, color=INK, lw=1, ls=":")
    axes.set(xscale="log", xlabel="length of the step", ylabel="steps that improve the loss (%)")
    axes.set_ylim(-3, max(72, axes.get_ylim()[1]))
    axes.legend(loc="lower left")
    return figure


@_settled
def stable_steps(multiples, excess_losses):
    """Draw how far above the minimum gradient descent ends, against its learning rate.

    Parameters
    ----------
    multiples : torch.Tensor
        Learning rates in units of 1/L, shape (runs,).
    excess_losses : torch.Tensor
        The last loss less the least loss, shape (runs,).
    """
    figure, axes = _figure()
    axes.plot(
        _numbers(multiples), _numbers(excess_losses), "o-", color=METHOD_COLORS["gradient descent"]
    )
    axes.axvline(2, color=METHOD_COLORS["momentum"], ls="--", lw=1.5)
    axes.annotate(
        "lr = 2/L",
        (2, 0.95),
        xycoords=("data", "axes fraction"),
        xytext=(6, 0),
        textcoords="offset points",
        color=METHOD_COLORS["momentum"],
        va="top",
    )
    axes.set(yscale="log", xlabel="learning rate, in units of 1/L")
    axes.set_ylabel("loss above the minimum")
    return figure
