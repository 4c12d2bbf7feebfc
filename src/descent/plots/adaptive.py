"""The figures of chapter 7: adaptive methods."""

import numpy as np
from matplotlib.ticker import PercentFormatter

from descent.plots.style import (
    INK,
    METHOD_COLORS,
    STAGE_COLORS,
    draw_contours,
    new_figure,
    numbers,
    settled,
)

# What a method is called here: the colour of its family, a marker and a line of its own.
STYLES = {
    "SGD": {"color": METHOD_COLORS["gradient descent"], "marker": "o", "ls": "-"},
    "gradient descent": {"color": METHOD_COLORS["gradient descent"], "marker": "o", "ls": "-"},
    "momentum": {"color": METHOD_COLORS["momentum"], "marker": "s", "ls": "-"},
    "Adagrad": {"color": METHOD_COLORS["RMSprop"], "marker": "v", "ls": ":"},
    "RMSprop": {"color": METHOD_COLORS["RMSprop"], "marker": "^", "ls": "-"},
    "Adam without correction": {"color": METHOD_COLORS["Adam"], "marker": "d", "ls": "--"},
    "Adam": {"color": METHOD_COLORS["Adam"], "marker": "D", "ls": "-"},
    "Newton": {"color": INK, "marker": "X", "ls": "-"},
    "L-BFGS": {"color": INK, "marker": "P", "ls": "--"},
}


@settled
def gradient_sizes(sizes):
    """Draw how the sizes of gradients spread over the parameters of each layer.

    Parameters
    ----------
    sizes : dict of str to dict of str to torch.Tensor
        For each stage of training, for each layer the size of every parameter's gradient, of any
        shape. A thin line spans the middle 90 %, a thick one the middle half. Zeros are left out.
    """
    layers = list(next(iter(sizes.values())))
    figure, axes = new_figure(height=0.5 * len(layers) + 1.2)
    for row, (stage, of_layer) in enumerate(sizes.items()):
        places = np.arange(len(layers)) + 0.3 * (row - (len(sizes) - 1) / 2)
        spread = [_quantiles(of_layer[layer]) for layer in layers]
        low, lower, middle, upper, high = np.transpose(spread)
        color = STAGE_COLORS[stage]
        axes.hlines(places, low, high, color=color, lw=1.5)
        axes.hlines(places, lower, upper, color=color, lw=6)
        marker = "od"[row % 2]
        axes.plot(middle, places, marker, color=INK, mfc=color, label=stage)
    axes.set(xscale="log", xlabel="size of the gradient, for each parameter")
    axes.set_yticks(np.arange(len(layers)), layers)
    axes.set_ylabel("layer")
    axes.set_ylim(len(layers) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    figure.legend(loc="outside upper right", ncols=len(sizes))
    return figure


def _quantiles(values):
    flat = numbers(values).ravel()
    return np.quantile(flat[flat > 0], [0.05, 0.25, 0.5, 0.75, 0.95])


@settled
def kept_promises(lengths, shares):
    """Draw which part of the decrease that the gradient promises a step of some length delivers.

    Parameters
    ----------
    lengths : torch.Tensor
        Shape (lengths,).
    shares : dict of str to torch.Tensor
        For each stage of training the measured decrease of the loss over the promised one, shape
        (lengths,). Below -1 it is cut off.
    """
    figure, axes = new_figure()
    for marker, (stage, values) in zip("odsv", shares.items(), strict=False):
        axes.plot(
            numbers(lengths), numbers(values), marker + "-", color=STAGE_COLORS[stage], label=stage
        )
    axes.axhline(0, color=INK, lw=1)
    axes.text(
        0.02, 0.02, "uphill", transform=axes.get_yaxis_transform(), color=INK, va="top", fontsize=9
    ).set_y(-0.04)
    axes.set(xscale="log", xlabel="length of the step", ylabel="share of the promise kept")
    axes.set_ylim(-1, 1.1)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.12))
    return figure


