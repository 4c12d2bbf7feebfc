"""The figures of chapter 6: minibatches."""

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgb

from descent.plots.style import INK, METHOD_COLORS, new_figure, numbers, settled, text_color

BLUE = METHOD_COLORS["gradient descent"]
ORANGE = METHOD_COLORS["momentum"]
GRAY = "#777777"
DASHES = "-", (0, (5, 1.5)), (0, (1.5, 1.2))
MARKERS = "o", "s", "^"

LEAST_EXCESS = 3e-6  # below it a loss in single precision is mostly rounding


def _shade(strength):
    """Return the blue of gradient descent: paler below 1, darker above."""
    target = (1, 1, 1) if strength < 1 else (0, 0, 0)
    share = abs(1 - strength)
    return tuple(np.array(to_rgb(BLUE)) * (1 - share) + np.array(target) * share)


SHADES = _shade(1.55), _shade(1.0), _shade(0.6)


@settled
def gradient_clouds(clouds, full):
    """Draw minibatch gradients as points, for several batch sizes.

    Parameters
    ----------
    clouds : dict of int to torch.Tensor
        For each batch size shape (draws, dimensions). The first coordinate is drawn along the full
        gradient; all others are drawn as one, the distance from its line.
    full : torch.Tensor
        The full gradient, shape (dimensions,), along the first axis.
    """
    figure, panels = new_figure(1, len(clouds), height=3.4, sharex=True, sharey=True, squeeze=False)
    length = float(full[0])
    scaled = {size: numbers(cloud) / length for size, cloud in clouds.items()}
    planes = {
        size: (cloud[:, 0], np.linalg.norm(cloud[:, 1:], axis=1)) for size, cloud in scaled.items()
    }
    reach = max(1.5, 1.08 * max(np.abs(along - 1).max() for along, _ in planes.values()))
    top = 1.05 * max(across.max() for _, across in planes.values())
    for axes, (size, (along, across)) in zip(panels.flat, planes.items(), strict=True):
        axes.axvline(0, color=GRAY, lw=0.8, ls=":")
        axes.plot(along, across, ".", color=BLUE, ms=3, alpha=0.6, mew=0)
        axes.plot((0, 1), (0, 0), color=ORANGE, lw=3, solid_capstyle="butt")
        axes.plot(1, 0, ">", color=ORANGE, ms=6)
        axes.set_title("1 point" if size == 1 else f"{size} points")
        axes.set(xlim=(1 - reach, 1 + reach), ylim=(-0.04 * top, top), aspect="equal")
        axes.set(xlabel="along the full gradient", ylabel="distance from its line")
        axes.xaxis.label.set_visible(False)  # one for all panels, below, has room for the unit
        axes.yaxis.label.set_visible(axes is panels[0, 0])
    figure.supxlabel("along the full gradient, in units of its length", fontsize=10)
    return figure


@settled
def gradient_variances(batch_sizes, measured, predicted_sizes, predicted):
    """Draw the variance of minibatch gradients against the batch size.

    Parameters
    ----------
    batch_sizes : sequence of int
        The batch sizes that were measured.
    measured : dict of str to torch.Tensor
        For each way of drawing shape (batch sizes,), in units of the squared full gradient.
    predicted_sizes : torch.Tensor
        Shape (predictions,): batch sizes of the formula.
    predicted : dict of str to torch.Tensor
        For the same ways of drawing shape (predictions,), in the same units.
    """
    figure, axes = new_figure(height=3.4)
    for index, name in enumerate(measured):
        color = (BLUE, GRAY)[index]
        values = numbers(predicted[name])
        shown = values > 0
        axes.plot(
            numbers(predicted_sizes)[shown], values[shown], color=color, ls=DASHES[index], lw=1.5
        )
        axes.plot(batch_sizes, numbers(measured[name]), MARKERS[index], color=color, label=name)
    axes.axhline(1, color=INK, lw=1, ls=":")
    axes.annotate(
        "noise as large as the gradient",
        (1, 1),
        xytext=(0, 4),
        textcoords="offset points",
        color=INK,
        fontsize=9,
    )
    axes.set(xscale="log", yscale="log", xlabel="batch size B")
    axes.set_ylabel("variance / ‖full gradient‖²")
    axes.set_ylim(0.4 * float(numbers(measured[next(iter(measured))]).min()), None)
    axes.legend(loc="upper right")
    return figure


