"""Demos 6.1 and 6.2: what an update costs, and a race of batch sizes."""

import altair as alt
import numpy as np
import torch
from matplotlib.colors import to_hex

from descent.demos.charts import WIDTH, named, stack
from descent.models import MLP, losses_many
from descent.plots import METHOD_COLORS
from descent.plots.minibatches import SHADES
from descent.runs import descend, grid
from descent.training import update_times
from livepage.explorer import Choice, Slider, explorer

LRS = (0.01, 0.03, 0.1, 0.3, 1.0)
SIZES = (20, 250, 1000)
DASHES = [[1, 0], [6, 2], [2, 2]]
HIGHEST = 1e3  # a loss beyond it is drawn no further
RECORDS = 40
POINTS = (1, 3, 10, 30, 100, 300, 1000, 3000)
PASSES = ["forward", "backward and update"]


def batch_size_race(start, update_fn, sample_fn, data, test_data, budget, goal=0.5, seed=0):
    """Show demo 6.2: batches of 20, 250 and 1,000 points, each with its own learning rate.

    Parameters
    ----------
    start : list of torch.Tensor
        Parameters without a dimension of runs, shapes (in, out) and (1, out).
    update_fn : callable
        The rule, with the argument ``lr``, such as `descent.optimizers.gradient_update`.
    sample_fn : callable
        Draws a minibatch, such as the reader's ``sample_minibatch``.
    data, test_data : tuple of torch.Tensor
        Inputs and targets: to draw from, and to measure the loss on.
    budget : int
        How many points each run sees.
    goal : float
        The loss to stay below in the last tenth of the budget.
    seed : int
        Of the minibatches.
    """
    first = [param.detach().double() for param in start]
    data, test_data = ((inputs.double(), targets) for inputs, targets in (data, test_data))
    seconds = {size: _seconds_per_update(first, data, size) for size in SIZES}

    def compute(**lrs):
        what = first, update_fn, sample_fn, data, test_data, budget
        return batch_size_race_data(*what, lrs, seconds, goal, seed)

    return explorer(
        compute,
        {_name(size): Slider(f"lr for {size:,} points", LRS, 0.01) for size in SIZES},
        _race_chart(budget, seconds, goal),
        caption="Try it: bring the loss of all three batch sizes below the dashed line, "
        "for the whole last tenth of the budget.",
        alt="Three panels with the loss of batch sizes 20, 250 and 1,000 at one learning rate. "
        "Against updates the three curves fall together. Against points seen, the batch of 20 "
        "falls far faster than that of 250, and that faster than the one of 1,000. The lowest "
        "panel shows the same against seconds.",
    )


