"""The figures of chapter 3: high-dimensional search."""

import numpy as np

from descent.plots.style import INK, METHOD_COLORS, STAGE_COLORS, new_figure, numbers, settled


@settled
def search_progress(losses):
    """Draw the loss of each method against the number of steps.

    Parameters
    ----------
    losses : dict of str to torch.Tensor
        For each method shape (steps + 1, runs); each run is drawn.
    """
    figure, axes = new_figure()
    for method, values in losses.items():
        lines = axes.plot(numbers(values), color=METHOD_COLORS[method], lw=1.5)
        lines[0].set_label(method)
    axes.set(xlabel="step", ylabel="loss", ylim=(0, None))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.12))
    return figure


@settled
def update_histograms(changes, gradient_changes):
    """Draw how much random steps change the loss, and how much one gradient step does.

    Parameters
    ----------
    changes : dict of str to torch.Tensor
        For each stage of training the change in loss of each random step, shape (count,).
    gradient_changes : dict of str to float
        For each stage the change in loss of one gradient step of the same length.
    """
    figure, panels = new_figure(len(changes), 1, height=2.5 * len(changes), squeeze=False)
    for axes, (stage, values) in zip(panels.flat, changes.items(), strict=True):
        axes.hist(numbers(values), bins=20, color=METHOD_COLORS["random search"])
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
    axes.set_xlabel("change in loss: left of zero is better")
    return figure


@settled
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
    figure, axes = new_figure()
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


@settled
def improving_shares(lengths, measured, predicted):
    """Draw which share of random steps improves the loss, against the length of the step.

    Parameters
    ----------
    lengths : torch.Tensor
        Shape (lengths,).
    measured, predicted : dict of str to torch.Tensor
        For each stage of training the share, from 0 to 1, shape (lengths,).
    """
    figure, axes = new_figure()
    x = numbers(lengths)
    for stage in measured:
        color = STAGE_COLORS[stage]
        axes.plot(x, 100 * numbers(measured[stage]), "o", color=color, label=f"{stage}, measured")
        axes.plot(x, 100 * numbers(predicted[stage]), color=color, lw=1.5, label="predicted")
    axes.axhline(50, color=INK, lw=1, ls=":")
    axes.set(xscale="log", xlabel="length of the step", ylabel="steps that improve the loss (%)")
    axes.set_ylim(-3, max(72, axes.get_ylim()[1]))
    axes.legend(loc="lower left")
    return figure


@settled
def stable_steps(multiples, excess_losses):
    """Draw how far above the minimum gradient descent ends, against its learning rate.

    Parameters
    ----------
    multiples : torch.Tensor
        Learning rates in units of 1/L, shape (runs,).
    excess_losses : torch.Tensor
        The last loss less the least loss, shape (runs,).
    """
    figure, axes = new_figure()
    axes.plot(
        numbers(multiples), numbers(excess_losses), "o-", color=METHOD_COLORS["gradient descent"]
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