@settled
def batch_and_rate_map(lrs, batch_sizes, losses, worst):
    """Draw the final loss for each batch size and learning rate as a map.

    Parameters
    ----------
    lrs : sequence of float
        Learning rates, growing by a constant factor.
    batch_sizes : sequence of int
        Batch sizes, growing by a constant factor.
    losses : torch.Tensor
        Shape (batch sizes, learning rates). What diverged may be infinite or NaN.
    worst : float
        The loss of the lightest colour: that of the untrained model, say.
    """
    figure, axes = new_figure(height=3.5)
    values = np.nan_to_num(numbers(losses), nan=np.inf)
    shown = np.clip(values, None, worst)
    cmap = mpl.colormaps["Blues_r"]
    norm = mpl.colors.LogNorm(shown.min(), worst)
    axes.imshow(shown, cmap=cmap, norm=norm, aspect="auto", origin="lower")
    for row, column in np.ndindex(*shown.shape):
        value = values[row, column]
        best = value == values[row].min()
        axes.text(
            column,
            row,
            f"{value:.2f}" if value < worst else "–",
            ha="center",
            va="center",
            fontsize=9,
            fontweight="bold" if best else "normal",
            color=str(text_color(norm(shown[row, column]), cmap)),
        )
        if best:
            axes.plot(column, row, "s", ms=24, mfc="none", mec=ORANGE, mew=2)
    axes.set_xticks(range(len(lrs)), [f"{lr:.2g}" for lr in lrs])
    axes.set_yticks(range(len(batch_sizes)), batch_sizes)
    axes.set(xlabel="learning rate", ylabel="batch size")
    axes.grid(visible=False)
    axes.set_title("Loss after the same number of points")
    return figure


@settled
def settling(steps, excess, predicted=None):
    """Draw how far above the minimum several runs are, step by step.

    Parameters
    ----------
    steps : sequence of int
        The recorded steps.
    excess : dict of str to torch.Tensor
        For each run, under what its label says, shape (records,): the loss less the least loss.
    predicted : float, optional
        The height at which a run is expected to stay.
    """
    figure, axes = new_figure(height=3.8)
    for index, (name, values) in enumerate(excess.items()):
        axes.plot(
            steps,
            numbers(values),
            color=SHADES[index],
            ls=DASHES[index],
            lw=1.5,
            label=name,
        )
    if predicted is not None:
        axes.axhline(predicted, color=ORANGE, lw=1.2, label="predicted floor")
    axes.set(yscale="log", xlabel="update", ylabel="loss above the minimum")
    axes.set_ylim(max(axes.get_ylim()[0], LEAST_EXCESS), None)
    figure.legend(loc="outside upper left", ncols=2, fontsize=9)
    return figure


@settled
def floor_heights(ratios, floors, batch_sizes, variance):
    """Draw the height of the noise floor against lr/B, beside the straight line of the formula.

    Parameters
    ----------
    ratios, floors : torch.Tensor
        Shape (batch sizes, learning rates): lr/B, and the mean loss above the minimum.
    batch_sizes : sequence of int
        One for each row.
    variance : float
        The total variance of the gradient of a single point.
    """
    figure, axes = new_figure()
    x = numbers(ratios)
    for index, size in enumerate(batch_sizes):
        axes.plot(
            x[index],
            numbers(floors[index]),
            MARKERS[index],
            color=SHADES[index],
            label=f"B = {size}",
        )
    ends = np.array([x.min() / 1.5, x.max() * 1.5])
    axes.plot(ends, ends * variance / 4, color=ORANGE, lw=1.2, label="lr/B · V/4", zorder=1)
    axes.set(xscale="log", yscale="log", xlabel="lr/B", ylabel="loss above the minimum")
    axes.legend(loc="upper left")
    return figure
