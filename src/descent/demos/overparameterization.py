"""Demo 5: networks of three sizes, each trained from several starts."""

import itertools
import math

import altair as alt
import numpy as np
import torch
from torch.nn import functional as F

from descent.demos.charts import INK, WIDTH, named, stack
from descent.models import MLP, losses_many, stack_models
from descent.plots import METHOD_COLORS
from descent.reproducibility import SEED
from descent.runs import descend, grid
from livepage.explorer import Choice, Slider, explorer

SIZES = {"10": (10,), "20 + 20": (20, 20), "100 + 100": (100, 100)}
LRS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
BETA = 0.9
STARTS = 5
STEPS = 60
EVERY = 2
POINTS = 200
LOW, HIGH = 1e-4, 10.0  # the losses that are drawn
GOAL = 0.01
CHOSEN = METHOD_COLORS["momentum"]


def overparameterization(inputs, targets, update_fn, sizes=None):
    """Show demo 5: the training loss of small and large networks, each from several starts.

    Parameters
    ----------
    inputs : torch.Tensor
        Digits of 28 x 28 pixels. The first 200 are taken, at half the resolution.
    targets : torch.Tensor
        The right classes.
    update_fn : callable
        A rule with a learning rate ``lr`` and a momentum ``beta``, such as ``momentum_update``.
    sizes : dict of str to sequence of int, optional
        The hidden layers of each size, by the name that is shown.
    """
    sizes = sizes or SIZES

    def compute(hidden, lr):
        return overparameterization_data(inputs, targets, update_fn, hidden, lr, sizes)

    return explorer(
        compute,
        {
            "hidden": Choice("hidden units", sizes, next(iter(sizes))),
            "lr": Slider("learning rate", LRS, 0.02),
            "steps": Slider("steps", tuple(range(6, STEPS + 1, 6)), STEPS, view=True),
        },
        _chart(sizes),
        caption=f"Try it: bring all {STARTS} starts of the small network below {GOAL}. Then go on "
        "to larger networks. Which learning rates are too large for which size?",
        alt="Above, the training loss against the step on a logarithmic axis, a line for each "
        "start: orange for the chosen size, grey for the others. All of them fall. Below, the "
        "last losses of each size as points in a row of their own.",
    )


def overparameterization_data(inputs, targets, update_fn, hidden, lr, sizes=None):
    """Return the losses of all starts, for all pairs of a size and a learning rate.

    Parameters
    ----------
    inputs, targets, update_fn, sizes
        As for `overparameterization`.
    hidden : list of sequence of int
        The hidden layers of each size that is chosen.
    lr : list of float
        Learning rates.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``every``, the curves of all sizes, and ``chosen``, those of one, with columns ``size``,
        ``start``, ``step`` and ``loss``; and ``message``, as `livepage.explorer.explorer` takes
        them.
    """
    sizes = sizes or SIZES
    small = F.avg_pool2d(inputs[:POINTS].reshape(-1, 1, 28, 28), 2).flatten(1).double()
    curves = [_losses(small, targets[:POINTS], update_fn, dims, lr) for dims in sizes.values()]
    curves = np.stack(curves)  # (size, lr, start, record)
    picked = [list(map(tuple, sizes.values())).index(tuple(dims)) for dims in hidden]
    names = np.array(list(sizes))
    curve_names = np.broadcast_to(names[:, None, None], (len(sizes), *curves.shape[2:]))
    every = {"size": curve_names.reshape(1, 1, -1)}
    every |= _columns(np.moveaxis(curves, 0, 1)[None])
    chosen = {"size": names[picked][:, None, None]} | _columns(curves[picked][:, :, None])
    parameters = [count_parameters(small.shape[1], sizes[names[place]]) for place in picked]
    return {"every": every, "chosen": chosen, "message": _words(curves[picked], parameters)}


def count_parameters(inputs, hidden_dims, classes=10):
    """Return how many weights and biases a network has."""
    widths = [inputs, *hidden_dims, classes]
    return sum((entering + 1) * width for entering, width in itertools.pairwise(widths))


