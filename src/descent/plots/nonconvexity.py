"""The figures of chapter 5: non-convexity."""

import matplotlib as mpl
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.ticker import LogFormatterMathtext, LogLocator

from descent.plots.style import INK, METHOD_COLORS, new_figure, numbers, settled

WITHOUT_HIDDEN_LAYER = "#E69F00"
RESCALED = "#E69F00"
LIGHT_GREYS = ListedColormap(mpl.colormaps["Greys"](np.linspace(0, 0.55, 256)))
HALO = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}


@settled
def barriers(fractions, losses, convex_losses):
    """Draw the loss on the straight way between two networks that compute the same.

    Parameters
    ----------
    fractions : torch.Tensor
        Where on the way, from 0 to 1, shape (points,).
    losses : torch.Tensor
        With a hidden layer, between a trained network and its renumbered copies, shape (ways,
        points).
    convex_losses : torch.Tensor
        Without a hidden layer, between two trained networks, shape (points,).
    """
    figure, axes = new_figure()
    x = numbers(fractions)
    lines = axes.plot(x, numbers(losses).T, color=INK, lw=1.2)
    lines[0].set_label("with a hidden layer: to a renumbered copy")
    straight = numbers(convex_losses)
    label = "without: between two trained models"
    axes.plot(x, straight, "--", color=WITHOUT_HIDDEN_LAYER, lw=2.5, label=label)
    ends = numbers(losses)[:, [0, -1]]
    axes.plot([0, 1], ends.T, "o", color=INK, clip_on=False, zorder=3)
    axes.set(xlabel="position between the two networks", ylabel="loss")
    axes.set(xlim=(0, 1), ylim=(0, 1.35 * numbers(losses).max()))
    axes.legend(loc="upper center")
    return figure


@settled
def symmetric_starts(losses):
    """Draw training from starts that differ in how alike their hidden units are.

    Parameters
    ----------
    losses : dict of str to torch.Tensor
        For each kind of start the loss at every step, shape (steps + 1,). At most four kinds.
    """
    figure, axes = new_figure(height=3.6)
    highest = max(numbers(values)[0] for values in losses.values())
    for (label, values), dashes in zip(losses.items(), ("-", "--", ":", "-."), strict=False):
        axes.plot(numbers(values), dashes, color=METHOD_COLORS["momentum"], label=label)
    axes.set(xlabel="step", ylabel="loss", ylim=(0, 1.5 * highest))
    axes.legend(loc="upper right", title="hidden units at the start", title_fontsize=9)
    return figure


@settled
def rescaled_slices(distances, slices):
    """Draw the loss along one direction for two networks that compute the same.

    Parameters
    ----------
    distances : torch.Tensor
        How far along the direction, shape (points,).
    slices : dict of str to (torch.Tensor, torch.Tensor)
        For each way of scaling the direction the losses of the network as trained and of the
        rescaled one, shape (points,) each.
    """
    figure, panels = new_figure(len(slices), 1, height=2.5 * len(slices), squeeze=False)
    x = numbers(distances)
    for axes, (title, (trained, rescaled)) in zip(panels.flat, slices.items(), strict=True):
        axes.plot(x, numbers(trained), color=INK, label="as trained")
        axes.plot(x, numbers(rescaled), "--", color=RESCALED, lw=2.5, label="rescaled")
        axes.set(title=title, ylabel="loss", ylim=(0, None))
    panels[0, 0].legend(loc="upper center")
    panels[-1, 0].set_xlabel("distance along the direction")
    return figure


@settled
def landscape_slice(landscape, paths, networks=None, axis_labels=("a", "b"), points=61):
    """Draw a plane through the parameters of a network, with descents that stay in it.

    Parameters
    ----------
    landscape : Landscape
        The loss on the plane, positive.
    paths : torch.Tensor
        Where the descents went, shape (steps + 1, runs, 1, 2).
    networks : dict of str to sequence of float, optional
        Where named networks lie in the plane.
    axis_labels : (str, str)
        What the two coordinates are.
    points : int
        In how many rows and columns the loss is computed.
    """
    figure, axes = new_figure(height=4.3)
    x, y, losses = landscape.mesh(points)
    levels = np.geomspace(losses.min(), losses.max(), 16)
    filled = axes.contourf(x, y, losses, levels, cmap=LIGHT_GREYS, norm="log")
    axes.contour(x, y, losses, levels, colors="white", linewidths=0.6)
    color = METHOD_COLORS["gradient descent"]
    for path in np.moveaxis(numbers(paths)[:, :, 0], 1, 0):
        axes.plot(*path.T, color=color, lw=1.8)
        axes.plot(*path[0], "o", color="white", mec=color, mew=1.8, ms=8)
        axes.plot(*path[-1], "s", color=color, ms=5)
    for name, position in (networks or {}).items():
        place = numbers(position)
        axes.plot(*place, "*", color="#F0E442", mec=INK, ms=16, zorder=4)
        axes.annotate(
            name,
            place,
            xytext=(0, -11),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=9,
            bbox=HALO,
            zorder=5,
        )
    left, right, bottom, top = landscape.region
    axes.set(xlim=(left, right), ylim=(bottom, top), xlabel=axis_labels[0], ylabel=axis_labels[1])
    axes.set_aspect("equal")
    axes.locator_params(nbins=5)
    axes.grid(visible=False)
    bar = figure.colorbar(
        filled, ax=axes, shrink=0.85, ticks=LogLocator(), format=LogFormatterMathtext()
    )
    bar.set_label("loss")
    bar.outline.set_visible(False)
    return figure


@settled
def losses_by_size(losses, steps=None):
    """Draw training from several starts, a panel for each size of network.

    Parameters
    ----------
    losses : dict of str to torch.Tensor
        For each size, named as in the title of its panel, the losses of shape (records, runs).
    steps : sequence of int, optional
        The step of each record; 0, 1, 2, ... unless told otherwise.
    """
    figure, panels = new_figure(1, len(losses), height=3.4, sharey=True, squeeze=False)
    for axes, (title, values) in zip(panels.flat, losses.items(), strict=True):
        values = numbers(values)
        x = np.arange(len(values)) if steps is None else steps
        axes.plot(x, values, color=METHOD_COLORS["momentum"], lw=1, alpha=0.8)
        axes.set(yscale="log", xlabel="step", ylabel="training loss")
        axes.yaxis.label.set_visible(axes is panels[0, 0])
        axes.set_title(title, fontsize=9)
    return figure
