"""The figures of chapter 4: poor conditioning and momentum."""

import math

import numpy as np

from descent.landscapes import Landscape
from descent.plots.style import (
    INK,
    METHOD_COLORS,
    draw_contours,
    new_figure,
    numbers,
    settled,
)

GRADIENT, HEAVY = METHOD_COLORS["gradient descent"], METHOD_COLORS["momentum"]
DASHES = ("-", "--", "-.", ":")
MARKERS = "osD^v"


@settled
def ravine_paths(landscape, paths):
    """Draw where one method goes in a ravine with several settings, a panel for each.

    Parameters
    ----------
    landscape : descent.landscapes.Landscape
        Drawn as contours, with its minimum as a star.
    paths : dict of str to torch.Tensor
        For each title the points visited, shape (steps + 1, 2).
    """
    figure, panels = new_figure(len(paths), 1, height=2.5 * len(paths), squeeze=False)
    for axes, (title, path) in zip(panels.flat, paths.items(), strict=True):
        draw_contours(axes, landscape)
        _draw_path(axes, path, GRADIENT, "o-")
        axes.plot(*zip(*landscape.minima, strict=True), "*", color=INK, ms=13)
        axes.set(title=title, ylabel="steep parameter")
    axes.set_xlabel("flat parameter")
    return figure


def _draw_path(axes, path, color, style, **options):
    x, y = numbers(path).clip(-1e6, 1e6).T  # matplotlib overflows if a run that diverges does
    axes.plot(x, y, style, color=color, lw=1.2, ms=3.5, **options)
    axes.plot(x[0], y[0], "o", color=color, ms=8)


@settled
def two_curvatures(losses_fn, minimum, curvatures, reach=1.0):
    """Draw a loss of two parameters from above, and its cuts through the minimum.

    Parameters
    ----------
    losses_fn : callable
        Takes points of shape (..., 2), returns losses of shape (...).
    minimum : torch.Tensor
        Shape (2,).
    curvatures : sequence of float
        The second derivative along the first and along the second parameter, there.
    reach : float
        How far to go from the minimum along each parameter.
    """
    figure, (above, cuts) = new_figure(2, 1, height=6.4, height_ratios=[1.15, 1])
    u, v = numbers(minimum)
    frame = (u - reach, u + reach, v - reach, v + reach)
    draw_contours(above, Landscape("slice", losses_fn, ((u, v),), frame))
    above.axhline(v, color=INK, lw=1.5, ls="--")
    above.axvline(u, color=INK, lw=1.5)
    above.plot(u, v, "*", color=INK, ms=13)
    above.set(title="From above", aspect="equal")
    above.set(xlabel="u, a weight of class 0", ylabel="v, the bias of class 7")
    away = np.linspace(-reach, reach, 201)
    for axis, (dashes, name) in enumerate((("--", "along u"), ("-", "along v"))):
        places = minimum.repeat(len(away), 1)
        places[:, axis] += minimum.new_tensor(away)
        losses = numbers(losses_fn(places) - losses_fn(minimum))
        label = f"{name}: curvature {curvatures[axis]:.2g}"
        cuts.plot(away, losses, color=INK, ls=dashes, label=label)
    cuts.set(title="Two cuts through the minimum", xlabel="distance from the minimum")
    cuts.set(ylabel="loss above the minimum", ylim=(0, 1.35 * cuts.get_ylim()[1]))
    cuts.legend(loc="upper center")
    return figure


@settled
def velocities(velocities, betas):
    """Draw how the velocity answers to gradients that repeat, and to gradients that alternate.

    Parameters
    ----------
    velocities : dict of str to torch.Tensor
        For each title the size of the velocity after each step, as a multiple of a single gradient
        step, shape (steps, betas).
    betas : sequence of float
        The momentum of each column.
    """
    figure, panels = new_figure(len(velocities), 1, height=2.4 * len(velocities), squeeze=False)
    for axes, (title, values) in zip(panels.flat, velocities.items(), strict=True):
        steps = np.arange(1, len(values) + 1)
        for column, beta in enumerate(betas):
            style = {"lw": 1.2, "marker": MARKERS[column % 5], "ms": 4.5}
            color = HEAVY if beta else GRADIENT
            label = f"β = {beta:g}"
            axes.plot(steps, numbers(values)[:, column], color=color, label=label, **style)
        axes.set(title=title, ylabel="size of the step / lr", ylim=(0, None))
    panels[0, 0].legend(loc="upper left", ncols=len(betas))
    panels[0, 0].set_ylim(0, 1.3 * numbers(next(iter(velocities.values()))).max())
    axes.set_xlabel("step")
    return figure