@settled
def turned_ravine(landscapes, paths):
    """Draw the paths of some methods on landscapes that differ in direction alone.

    Parameters
    ----------
    landscapes : sequence of Landscape
        One panel each.
    paths : sequence of dict of str to torch.Tensor
        For each landscape the places of each method, shape (steps + 1, 2).
    """
    figure, panels = new_figure(len(landscapes), 1, height=2.7 * len(landscapes), squeeze=False)
    for axes, landscape, of_method in zip(panels.flat, landscapes, paths, strict=True):
        draw_contours(axes, landscape)
        _draw_paths(axes, of_method)
        axes.plot(*landscape.minima[0], "*", color=INK, ms=11, zorder=4)
        axes.set(title=landscape.name.capitalize(), ylabel="second parameter", aspect="equal")
    axes.set_xlabel("first parameter")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels))
    return figure


def _draw_paths(axes, paths):
    for method, path in paths.items():
        places = numbers(path)
        style = STYLES[method]
        every = 1 + len(places) // 60
        axes.plot(*places.T, **style, lw=1.4, ms=3.5, markevery=every, label=method)


@settled
def step_lengths(lengths):
    """Draw the length of each step along a gradient that never changes, in units of lr.

    Parameters
    ----------
    lengths : dict of str to sequence of float
        For each method the length of its steps, the first one first.
    """
    figure, axes = new_figure()
    for method, values in lengths.items():
        style = {**STYLES[method], "marker": None}
        axes.plot(np.arange(1, len(values) + 1), values, **style, label=method)
    axes.set(xscale="log", yscale="log", xlabel="step", ylabel="length of the step, in units of lr")
    axes.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
    axes.set_ylim(top=max(10, axes.get_ylim()[1]))
    axes.legend(loc="lower left")
    return figure


def _label_losses(axes, values):
    axes.set_yticks(values, [f"{value:g}" for value in values])
    axes.set_yticks([], minor=True)


@settled
def scaled_losses(rates, losses, highest=4.0):
    """Draw how a factor on the loss moves the good learning rates of each method.

    Parameters
    ----------
    rates : torch.Tensor
        Shape (rates,).
    losses : dict of str to dict of str to torch.Tensor
        For each method, for each factor in words the last loss, without the factor, shape
        (rates,). One panel a method.
    highest : float
        Where losses are cut off, those of diverged runs too.
    """
    figure, panels = new_figure(
        len(losses), 1, height=2.4 * len(losses), squeeze=False, sharex=True
    )
    for axes, (method, of_factor) in zip(panels.flat, losses.items(), strict=True):
        color = STYLES[method]["color"]
        looks = ({"ls": "-", "marker": "o", "ms": 6}, {"ls": "--", "marker": "x", "ms": 7})
        for look, (factor, values) in zip(looks, of_factor.items(), strict=True):
            shown = np.nan_to_num(numbers(values), nan=highest, posinf=highest)
            line = np.minimum(shown, highest)
            axes.plot(numbers(rates), line, color=color, lw=1.5, **look, label=factor)
        axes.set(xscale="log", yscale="log", title=method, ylabel="loss after training")
        _label_losses(axes, [0.1, 0.2, 0.5, 1, 2])
    axes.set_xlabel("learning rate")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return figure


@settled
def second_order_paths(landscape, paths, optimum):
    """Draw the paths of some methods on two parameters, and how far each is from the minimum.

    Parameters
    ----------
    landscape : Landscape
        What they descend.
    paths : dict of str to torch.Tensor
        For each method the places, shape (steps + 1, 2).
    optimum : torch.Tensor
        The minimum, shape (2,).
    """
    figure, (top, bottom) = new_figure(2, 1, height=6.2)
    draw_contours(top, landscape)
    _draw_paths(top, paths)
    top.plot(*numbers(optimum), "*", color="white", mec=INK, ms=13, zorder=4)
    top.set(xlabel="weight u", ylabel="bias v")
    for method, path in paths.items():
        distance = np.linalg.norm(numbers(path) - numbers(optimum), axis=1)
        shown = np.where(distance > 0, distance, np.nan)
        every = 1 + len(shown) // 30
        bottom.plot(shown, **STYLES[method], lw=1.4, ms=4, markevery=every)
    bottom.set(yscale="log", xlabel="step", ylabel="distance to the minimum", ylim=(1e-10, None))
    figure.legend(*top.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return figure
