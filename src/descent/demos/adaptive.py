"""Demos 7 and 7b: four optimizers on one network, and how exactly each wants its learning rate."""

import altair as alt
import numpy as np
import torch

from descent.demos.charts import DASHES, INK, WIDTH, named, stack, styled
from descent.models import MLP, losses_many, stack_models
from descent.plots import METHOD_COLORS
from descent.reproducibility import SEED
from descent.runs import descend, grid
from descent.runs.robustness import DIVERGED
from livepage.explorer import Slider, explorer

FAMILIES = {"SGD": "gradient descent"}  # what a method is called in the rest of the book
STEPS = 80
EVERY = 5
TASK = 0.5
LRS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
BATCH_SIZES = (4, 16, 64)
LOSS_LABELS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10]
LIMITS = (0.05, 0.08, 0.12, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0)
LOWEST, HIGHEST = 0.03, 4.0  # what is drawn of losses by rate; those of diverged runs are cut off
RATE_SCALE = alt.Scale(type="log", domain=[1e-4, 5], nice=False)  # with room for words at the right


def four_optimizers(images, labels, rules, hidden_dims=(100, 100)):
    """Show demo 7: the loss of four methods that share one learning rate.

    Parameters
    ----------
    images : torch.Tensor
        Shape (points, height, width). Few and small ones, as 96 networks are trained.
    labels : torch.Tensor
        Shape (points,).
    rules : dict of str to (callable, dict)
        For each method its update rule, such as the reader's ``rmsprop_update``, and its other
        settings, as axes of `descent.runs.grid` with one value each.
    hidden_dims : sequence of int
        Width of each hidden layer.
    """

    def compute(lr, batch_size, steps):
        return optimizers_data(images, labels, rules, lr, batch_size, steps, hidden_dims)

    return explorer(
        compute,
        {
            "lr": Slider("learning rate of all four", LRS, 0.003),
            "batch_size": Slider("batch size", BATCH_SIZES, 16, "images"),
            "steps": Slider("steps", tuple(range(10, STEPS + 1, 10)), STEPS),
        },
        _curves_chart(list(rules)),
        caption="Try it: how many of the four can one learning rate bring below 0.5? "
        "Who is lowest at small rates, and who at large ones?",
        alt="The loss on all images against the step, on a logarithmic axis, with a line for each "
        "of SGD, momentum, RMSprop and Adam. With the same small learning rate, RMSprop and Adam "
        "fall far, momentum and SGD hardly at all.",
    )


def optimizers_data(images, labels, rules, lr, batch_size, steps, hidden_dims=(100, 100)):
    """Return the loss of each method for all settings, and who is lowest.

    All runs have the same start, and those with one batch size the same minibatches.

    Parameters
    ----------
    images, labels, rules, hidden_dims
        As for `four_optimizers`.
    lr : list of float
        Learning rates.
    batch_size, steps : list of int
        Images in a minibatch, and up to which step to look.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``curves``, with columns ``method``, ``step``, ``loss`` and ``shown``, and ``message``, as
        `livepage.explorer.explorer` takes them.
    """
    inputs = images.flatten(1).double()
    start = _start(inputs, hidden_dims)
    losses = [
        [_train(inputs, labels, start, rule, grid(lr=lr, **more), size) for size in batch_size]
        for rule, more in rules.values()
    ]
    losses = torch.stack([torch.stack(of_method) for of_method in losses]).cpu().numpy()
    losses = np.moveaxis(losses, (3, 1), (0, 1))  # (lr, batch size, method, record)
    losses = np.where(losses < DIVERGED, losses, np.nan)  # what has diverged is drawn no further
    recorded = np.arange(0, STEPS + 1, EVERY)
    step = np.tile(recorded, len(rules))
    curves = {
        "method": np.repeat(list(rules), len(recorded))[None, None, None],
        "step": step[None, None, None],
        "loss": losses.reshape(*losses.shape[:2], 1, -1),
        "shown": (step <= np.array(steps)[:, None])[None, None],
    }
    places = [np.flatnonzero(recorded <= last)[-1] for last in steps]
    return {"curves": curves, "message": _rankings(list(rules), losses, recorded, places)}


