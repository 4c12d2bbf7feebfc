"""The figures of chapter 8: ethical concerns."""

import numpy as np

from descent.plots.style import INK, new_figure, numbers, settled

PROXY = "#882255"  # no method's colour: wine, by Tol (2021)


@settled
def captioned_digits(rows):
    """Draw rows of digits with their labels below, and say where a label is wrong.

    Parameters
    ----------
    rows : dict of str to tuple of torch.Tensor
        Title of each row: its images, shape (count, height, width), their labels, shape (count,),
        and, if any of these may be wrong, the right ones.
    """
    columns = max(len(images) for images, *_ in rows.values())
    figure, panels = new_figure(len(rows), columns, height=1.3 * len(rows), squeeze=False)
    for row, (title, (images, *labels)) in zip(panels, rows.items(), strict=True):
        images, given, right = numbers(images), numbers(labels[0]), numbers(labels[-1])
        for axes, image, label, truth in zip(row, images, given, right, strict=True):
            axes.imshow(image, vmin=images.min(), vmax=images.max())
            wrong = label != truth
            text = f"{label}, not {truth}" if wrong else str(label)
            axes.set_xlabel(text, color=PROXY if wrong else INK, weight="bold" if wrong else None)
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
            axes.spines[:].set(visible=True, color="#b5b5b5")
        # A title proper would make its column wider.
        over = {"xycoords": "axes fraction", "textcoords": "offset points", "weight": "bold"}
        row[0].annotate(title, (0, 1), xytext=(0, 7), **over).set_in_layout(False)
    room = 0.1 / figure.get_figheight()  # for the uppermost title, which the layout knows not of
    figure.get_layout_engine().set(h_pad=0.16, rect=(0, 0, 1, 1 - room))
    return figure


@settled
def proxy_and_goal(steps, sources):
    """Draw a proxy and the goal against the number of steps, and mark where the goal is best.

    Parameters
    ----------
    steps : sequence of int
        The recorded steps; the first may be 0 and is left out, since the axis is logarithmic.
    sources : dict of str to dict of str to torch.Tensor
        For each source of labels the shares, from 0 to 1 and of shape (records, repeats), under
        the names ``trained on``, ``new digits`` and ``goal``.
    """
    figure, panels = new_figure(len(sources), 1, height=2.75 * len(sources), squeeze=False)
    shown = np.asarray(steps) > 0
    x = np.asarray(steps)[shown]
    for axes, (title, shares) in zip(panels.flat, sources.items(), strict=True):
        percent = {name: 100 * numbers(values)[shown] for name, values in shares.items()}
        axes.plot(x, percent["goal"], color=INK, lw=0.7, alpha=0.4)
        lowest = min(values.min() for values in percent.values())
        trained, new, goal = (
            percent[name].mean(axis=1) for name in ("trained on", "new digits", "goal")
        )
        axes.plot(x, trained, ":", color=PROXY, label="proxy, digits trained on")
        axes.plot(x, new, "--", color=PROXY, label="proxy, new digits")
        axes.plot(x, goal, color=INK, lw=2.5, label="goal, new digits")
        best = goal.argmax()
        axes.plot(x[best], goal[best], "*", color="#F0E442", mec=INK, ms=15, label="goal is best")
        axes.axvline(x[best], color=INK, lw=0.8, ls=":")
        axes.set(title=title, xscale="log", ylabel="agreement (%)", ylim=(lowest - 4, 104))
    axes.set_xlabel("optimization pressure: steps of training")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


