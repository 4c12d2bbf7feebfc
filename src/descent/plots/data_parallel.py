"""The figures of the appendix: data-parallel training."""

from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, StrMethodFormatter

from descent.plots.style import INK, METHOD_COLORS, new_figure, numbers, settled

BLUE = METHOD_COLORS["gradient descent"]
ORANGE = METHOD_COLORS["momentum"]
DASHES = "-", (0, (5, 1.5)), (0, (1.5, 1.2))
LEAST = 1e-9  # a difference of zero is drawn here


@settled
def two_workers(one_loss, part_losses, distances):
    """Draw the losses that workers see, and how far their parameters lie from those of one process.

    Parameters
    ----------
    one_loss : torch.Tensor
        Shape (steps,): the loss of each whole minibatch, in one process.
    part_losses : sequence of torch.Tensor
        For each worker shape (steps,): the loss of its part of each minibatch.
    distances : dict of str to torch.Tensor
        For each way of working together shape (steps,): the largest difference of a parameter after
        each step.
    """
    figure, (upper, lower) = new_figure(2, 1, height=5.0, sharex=True)
    steps = range(1, len(one_loss) + 1)
    for rank, losses in enumerate(part_losses):
        color = (BLUE, ORANGE)[rank % 2]
        upper.plot(steps, numbers(losses), ".", color=color, ms=6, label=f"rank {rank}, its half")
    upper.plot(steps, numbers(one_loss), color=INK, lw=1.5, label="one process, all")
    upper.set(ylabel="loss of the minibatch", ylim=(0, None))
    upper.legend(loc="upper right")
    for index, (name, values) in enumerate(distances.items()):
        shown = numbers(values).clip(min=LEAST)
        lower.plot(steps, shown, color=INK, ls=DASHES[index], lw=1.5, label=name)
    lower.set(yscale="log", xlabel="update", ylabel="largest difference")
    lower.set_ylim(LEAST, 10)
    lower.xaxis.set_major_locator(MaxNLocator(integer=True))
    lower.legend(loc="center right")
    return figure


@settled
def traffic(workers, sent):
    """Draw how much the busiest process sends to sum one gradient over all workers.

    Parameters
    ----------
    workers : sequence of int
        Numbers of workers, growing by a constant factor.
    sent : dict of str to sequence of float
        For each way of summing shape (workers,), in gradients.
    """
    figure, axes = new_figure(height=2.9)
    for index, (name, values) in enumerate(sent.items()):
        color = (BLUE, ORANGE)[index % 2]
        axes.plot(workers, numbers(values), "os"[index % 2] + "-", color=color, label=name)
    axes.set(xscale="log", yscale="log", xlabel="workers", ylabel="busiest sends (gradients)")
    axes.xaxis.set(major_locator=FixedLocator(list(workers)), minor_locator=NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.legend(loc="upper left")
    return figure
