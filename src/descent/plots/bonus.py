"""The figures of chapter 9, the bonus: putting it all together."""

import itertools

import numpy as np
from matplotlib.ticker import MaxNLocator

from descent.plots.style import INK, METHOD_COLORS, new_figure, numbers, settled, text_color

PER_ROW = 5  # digits in a row of pictures


@settled
def lucky_winners(counts, chosen, fresh, truth):
    """Draw the score of the best of many equal models, where it was chosen and on fresh data.

    Parameters
    ----------
    counts : sequence of int
        How many models there were to choose from.
    chosen, fresh : torch.Tensor
        The winner's accuracy from 0 to 1 on the set that it was chosen by, and on a fresh set, for
        each count and repetition: shape (counts, repetitions). The means are drawn, and bands from
        the 10th to the 90th percentile.
    truth : float
        The accuracy that each of the models really has.
    """
    figure, axes = new_figure()
    series = (
        (chosen, METHOD_COLORS["momentum"], "o-", "on the set that it was chosen by"),
        (fresh, METHOD_COLORS["gradient descent"], "s--", "on a fresh set"),
    )
    for values, color, line, label in series:
        percent = 100 * numbers(values)
        low, high = np.quantile(percent, (0.1, 0.9), axis=1)
        axes.fill_between(counts, low, high, color=color, alpha=0.15, lw=0)
        axes.plot(counts, percent.mean(axis=1), line, color=color, label=label)
    axes.axhline(100 * truth, color=INK, lw=1, ls=":", label="what it really has")
    axes.set(xscale="log", xlabel="number of equal models to choose from")
    axes.set(ylabel="right answers of the best (%)")
    axes.set_xticks([10**power for power in range(len(str(max(counts))))])
    axes.xaxis.set_major_formatter("{x:g}")
    figure.legend(loc="outside upper left", ncols=2)
    return figure


@settled
def training_curves(tables):
    """Draw loss and accuracy against the epoch, on training and on validation digits.

    Parameters
    ----------
    tables : sequence of pandas.DataFrame
        One for each run, as from `descent.training.History.table`.
    """
    figure, (upper, lower) = new_figure(2, 1, height=5.2, sharex=True)
    looks = (
        ("train", "training digits", {"color": INK, "ls": "--", "lw": 1.2}),
        ("val", "validation digits", {"color": METHOD_COLORS["Adam"], "ls": "-", "lw": 1.8}),
    )
    for (part, label, look), (run, table) in itertools.product(looks, enumerate(tables)):
        upper.plot(table["epoch"], table[f"{part}_loss"], label="" if run else label, **look)
        lower.plot(table["epoch"], 100 * table[f"{part}_accuracy"], **look)
    upper.set(yscale="log", ylabel="loss", title=f"Loss of {len(tables)} runs")
    # The first epochs would press the rest together, so the axis begins where it gets interesting.
    errors = [100 - 100 * table["val_accuracy"].iloc[-1] for table in tables]
    lower.set_ylim(100 - 6 * max([0.5, *errors]), 100.4)
    lower.set(ylabel="right answers (%)", xlabel="epoch", title="Accuracy, the upper end")
    lower.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    upper.legend()
    return figure


@settled
def confusion(counts):
    """Draw which digits are taken for which: a number for each pair, right answers left out.

    Parameters
    ----------
    counts : torch.Tensor
        Shape (classes, classes): how often the digit of the row was read as that of the column.
    """
    counts = numbers(counts).astype(int)
    mistakes = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    figure, axes = new_figure(height=4.9)
    highest = max(mistakes.max(), 1)
    shown = axes.imshow(np.ma.masked_equal(mistakes, 0), cmap="Oranges", vmin=0, vmax=highest)
    colors = text_color(shown.norm(mistakes), shown.cmap)
    for (row, column), count in np.ndenumerate(mistakes):
        if row == column:
            axes.text(column, row, "✓", color="#777777", ha="center", va="center")
        elif count:
            axes.text(column, row, count, color=colors[row, column], ha="center", va="center")
    classes = range(len(counts))
    axes.set(xticks=classes, yticks=classes, xlabel="what the model reads", ylabel="the digit")
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set(visible=True, color="#b5b5b5")
    return figure


@settled
def misread_digits(images, labels, predictions, probabilities, most=20):
    """Draw digits that a model misreads, each with its label, the answer and its probability.

    Parameters
    ----------
    images : torch.Tensor
        Shape (count, height, width). The first ``most`` of them are drawn.
    labels, predictions : torch.Tensor
        Shape (count,): what each image shows, and what the model reads.
    probabilities : torch.Tensor
        Shape (count,): how probable the model holds its answer, from 0 to 1.
    most : int
        How many digits to draw at most.
    """
    shown = min(len(images), most)
    rows = max(1, -(-shown // PER_ROW))
    figure, panels = new_figure(rows, PER_ROW, height=0.4 + 1.35 * rows, squeeze=False)
    for axes in panels.flat:
        axes.axis("off")
    details = zip(panels.flat, images, labels, predictions, probabilities, strict=False)
    for axes, image, label, prediction, probability in list(details)[:shown]:
        axes.imshow(numbers(image))
        sure = f"{100 * probability:.0f}" if probability < 0.995 else "over 99"
        title = f"{int(label)} read as {int(prediction)}\n{sure} % sure"
        axes.set_title(title, loc="center", fontsize=9, weight="normal")
    if not shown:
        panels[0, 0].set_title("No digit was misread.", loc="left")
    return figure