@settled
def group_accuracies(shares, errors):
    """Draw the share of right answers in each group as bars, with two standard errors.

    Parameters
    ----------
    shares : dict of str to float
        For each group, or all together, the share from 0 to 1.
    errors : dict of str to float
        The standard error of each.
    """
    figure, axes = new_figure(height=0.62 * len(shares) + 0.75)
    for place, (name, share) in enumerate(shares.items()):
        low = 100 * (share - 2 * errors[name])
        axes.barh(place, 100 * share, height=0.6, color=PROXY if place == len(shares) - 1 else INK)
        axes.errorbar(
            100 * share, place, xerr=200 * errors[name], color="#b5b5b5", capsize=4, lw=1.5
        )
        axes.annotate(
            f"{100 * share:.0f} %",
            (low, place),
            xytext=(-5, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color="white",
            fontweight="bold",
        )
    axes.set(yticks=range(len(shares)), yticklabels=list(shares), ylim=(len(shares) - 0.5, -0.5))
    axes.set(xlim=(0, 104), xlabel="right answers (%), with two standard errors")
    axes.set_ylabel("digits of")
    axes.grid(visible=False, axis="y")
    return figure


@settled
def trade_off(curves, choices):
    """Draw the accuracy of one group against that of another, one curve for each amount of data.

    Parameters
    ----------
    curves : dict of str to tuple of torch.Tensor
        For each curve the accuracy of the majority and of the minority, from 0 to 1, each of shape
        (repeats, weights). Repeats are drawn as dots, their mean as a line.
    choices : dict of str to int
        Weights to mark on the first curve: a name, and the index of the weight.
    """
    figure, axes = new_figure(height=4.4)
    styles = (("o", "-", INK), ("^", "--", PROXY))
    for (label, pair), (marker, line, color) in zip(curves.items(), styles, strict=False):
        majority, minority = (100 * numbers(values) for values in pair)
        axes.plot(majority.ravel(), minority.ravel(), marker, color=color, ms=3, alpha=0.4)
        means = majority.mean(axis=0), minority.mean(axis=0)
        axes.plot(*means, line, marker=marker, color=color, label=label)
    majority, minority = (100 * numbers(v).mean(axis=0) for v in next(iter(curves.values())))
    for number, (name, index) in enumerate(choices.items(), start=1):
        axes.plot(majority[index], minority[index], "s", color="#F0E442", mec=INK, ms=13)
        axes.annotate(str(number), (majority[index], minority[index]), ha="center", va="center")
        axes.plot([], [], "s", color="#F0E442", mec=INK, ms=9, label=f"{number}: {name}")
    axes.axline((70, 70), slope=1, color="#888888", lw=1, ls=":", label="both groups alike")
    axes.set(xlabel="right answers in the majority (%)")
    axes.set_ylabel("right answers in the minority (%)")
    axes.set(xlim=_around(axes, 0), ylim=_around(axes, 1))
    axes.legend(loc="lower left", frameon=True, framealpha=1, edgecolor="none")
    return figure


def _around(axes, coordinate):
    """Return limits around all points of an axes that are drawn at data coordinates."""
    points = [line.get_xydata()[:, coordinate] for line in axes.lines if len(line.get_xdata()) > 2]
    low, high = min(map(np.min, points)), max(map(np.max, points))
    margin = 0.05 * (high - low)
    return low - margin, high + margin


@settled
def training_costs(operations, kilowatt_hours):
    """Draw what trainings cost, in operations and in energy, on logarithmic axes.

    Parameters
    ----------
    operations, kilowatt_hours : dict of str to tuple of (float, bool)
        For each training its cost, and whether it was run for this page rather than published.
    """
    heights = [len(operations), len(kilowatt_hours)]
    figure, panels = new_figure(2, 1, height=0.4 * sum(heights) + 1.4, height_ratios=heights)
    units = ("floating-point operations", "energy (kilowatt hours)")
    for axes, unit, costs in zip(panels, units, (operations, kilowatt_hours), strict=True):
        for place, (value, ours) in enumerate(costs.values()):
            style = {"marker": "o", "color": PROXY} if ours else {"marker": "s", "color": INK}
            axes.plot(value, place, ms=8, **style)
            axes.axhline(place, color="#e4e4e4", lw=1, zorder=0)
        values = [value for value, _ in costs.values()]
        axes.set(xlabel=unit, xscale="log", xlim=(min(values) / 30, max(values) * 30))
        axes.set(yticks=range(len(costs)), yticklabels=list(costs), ylim=(len(costs) - 0.4, -0.6))
        axes.set_ylabel("spent on")
    return figure