def batch_size_race_data(
    start, update_fn, sample_fn, data, test_data, budget, lrs, seconds, goal, seed=0
):
    """Return the losses of all batch sizes and learning rates, and whether the task is met.

    Parameters
    ----------
    start, update_fn, sample_fn, data, test_data, budget, goal, seed
        As for `batch_size_race`.
    lrs : dict of str to list of float
        The learning rates of each batch size, under ``lr_20``, ``lr_250`` and ``lr_1000``.
    seconds : dict of int to float
        How long an update takes with each batch size.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``batch_20``, ``batch_250`` and ``batch_1000``, with columns ``batch``, ``updates``,
        ``points``, ``seconds`` and ``loss``, and ``message``, as `livepage.explorer.explorer`
        takes them.
    """
    datasets, met = {}, []
    for axis, size in enumerate(SIZES):
        rates = lrs[_name(size)]
        what = start, update_fn, sample_fn, data, test_data, budget
        steps, losses = _train(*what, rates, size, seed)
        steps = np.array(steps)[None, None, None]
        place = [1, 1, 1, -1]
        place[axis] = len(rates)
        datasets[f"batch_{size}"] = {
            "batch": np.array([[[[f"{size:,} points"]]]]),
            "updates": steps,
            "points": steps * size,
            "seconds": steps * seconds[size],
            "loss": losses.reshape(place),
        }
        tail = losses[:, -max(1, losses.shape[1] // 10) :]
        met.append((tail < goal).all(axis=1))
    return datasets | {"message": _race_verdicts(met, goal)}


def _train(start, update_fn, sample_fn, data, test_data, budget, lrs, size, seed):
    """Return the recorded steps, and the losses of all learning rates: (rates, records)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        runs = descend(
            lambda params: losses_many(params, *sample_fn(*data, size)),
            start,
            update_fn,
            grid(lr=lrs),
            budget // size,
            measure_fn=lambda params: losses_many(params, *test_data),
            every=max(1, budget // size // RECORDS),
        )
    losses = runs.losses.T.cpu().numpy()
    return runs.steps, np.where(losses < HIGHEST, losses, np.nan)


def _race_verdicts(met, goal):
    """Say for each combination of learning rates which batch sizes meet the task."""
    shape = [len(each) for each in met]
    texts, good = np.empty(shape, dtype=object), np.zeros(shape, dtype=bool)
    for place in np.ndindex(*shape):
        done = [each[index] for each, index in zip(met, place, strict=True)]
        missing = [f"{size:,}" for size, good_one in zip(SIZES, done, strict=True) if not good_one]
        good[place] = not missing
        texts[place] = _race_verdict(missing, goal)
    return {"text": texts.astype(str)[..., None], "good": good[..., None]}


def _race_verdict(missing, goal):
    if not missing:
        return f"Done: all three are below {goal:g} in the whole last tenth of the budget."
    *others, last = missing
    names = f"{', '.join(others)} and {last}" if others else last
    return f"Not yet: batches of {names} points are not steadily below {goal:g}."


def _seconds_per_update(start, data, size):
    """Measure an update of one network, from one run of a few steps."""
    widths = [param.shape[1] for param in start[0::2]]
    model = MLP(len(start[0]), widths[-1], widths[:-1]).to(start[0].device)
    return float(update_times(model, [size]).sum())


def _name(size):
    return f"lr_{size}"


def _race_chart(budget, seconds, goal):
    updates, longest = budget // SIZES[1], max(budget // size * seconds[size] for size in SIZES)
    scales = {"updates": updates, "points": budget, "seconds": longest}
    titles = {"updates": "updates", "points": "points seen", "seconds": "seconds"}
    return stack(*[_race_panel(by, titles[by], scales[by], goal) for by in scales])


def _race_panel(by, title, end, goal):
    names = [f"{size:,} points" for size in SIZES]
    legend = alt.Legend(title=None, symbolType="stroke") if by == "updates" else None
    colors = alt.Scale(domain=names, range=[to_hex(shade) for shade in SHADES])
    dashes = alt.Scale(domain=names, range=DASHES)
    scale = alt.Scale(domain=[0, end], nice=False)
    x = alt.X(f"{by}:Q", title=title, scale=scale, axis=alt.Axis(tickCount=5))
    y = alt.Y("loss:Q", title="loss", scale=alt.Scale(domain=[0, 3]), axis=alt.Axis(tickCount=4))
    color = alt.Color("batch:N", scale=colors, legend=legend)
    dash = alt.StrokeDash("batch:N", scale=dashes, legend=legend)
    lines = [
        alt.Chart(named(f"batch_{size}")).mark_line(clip=True).encode(x, y, color, dash)
        for size in SIZES
    ]
    line = alt.Chart(alt.Data(values=[{"goal": goal}]))
    line = line.mark_rule(color=METHOD_COLORS["momentum"], strokeDash=[4, 3], strokeWidth=1.5)
    return alt.layer(*lines, line.encode(y="goal:Q")).properties(width=WIDTH, height=130)


def update_cost(networks, measure_fn=update_times):
    """Show demo 6.1: how long an update takes, for several networks and numbers of points.

    The times are measured when they are first asked for, on this machine.

    Parameters
    ----------
    networks : dict of str to descent.models.MLP
        By their names, two or more.
    measure_fn : callable
        As `descent.training.update_times`.
    """
    known = {}

    def measure(name, points):
        missing = [size for size in points if (name, size) not in known]
        if missing:
            measured = measure_fn(networks[name], missing, repeats=3)
            known.update(zip([(name, size) for size in missing], measured, strict=True))
        return np.array([known[name, size] for size in points])

    def compute(points, network):
        return update_cost_data(measure, points, network, list(networks))

    middle = list(networks)[len(networks) // 2]
    return explorer(
        compute,
        {
            "points": Slider("number of points", POINTS, 30),
            "network": Choice("hidden layers", {name: name for name in networks}, middle),
        },
        _cost_chart(),
        caption="Try it: from which number of points on do twice as many take twice as long? "
        "See how the time for each point falls until then.",
        alt="Two panels against the number of points, on logarithmic axes. Top: the milliseconds "
        "of the forward pass and of backward pass and update, nearly flat with few points, rising "
        "with many. Below: the microseconds for each point, which fall and then level off.",
    )


def update_cost_data(measure_fn, points, network, names):
    """Return how long updates take, for all settings.

    Parameters
    ----------
    measure_fn : callable
        Takes the name of a network and numbers of points, returns seconds of the forward pass and
        of backward pass and update, shape (numbers, 2).
    points : list of int
        The numbers of points.
    network : list of str
        The networks.
    names : list of str
        All networks, which are drawn pale.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``others``, ``costs``, ``chosen`` and ``message``, as `livepage.explorer.explorer` takes
        them.
    """
    every = _cost_columns(np.stack([measure_fn(name, POINTS) for name in names]))
    mine = _cost_columns(np.stack([measure_fn(name, POINTS) for name in network]))
    at = np.stack([measure_fn(name, points) for name in network], axis=1)
    numbers = np.reshape(points, (-1, 1, 1))
    texts = [
        [[_cost_text(n, *seconds)] for seconds in row] for n, row in zip(points, at, strict=True)
    ]
    return {
        "others": {name: values.reshape(1, 1, -1) for name, values in every.items()}
        | {"network": np.repeat(names, 2 * len(POINTS)).reshape(1, 1, -1)},
        "costs": {name: values[None] for name, values in mine.items()},
        "chosen": {
            "at": numbers,
            "half": np.array([[PASSES]]),
            "ms": 1e3 * at,
            "each": 1e6 * at / numbers,
        },
        "message": {"text": np.array(texts)},
    }


def _cost_columns(seconds):
    """Return the columns of seconds of shape (networks, numbers of points, 2)."""
    runs = len(seconds)
    numbers = np.reshape(POINTS, (-1, 1))
    return {
        "size": np.tile(np.repeat(POINTS, 2), (runs, 1)),
        "half": np.tile(PASSES, (runs, len(POINTS))),
        "ms": 1e3 * seconds.reshape(runs, -1),
        "each": 1e6 * (seconds / numbers).reshape(runs, -1),
    }


def _cost_text(points, forward, backward):
    total = forward + backward
    number = "1 point" if points == 1 else f"{points:,} points"
    return (
        f"An update from {number}: {1e3 * forward:.2g} ms forward, {1e3 * backward:.2g} ms "
        f"backward and update, {1e6 * total / points:.3g} µs for each point."
    )


def _cost_chart():
    return stack(
        _cost_panel("ms", "milliseconds"),
        _cost_panel("each", "microseconds a point"),
    )


def _cost_panel(field, title):
    legend = alt.Legend(title=None, symbolType="stroke", symbolOpacity=1) if field == "ms" else None
    colors = [METHOD_COLORS["gradient descent"], METHOD_COLORS["momentum"]]
    x = alt.X(
        "size:Q",
        scale=alt.Scale(type="log", domain=[0.8 * POINTS[0], 1.25 * POINTS[-1]], nice=False),
        title="number of points",
        axis=alt.Axis(values=[1, 10, 100, 1000]),
    )
    powers = alt.Axis(values=[10.0**k for k in range(-3, 5)])
    y = alt.Y(f"{field}:Q", scale=alt.Scale(type="log"), title=title, axis=powers)
    color = alt.Color("half:N", scale=alt.Scale(domain=PASSES, range=colors), legend=legend)
    dashes = alt.Scale(domain=PASSES, range=DASHES[:2])
    dash = alt.StrokeDash("half:N", scale=dashes, legend=legend)
    pale = alt.Chart(named("others")).mark_line(strokeWidth=1, opacity=0.35)
    pale = pale.encode(x, y, color, dash, detail="network:N")
    lines = alt.Chart(named("costs")).mark_line().encode(x, y, color, dash)
    ring = alt.Chart(named("chosen")).mark_point(size=150, strokeWidth=3)
    ring = ring.encode(x="at:Q", y=f"{field}:Q", color=color)
    return alt.layer(pale, lines, ring).properties(width=WIDTH, height=150)