def _losses(inputs, targets, update_fn, dims, lr):
    """Return the recorded losses of one size, shape (lr, start, record)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)  # the same starts for each setting
        models = [MLP(inputs.shape[1], 10, dims) for _ in range(STARTS)]
    starts = [param.detach().to(inputs) for param in stack_models(models)]
    runs = descend(
        lambda params: losses_many(params, inputs, targets),
        starts,
        update_fn,
        grid(lr=lr, beta=BETA, start=range(STARTS)),
        STEPS,
        every=EVERY,
    )
    losses = runs.losses.cpu().numpy().reshape(-1, len(lr), STARTS)
    return np.moveaxis(np.where(losses < 1e6, losses, np.nan), 0, 2)


def _columns(curves):
    """Return curves of shape (..., sizes, start, record) as columns with these axes as rows."""
    sizes, starts, records = curves.shape[2:]
    start, step = np.meshgrid(np.arange(starts), EVERY * np.arange(records), indexing="ij")
    return {
        "start": np.tile(start.ravel(), sizes)[None, None],
        "step": np.tile(step.ravel(), sizes)[None, None],
        "loss": curves.reshape(*curves.shape[:2], -1),
    }


def _words(curves, parameters):
    ends = curves[..., -1]
    texts = np.empty(ends.shape[:2], dtype=object)
    for place in np.ndindex(*texts.shape):
        texts[place] = f"{parameters[place[0]]:,} parameters. {_verdict(ends[place])}"
    return {"text": texts.astype(str)[..., None], "good": (ends < GOAL).all(axis=-1)[..., None]}


def _verdict(ends):
    failed = np.sum(~(ends < 1))
    low, high = np.nanmin(ends, initial=np.inf), np.nanmax(ends, initial=0)
    said = f"After {STEPS} steps the {len(ends)} starts end between {low:.2g} and {high:.2g}"
    return f"{said}; {failed} of them above 1." if failed else f"{said}."


def _chart(sizes):
    # Which size a line belongs to is told by the panel below too, and not by colour alone.
    x = alt.X("step:Q", scale=alt.Scale(domain=[0, STEPS]), title="step")
    y = alt.Y("loss:Q", scale=_loss_scale(), title="training loss", axis=_loss_axis())
    until_now = "datum.step <= steps && datum.loss > 0"
    others = _lines("every", until_now).mark_line(clip=True, color="#c4c4c4", strokeWidth=1)
    chosen = _lines("chosen", until_now).mark_line(clip=True, color=CHOSEN, strokeWidth=2.5)
    curves = [lines.encode(x=x, y=y, order="step:Q") for lines in (others, chosen)]
    upper = alt.layer(*curves, *_guessing()).properties(width=WIDTH, height=220)
    return stack(upper, _ends(list(sizes))).add_params(alt.param(name="steps", value=STEPS))


def _lines(name, condition):
    chart = alt.Chart(named(name)).transform_filter(condition)
    return chart.encode(detail=["size:N", "start:N"])


def _loss_scale():
    return alt.Scale(type="log", domain=[LOW, HIGH], clamp=True, nice=False)


def _loss_axis():
    return alt.Axis(
        values=[1e-4, 1e-3, 1e-2, 0.1, 1, 10],
        labelExpr="datum.value < 0.0005 ? '≤ 0.0001' : datum.value",
    )


def _guessing():
    """Return a dashed line at the loss of a network that has learned nothing."""
    place = alt.Chart(alt.Data(values=[{"loss": round(math.log(10), 4), "step": STEPS}]))
    rule = place.mark_rule(color=INK, strokeDash=[4, 3]).encode(y="loss:Q")
    look = {"align": "right", "baseline": "bottom", "dy": -3, "fontSize": 12, "color": INK}
    words = place.mark_text(text="log 10: nothing learned", **look)
    return [rule, words.encode(x="step:Q", y="loss:Q")]


def _ends(sizes):
    x = alt.X("loss:Q", scale=_loss_scale(), title="loss at the last step shown", axis=_loss_axis())
    y = alt.Y("size:N", sort=sizes, scale=alt.Scale(domain=sizes), title="hidden units")
    layers = [
        alt.Chart(named(name))
        .transform_filter("datum.step == steps && datum.loss > 0")
        .mark_point(filled=True, opacity=0.8, **look)
        .encode(x=x, y=y)
        for name, look in (
            ("every", {"color": "#8a8a8a", "size": 40, "shape": "circle"}),
            ("chosen", {"color": CHOSEN, "size": 90, "shape": "diamond"}),
        )
    ]
    return alt.layer(*layers).properties(width=WIDTH, height=90)