def _start(inputs, hidden_dims):
    """Return the same untrained network each time, in double precision."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = MLP(inputs.shape[1], hidden_dims=hidden_dims)
    return [param[0].to(inputs) for param in stack_models([network])]


def _train(inputs, labels, start, rule, settings, batch_size):
    """Return the loss on all points at each recorded step, shape (records, runs)."""
    generator = torch.Generator().manual_seed(SEED)

    def minibatch_losses(params):
        drawn = torch.randint(len(inputs), (batch_size,), generator=generator)
        return losses_many(params, inputs[drawn], labels[drawn])

    def all_losses(params):
        return losses_many(params, inputs, labels)

    return descend(
        minibatch_losses, start, rule, settings, STEPS, measure_fn=all_losses, every=EVERY
    ).losses


def _rankings(methods, losses, recorded, places):
    """Say for each setting who is lowest, shape (lr, batch size, steps, 1)."""
    texts = [
        [
            [[_ranking(methods, of_run, place, recorded[place])] for place in places]
            for of_run in row
        ]
        for row in losses
    ]
    good = (losses[..., places] < TASK).all(axis=2)
    return {"text": np.array(texts), "good": good[..., None]}


def _ranking(methods, losses, place, step):
    """Say in which order the losses of the methods lie, and which have not fallen at all."""
    reached = losses[:, place]
    fell = reached < losses[:, 0]  # not so if it is NaN
    order = np.argsort(np.where(fell, reached, np.inf))
    fallen = ", ".join(f"{methods[which]} {reached[which]:.2g}" for which in order if fell[which])
    others = ", ".join(methods[which] for which in order if not fell[which])
    words = f"After {step} steps, the lowest first: {fallen}. " if fallen else ""
    words += f"No lower than at the start: {others}. " if others else ""
    return words + f"Below {TASK:g}: {(reached < TASK).sum()} of {len(methods)}."


def _encodings(methods):
    """Return colour and dashes of the methods, those of their families in the whole book."""
    colors, dashes = _scale(methods, METHOD_COLORS), _scale(methods, DASHES)
    legend = alt.Legend(title=None, symbolOpacity=1)
    return {
        "color": alt.Color("method:N", scale=colors, legend=legend),
        "strokeDash": alt.StrokeDash("method:N", scale=dashes, legend=legend),
    }


def _scale(methods, look):
    looks = [look[FAMILIES.get(method, method)] for method in methods]
    return alt.Scale(domain=methods, range=looks)


def _loss_axis(lowest, highest, title):
    shown = [value for value in LOSS_LABELS if lowest <= value <= highest]
    scale = alt.Scale(type="log", domain=[lowest, highest], nice=False)
    return alt.Y("loss:Q", scale=scale, title=title, axis=alt.Axis(values=shown, format="~g"))


def _curves_chart(methods):
    lines = (
        alt.Chart(named("curves"))
        .transform_filter("datum.shown")
        .mark_line(clip=True)
        .encode(
            x=alt.X("step:Q", scale=alt.Scale(domain=[0, STEPS]), title="step"),
            y=_loss_axis(0.01, 10, "loss on all images"),
            order="step:Q",
            **_encodings(methods),
        )
    )
    task = alt.Chart(alt.Data(values=[{"task": TASK}]))
    task = task.mark_rule(color=INK, strokeDash=[4, 3]).encode(y="task:Q")
    return styled(alt.layer(lines, task).properties(width=WIDTH, height=240))


def robustness(rates, recorded, losses):
    """Show demo 7b: the last loss against the learning rate, and where it is below a limit.

    Parameters
    ----------
    rates : torch.Tensor
        Learning rates in ascending order, shape (rates,).
    recorded : sequence of int
        The steps at which losses were recorded, ascending.
    losses : dict of str to torch.Tensor
        For each method, shape (seeds, records, rates).
    """
    steps = tuple(step for step in recorded if step > 0)

    def compute(steps, limit):
        return robustness_data(rates, recorded, losses, steps, limit)

    return explorer(
        compute,
        {
            "steps": Slider("steps of training", steps, steps[-1]),
            "limit": Slider("limit on the loss", LIMITS, 0.5),
        },
        _robustness_chart(list(losses)),
        caption="Try it: train for fewer steps, then lower the limit on the loss. "
        "Does Adam keep the widest bars? Who is the last to have any?",
        alt="Two panels over the learning rate, on a logarithmic axis. Top: the loss after "
        "training is a valley for each of SGD, momentum, RMSprop and Adam; those of RMSprop and "
        "Adam lie at far smaller rates. Below: bars show where each is below the limit. Those of "
        "RMSprop and Adam are the longest.",
    )


def robustness_data(rates, recorded, losses, steps, limit):
    """Return losses by learning rate, and the stretches of rates where they are below a limit.

    Parameters
    ----------
    rates, recorded, losses
        As for `robustness`.
    steps : list of int
        How long to train. The last recorded step until then is taken.
    limit : list of float
        Limits on the loss.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``seeds`` and ``medians``, with columns ``method``, ``rate`` and ``loss``; ``spans``, with
        ``method``, ``seed``, ``left`` and ``right``; ``widths``, with ``method`` and ``decades``;
        ``bound``, with ``limit``; ``message``. As `livepage.explorer.explorer` takes them.
    """
    rates, methods = np.asarray(rates), np.array(list(losses))[:, None, None]
    places = [np.flatnonzero(np.asarray(recorded) <= step)[-1] for step in steps]
    of_methods = torch.stack(list(losses.values())).double().cpu().numpy()
    picked = of_methods[:, :, places].transpose(2, 0, 1, 3)[:, None]
    seeds = np.arange(picked.shape[3])[:, None]  # axes: steps, limit, method, seed, rate
    left, right = _spans(rates, picked, np.reshape(limit, (-1, 1, 1, 1)))
    decades = np.log10(right / left).sum(axis=-1).mean(axis=-1)
    shown = np.minimum(np.nan_to_num(picked, nan=HIGHEST), HIGHEST)
    left = np.where(left < right, left, np.nan)
    return {
        "seeds": _columns(method=methods, seed=seeds, rate=rates, loss=shown),
        "medians": _columns(method=methods[..., 0], rate=rates, loss=np.median(shown, axis=3)),
        "spans": _columns(method=methods, seed=seeds, left=left, right=right),
        "widths": {"method": methods.reshape(1, 1, -1), "decades": decades},
        "bound": {"limit": np.reshape(limit, (1, -1, 1))},
        "message": {"text": _widths_in_words(methods.ravel(), decades, steps, limit)},
    }


def _spans(rates, losses, limit):
    """Return between each two neighbouring rates where the loss is below the limit, from and to.

    The loss is interpolated as by `descent.runs.decades_below`. Where it is nowhere below, both
    ends are the same.
    """
    height = np.log(np.nan_to_num(losses, nan=DIVERGED, posinf=DIVERGED) / limit)
    left, right = height[..., :-1], height[..., 1:]
    depth = np.maximum(-left, 0) + np.maximum(-right, 0)
    share = depth / np.maximum(np.abs(left) + np.abs(right), np.finfo(float).tiny)
    begin = np.where(left < 0, 0, 1 - share)
    ratio = rates[1:] / rates[:-1]
    return rates[:-1] * ratio**begin, rates[:-1] * ratio ** (begin + share)


def _columns(**columns):
    """Return columns of one axis of rows, from arrays that broadcast against each other.

    Arrays with more axes than the rows have begin with those of the two controls.
    """
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    rows = np.broadcast_shapes(*(values.shape for values in arrays.values()))[2:]
    shaped = {}
    for name, values in arrays.items():
        controls = values.shape[: -len(rows)] or (1, 1)
        shaped[name] = np.broadcast_to(values, (*controls, *rows)).reshape(*controls, -1)
    return shaped


def _widths_in_words(methods, decades, steps, limit):
    """Say for each setting over how many decades each method stays below the limit."""
    texts = [
        [
            f"After {step} steps below {bound:.2g}, in decades of the learning rate: "
            + ", ".join(f"{name} {width:.1f}" for name, width in zip(methods, widths, strict=True))
            + "."
            for bound, widths in zip(limit, of_limits, strict=True)
        ]
        for step, of_limits in zip(steps, decades, strict=True)
    ]
    return np.array(texts)[..., None]


def _robustness_chart(methods):
    rate = alt.X("rate:Q", scale=RATE_SCALE, title=None, axis=_rate_axis())
    loss = _loss_axis(LOWEST, HIGHEST, "loss after training")
    encodings = _encodings(methods)
    thin = alt.Chart(named("seeds")).mark_line(strokeWidth=0.7, opacity=0.6, clip=True)
    thin = thin.encode(x=rate, y=loss, detail="seed:N", color=encodings["color"])
    thick = alt.Chart(named("medians")).mark_line(clip=True).encode(x=rate, y=loss, **encodings)
    bound = alt.Chart(named("bound")).mark_rule(color=INK, strokeDash=[4, 3]).encode(y="limit:Q")
    upper = alt.layer(thin, thick, bound).properties(width=WIDTH, height=220)
    row = alt.Y("method:N", scale=alt.Scale(domain=methods), title=None)
    bars = (
        alt.Chart(named("spans"))
        .transform_filter("isValid(datum.left)")
        .mark_bar(strokeWidth=0.7)
        .encode(
            x=alt.X("left:Q", scale=RATE_SCALE, title="learning rate", axis=_rate_axis()),
            x2="right:Q",
            y=row,
            yOffset="seed:N",
            color=encodings["color"],
            stroke=alt.Stroke("method:N", scale=_scale(methods, METHOD_COLORS), legend=None),
        )
    )
    words = alt.Chart(named("widths")).mark_text(align="right", fontSize=13, color=INK, dx=-4)
    words = words.encode(
        x=alt.XDatum(5, scale=RATE_SCALE),
        y=row,
        text=alt.Text("decades:Q", format=".1f"),
    )
    title = "Where three seeds are below the limit; decades, on average"
    lower = alt.layer(bars, words).properties(width=WIDTH, height=130, title=title)
    return stack(upper, lower)


def _rate_axis():
    labels = "{'-4': '10⁻⁴', '-3': '0.001', '-2': '0.01', '-1': '0.1', '0': '1'}"
    return alt.Axis(
        values=[1e-4, 1e-3, 1e-2, 1e-1, 1], labelExpr=f"{labels}[round(log(datum.value) / LN10)]"
    )
