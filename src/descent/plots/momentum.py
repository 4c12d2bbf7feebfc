"""The figures of chapter 4: poor conditioning and momentum."""

import math

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullFormatter

from descent.landscapes import Landscape
from descent.plots.style import (
    INK,
    METHOD_COLORS,
    draw_contours,
    new_figure,
    numbers,
    settled,
)
from descent.runs import first_step_below

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
def momentum_demo(losses_fn, minimum, paths, tolerance=1e-6):
    """Draw paths on a loss of two parameters, and how far each parameter is from its optimum.

    Parameters
    ----------
    losses_fn : callable
        Takes points of shape (..., 2), returns losses of shape (...).
    minimum : torch.Tensor
        Shape (2,).
    paths : dict of str to torch.Tensor
        For each method the points visited, shape (steps + 1, 2).
    tolerance : float
        What both distances are to stay below. The title says when they do.
    """
    figure, (above, *panels) = new_figure(3, 1, height=8.4, height_ratios=[1.25, 1, 1])
    draw_contours(above, _around(losses_fn, minimum, paths))
    above.plot(*numbers(minimum), "*", color=INK, ms=13, label="optimum", ls="none", zorder=5)
    for method, style in zip(paths, ("o-", "s--"), strict=False):
        _draw_path(above, paths[method], METHOD_COLORS[method], style, label=method)
    above.set(xlabel="u", ylabel="v", title="Where they go")
    steps = len(next(iter(paths.values()))) - 1
    verdicts = []
    for method, style in zip(paths, ("-", "--"), strict=False):
        distances = (paths[method] - minimum).abs()
        reached = first_step_below(distances, tolerance)
        verdict = f"not met in {steps}" if reached is None else f"met after {reached}"
        verdicts.append(f"{method.capitalize()}: task {verdict} steps")
        for axes, values in zip(panels, numbers(distances).T, strict=True):
            axes.plot(values.clip(1e-12, 1e12), color=METHOD_COLORS[method], ls=style, lw=1.5)
    for axes, name in zip(panels, "uv", strict=True):
        axes.axhline(tolerance, color=INK, lw=1, ls=":")
        axes.set(yscale="log", ylabel=f"distance in {name}", ylim=(1e-9, None))
    panels[0].set_title("\n".join(verdicts))
    panels[1].set_xlabel("step")
    figure.legend(*above.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure


def _around(losses_fn, minimum, paths):
    """Return a landscape whose region holds all paths that stay near, with a margin."""
    points = np.concatenate([numbers(minimum)[None], *map(numbers, paths.values())])
    near = points[np.isfinite(points).all(axis=1)].clip(-50, 50)
    low, high = near.min(axis=0), near.max(axis=0)
    margin = 0.12 * (high - low)
    (left, bottom), (right, top) = low - margin, high + margin
    return Landscape("slice", losses_fn, (tuple(numbers(minimum)),), (left, right, bottom, top))


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
def settings_map(lrs, betas, steps, crosses, kappa):
    """Draw which settings of the heavy ball converge, how fast, and which oscillate.

    Parameters
    ----------
    lrs : torch.Tensor
        Learning rates in units of 1/L, shape (lrs,).
    betas : torch.Tensor
        Shape (betas,).
    steps : torch.Tensor
        How many steps a run took to come near and stay there, infinite if it diverged, shape
        (betas, lrs).
    crosses : torch.Tensor
        Whether a run ever overshot, shape (betas, lrs).
    kappa : float
        The condition number. The lines are those that theory draws for it.
    """
    figure, axes = new_figure(height=4.9)
    x, y = numbers(lrs), numbers(betas)
    taken = np.ma.masked_invalid(numbers(steps).astype(float))
    scale = LogNorm(taken.min(), taken.max())
    shown = axes.pcolormesh(x, y, taken, cmap="viridis_r", norm=scale, rasterized=True)
    axes.patch.set(hatch="////", facecolor="#f3f3f3", edgecolor="#bbbbbb")
    smooth = np.where(numbers(crosses), 0.0, 1.0)
    axes.contourf(x, y, smooth, levels=[0.5, 1.5], colors="none", hatches=[".."])
    root = np.linspace(0, 1, 400)
    stable = 2 * (1 + root**2)
    outline = [withStroke(linewidth=3.5, foreground=INK)]
    for edge, dashes in (
        (stable, "-"),
        ((1 - root) ** 2, "--"),
        (kappa * (1 - root) ** 2, ":"),
        ((1 + root) ** 2, ":"),
    ):
        inside = np.where(edge <= stable, edge, np.nan)
        axes.plot(inside, root**2, dashes, color="white", lw=2, path_effects=outline)
    best = math.sqrt(kappa)
    corner = (4 / (1 + 1 / best) ** 2, ((best - 1) / (best + 1)) ** 2)
    axes.plot(*corner, "*", color="white", mec=INK, ms=16)
    box = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.9}
    for text, place in (("diverges", (3.3, 0.3)), ("oscillates", (1.9, 0.75))):
        axes.text(*place, text, ha="center", va="center", bbox=box)
    arrow = {"arrowstyle": "->", "color": "white", "lw": 1.5}
    axes.annotate("smooth", (0.15, 0.15), (0.8, 0.2), va="center", bbox=box, arrowprops=arrow)
    axes.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    axes.set(xlabel="learning rate, in units of 1/L", ylabel="momentum β")
    axes.grid(visible=False)
    bar = figure.colorbar(shown, ax=axes, orientation="horizontal", aspect=35, pad=0.02)
    bar.set_label("steps to come a million times nearer (log scale)")
    bar.outline.set_visible(False)
    most = int(taken.max())
    ticks = [t for t in (10, 20, 30, 50, 100, 200) if taken.min() <= t < most]
    bar.set_ticks([*ticks, most], labels=[*map(str, ticks), f"{most}+"])
    bar.ax.xaxis.set_minor_formatter(NullFormatter())
    return figure


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