@settled
def steps_per_digit(kappas, factors):
    """Draw how many steps gain one more digit of the solution, against the condition number.

    Parameters
    ----------
    kappas : sequence of float
        Condition numbers.
    factors : dict of str to torch.Tensor
        For gradient descent and momentum by what factor a step shrinks the distance, measured,
        shape (kappas,). The lines are those of the formulas.
    """
    figure, axes = new_figure(height=3.6)
    kappa = np.geomspace(min(kappas), max(kappas), 100)
    formulas = {
        "gradient descent": ("o", "-", "(κ − 1)/(κ + 1)", (kappa - 1) / (kappa + 1)),
        "momentum": ("s", "--", "(√κ − 1)/(√κ + 1)", (kappa**0.5 - 1) / (kappa**0.5 + 1)),
    }
    for method, measured in factors.items():
        marker, dashes, formula, predicted = formulas[method]
        color = METHOD_COLORS[method]
        label = f"{method}, measured"
        axes.plot(kappas, _digit(numbers(measured)), marker, color=color, label=label)
        axes.plot(kappa, _digit(predicted), dashes, color=color, lw=1.5, label=formula)
    axes.set(xscale="log", yscale="log", xlabel="condition number κ", ylabel="steps per digit")
    axes.legend(loc="upper left")
    return figure


def _digit(factors):
    """Return how many steps with this factor divide the distance by ten."""
    return -math.log(10) / np.log(factors)


@settled
def at_their_best(lrs, excess_losses, betas):
    """Draw how far above the minimum each setting ends, by learning rate and by effective step.

    Parameters
    ----------
    lrs : torch.Tensor
        Learning rates in units of 1/L, shape (lrs,).
    excess_losses : torch.Tensor
        The last loss less the least loss, shape (betas, lrs).
    betas : sequence of float
        The momentum of each row; 0 is gradient descent.
    """
    figure, panels = new_figure(2, 1, height=6.2)
    x, excess = numbers(lrs), numbers(excess_losses)
    for row, beta in enumerate(betas):
        style = {"color": HEAVY if beta else GRADIENT, "ls": DASHES[row % 4], "lw": 1.5}
        style |= {"marker": MARKERS[row % 5], "ms": 5}
        label = f"β = {beta:g}" if beta else "β = 0, gradient descent"
        for axes, places in zip(panels, (x, x / (1 - beta)), strict=True):
            axes.plot(places, excess[row], label=label, **style)
            at = np.nanargmin(excess[row])
            axes.plot(places[at], excess[row, at], "o", ms=13, mfc="none", mec=INK)
    panels[0].set(title="Against the learning rate", xlabel="lr, in units of 1/L")
    panels[1].set(title="Against the effective step", xlabel="lr/(1 − β), in units of 1/L")
    for axes in panels:
        axes.set(xscale="log", yscale="log", ylabel="loss above the minimum")
        axes.set_ylim(top=2 * excess[:, 0].max())
    panels[0].legend(loc="lower left")
    return figure


@settled
def look_ahead(distances, names=("flat parameter u", "steep parameter v")):
    """Draw how far two kinds of momentum are from the optimum, a panel for each parameter.

    Parameters
    ----------
    distances : dict of str to torch.Tensor
        For the heavy ball and Nesterov's momentum, shape (steps + 1, 2).
    names : sequence of str
        Of the two parameters.
    """
    figure, panels = new_figure(2, 1, height=4.8, sharex=True)
    for (method, values), dashes in zip(distances.items(), ("-", "--"), strict=True):
        for axes, column in zip(panels, numbers(values).T, strict=True):
            axes.plot(column.clip(1e-12), color=HEAVY, ls=dashes, lw=1.6, label=method)
    for axes, name in zip(panels, names, strict=True):
        axes.set(title=name.capitalize(), yscale="log", ylabel="distance")
    panels[0].legend(loc="lower left")
    panels[1].set_xlabel("step")
    return figure
