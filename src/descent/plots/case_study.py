"""The figures of chapter 2: the case study."""

from itertools import cycle

import numpy as np
from matplotlib.patches import Rectangle

from descent.landscapes import local_minima
from descent.plots.style import INK, METHOD_COLORS, new_figure, numbers, settled, text_color


@settled
def polynomials(convex, convex_paths, nonconvex, nonconvex_paths):
    """Draw a convex and a non-convex polynomial, with descents from several starts.

    Parameters
    ----------
    convex, nonconvex : numpy.polynomial.Polynomial
        The two functions. Their minima are drawn as stars.
    convex_paths, nonconvex_paths : torch.Tensor
        Where gradient descent went from each start, shape (steps + 1, starts).
    """
    figure, panels = new_figure(2, 1, height=5.4)
    titles = ("Convex: every start ends in one minimum", "Non-convex: the start decides")
    pairs = ((convex, convex_paths), (nonconvex, nonconvex_paths))
    for axes, title, (function, paths) in zip(panels, titles, pairs, strict=True):
        paths = numbers(paths)
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


@settled
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
    images = numbers(images)
    shape = {"height": 2.75 * len(images), "width_ratios": [1, 1.5]}
    figure, rows = new_figure(len(images), 2, squeeze=False, **shape)
    low, high = images.min(), images.max()
    for (whole, magnified), image, label in zip(rows, images, labels, strict=True):
        top, left = _liveliest_patch(image, patch)
        whole.imshow(image, vmin=low, vmax=high)
        frame = Rectangle((left - 0.5, top - 0.5), patch, patch, fill=False, ec="#D55E00", lw=2)
        whole.add_patch(frame)
        whole.set_title(f"Label: {int(label)}")
        values = image[top : top + patch, left : left + patch]
        shown = magnified.imshow(values, vmin=low, vmax=high)
        colors = text_color(shown.norm(values), shown.cmap)
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


@settled
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
    x, errors, losses = numbers(fractions), numbers(error_rates), numbers(losses)
    figure, (upper, lower) = new_figure(2, 1, height=4.8, sharex=True)
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


@settled
def segments(fractions, losses):
    """Draw a loss along many straight segments, and the chord of the first.

    Parameters
    ----------
    fractions : torch.Tensor
        Shape (points,), from 0 to 1.
    losses : torch.Tensor
        Shape (segments, points).
    """
    x, losses = numbers(fractions), numbers(losses)
    figure, axes = new_figure()
    axes.plot(x, losses[1:].T, color="#b5b5b5", lw=0.8)
    axes.plot(x, losses[0], color=METHOD_COLORS["gradient descent"], label="loss on one segment")
    ends = losses[0, [0, -1]]
    axes.plot([0, 1], ends, "o--", color=METHOD_COLORS["momentum"], label="its chord, never below")
    axes.set(xlabel="position between two random (W, b)", ylabel="loss")
    axes.set_title(f"The loss along {len(losses)} random segments")
    axes.legend()
    return figure


@settled
def class_filters(weights):
    """Draw the weights of each class as a picture: what adds to its score, and what takes away.

    Parameters
    ----------
    weights : torch.Tensor
        Shape (10, 784).
    """
    filters = numbers(weights).reshape(-1, 28, 28)
    figure, panels = new_figure(2, 5, height=3.4)
    largest = np.abs(filters).max()
    for label, (axes, image) in enumerate(zip(panels.flat, filters, strict=True)):
        shown = axes.imshow(image, cmap="RdBu_r", vmin=-largest, vmax=largest)
        axes.set_title(str(label), loc="center")
        axes.axis("off")
    bar = figure.colorbar(shown, ax=panels, orientation="horizontal", shrink=0.6, aspect=35)
    bar.set_label("weight: red speaks for the class, blue against it")
    bar.outline.set_visible(False)
    return figure
