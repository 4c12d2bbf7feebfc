"""Demo 3: step size and dimension, random steps against one gradient step."""

import altair as alt
import numpy as np
import torch
from scipy.special import ndtr
from torch.nn import functional as F

from descent.demos.charts import INK, WIDTH, named, stack
from descent.landscapes import gradient, norm, random_directions
from descent.models import losses_many, predict_many
from descent.plots import METHOD_COLORS
from livepage.explorer import Choice, Slider, explorer

LENGTHS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
DIMENSIONS = (3, 10, 30, 100, 300, 1000, 3000)
COUNT = 100  # random steps
BINS = 0.1 * np.arange(-12, 13)  # edges, in units of the gradient's slope


def random_steps(stages, inputs, targets, seed=0):
    """Show demo 3: how random steps of one length change the loss, beside a gradient step.

    Parameters
    ----------
    stages : dict of str to list of torch.Tensor
        By its name, the parameters of a model without hidden layers, shapes (in, out) and (1, out).
        There are two or more.
    inputs : torch.Tensor
        Shape (points, ...).
    targets : torch.Tensor
        The right classes, shape (points,).
    seed : int
        Of the free parameters and the directions.
    """
    total = sum(param.numel() for param in next(iter(stages.values())))
    dimensions = (*[n for n in DIMENSIONS if n < total], total)

    def compute(length, n, stage):
        points = [stages[name] for name in stage]
        return random_steps_data(points, inputs, targets, length, n, seed)

    return explorer(
        compute,
        {
            "length": Slider("length of the step", LENGTHS, 0.5),
            "n": Slider("free parameters n", dimensions, dimensions[min(3, len(dimensions) - 1)]),
            "stage": Choice("model", {name: name for name in stages}, next(iter(stages))),
        },
        _chart(),
        caption="Try it: give the model more free parameters, and watch the bars shrink to the "
        "line at zero. Then shorten the step: how large does the share that helps become?",
        alt="Top: a histogram of the change in loss over random steps. The bars lie around zero, "
        "mostly between two dashed lines at one over the square root of n, far from a thick line "
        "near minus one, the gradient step. Below: the share of steps that help falls from "
        "one half to zero as the step grows.",
    )


def random_steps_data(points, inputs, targets, length, n, seed=0):
    """Return how random steps change the loss, for all settings.

    Parameters
    ----------
    points : list of list of torch.Tensor
        For each stage the parameters of a model without hidden layers.
    inputs, targets : torch.Tensor
        What the loss is taken on.
    length : list of float
        Lengths of the steps.
    n : list of int
        How many parameters are free to move. The larger sets contain the smaller ones.
    seed : int
        Of the free parameters and the directions.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``bars``, ``gradient``, ``typical``, ``shares``, ``chosen`` and ``message``, as
        `livepage.explorer.explorer` takes them.
    """
    data = inputs.double(), targets
    points = [[param.detach().double() for param in point] for point in points]
    numbers = [[_measure(point, data, length, size, seed) for point in points] for size in n]
    names = numbers[0][0]
    # From (n, stage, length, rows) to (length, n, stage, rows)
    parts = {
        name: np.array([[cell[name] for cell in row] for row in numbers]).transpose(2, 0, 1, 3)
        for name in names
    }
    root = np.array(n, dtype=float)[None, :, None, None] ** -0.5
    return {
        "bars": {
            "left": BINS[None, None, None, :-1],
            "right": BINS[None, None, None, 1:],
            "count": parts["count"],
            "effect": np.where(BINS < -1e-9, "better", "worse")[None, None, None, :-1],
        },
        "gradient": {"change": parts["gradient"]},
        "typical": {"edge": root * np.array([-1, 1])},
        "shares": {
            "length": np.array(LENGTHS)[None, None, None],
            "measured": parts["shares"][:1],
            "predicted": parts["predicted"][:1],
        },
        "chosen": {"at": np.reshape(length, (-1, 1, 1, 1)), "share": parts["share"]},
        "message": {"text": parts["text"]},
    }


def _measure(point, data, lengths, n, seed):
    """Return the numbers of one stage and one n, each of shape (lengths or 1, rows)."""
    free = _free_parameters(point, n, seed)
    slope = _free_gradient(point, data, free)
    steepest = norm(slope)
    downhill = [-part[None] / steepest for part in slope]
    drawn = _Along(point, _directions(point, free, seed), data)
    every = sorted({*LENGTHS, *lengths})
    all_changes = drawn.changes(every)
    changes = all_changes[[every.index(length) for length in lengths]]
    gains = _Along(point, downhill, data).changes(lengths)[:, 0]
    units = np.array(lengths) * steepest
    better = 100 * (changes < 0).mean(axis=1)
    shares = 100 * (all_changes < 0).mean(axis=1)
    rows = len(lengths), 1
    return {
        "count": np.array([_counts(*pair) for pair in zip(changes, units, strict=True)]),
        "gradient": np.clip(gains / units, BINS[0], BINS[-1])[:, None],
        "share": better[:, None],
        "text": np.array([[_text(*each)] for each in zip(better, changes, gains, strict=True)]),
        "shares": np.tile(shares[[every.index(length) for length in LENGTHS]], rows),
        "predicted": np.tile(_predicted(drawn.curvatures().mean(), steepest / n**0.5), rows),
    }


def _free_parameters(point, n, seed):
    """Return for each parameter a mask of the numbers that may move."""
    generator = torch.Generator().manual_seed(seed)
    sizes = [param.numel() for param in point]
    mask = torch.zeros(sum(sizes), dtype=point[0].dtype)
    mask[torch.randperm(len(mask), generator=generator)[:n]] = 1
    parts = mask.to(point[0].device).split(sizes)
    return [part.reshape(param.shape) for part, param in zip(parts, point, strict=True)]


def _directions(point, free, seed):
    """Draw directions of length one among the free parameters."""
    generator = torch.Generator(point[0].device).manual_seed(seed)
    drawn = random_directions(point, COUNT, generator)
    parts = [part * mask for part, mask in zip(drawn, free, strict=True)]
    lengths = sum(part.flatten(1).square().sum(dim=1) for part in parts).sqrt()
    return [part / lengths[:, None, None] for part in parts]


def _free_gradient(point, data, free):
    slope = gradient(lambda params: losses_many([part[None] for part in params], *data)[0], point)
    return [part * mask for part, mask in zip(slope, free, strict=True)]


class _Along:
    """The loss along directions, of a model without hidden layers.

    Its scores of the classes are linear in the parameters, so those along a direction are computed
    once for all lengths. What the logarithm of the softmax takes off all scores of a point changes
    none of its probabilities.
    """

    def __init__(self, point, directions, data):
        inputs, targets = data
        self.here = predict_many([param[None] for param in point], inputs)
        self.along = predict_many(directions, inputs)
        self.right = targets.reshape(1, -1, 1)

    def _loss(self, log_p):
        right = self.right.expand(len(log_p), -1, -1)
        return -log_p.gather(-1, right).mean(dim=(1, 2))

    def changes(self, lengths):
        """Return the changes in loss, shape (lengths, directions)."""
        now = self._loss(self.here)
        ends = (F.log_softmax(self.here + length * self.along, dim=-1) for length in lengths)
        return torch.stack([self._loss(log_p) - now for log_p in ends]).cpu().numpy()

    def curvatures(self):
        """Return dᵀHd, shape (directions,): the mean variance of the scores along d."""
        p = self.here.exp()
        means = (p * self.along).sum(dim=-1, keepdim=True)
        return (p * (self.along - means).square()).sum(dim=-1).mean(dim=1).cpu().numpy()


def _counts(changes, unit):
    """Count the changes in each bin; those beyond the last one are counted in it."""
    return np.histogram(np.clip(changes / unit, BINS[0], BINS[-1] - 1e-9), BINS)[0]


def _predicted(curvature, spread):
    """Return the share of improving steps that slope and curvature predict, in percent."""
    return 100 * ndtr(-np.array(LENGTHS) * curvature / (2 * spread))


def _text(better, changes, gain):
    best = -changes.min()
    found = f"{better:.0f} of {COUNT} random steps lower the loss"
    if best > 0:
        found += f", the best by {best:.2g}"
    if gain < 0:
        return f"{found}. The gradient step lowers it by {-gain:.2g}."
    return f"{found}. So long a gradient step raises it by {gain:.2g}."


def _chart():
    return stack(_histogram(), _shares())


def _histogram():
    x_scale = alt.Scale(domain=[BINS[0], BINS[-1]], nice=False)
    title = "change in loss, as a share of length × ‖gradient‖"
    colors = alt.Scale(
        domain=["better", "worse"], range=[METHOD_COLORS["random search"], "#bbbbbb"]
    )
    bars = (
        alt.Chart(named("bars"))
        .mark_bar(stroke="white", strokeWidth=0.5, binSpacing=0)
        .encode(
            x=alt.X("left:Q", scale=x_scale, title=title),
            x2="right:Q",
            y=alt.Y("count:Q", scale=alt.Scale(domain=[0, COUNT]), title="random steps"),
            y2=alt.datum(0),
            color=alt.Color("effect:N", scale=colors, legend=None),
        )
    )
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK).encode(x="zero:Q")
    typical = alt.Chart(named("typical")).mark_rule(color=INK, strokeDash=[4, 3])
    step = alt.Chart(named("gradient")).mark_rule(
        strokeWidth=4, color=METHOD_COLORS["gradient descent"]
    )
    label = {"align": "left", "baseline": "top", "fontSize": 12, "y": 4}
    words = [
        alt.Chart(named("gradient"))
        .transform_filter(f"datum.change {side} 0.5")
        .mark_text(
            text="gradient step",
            color=METHOD_COLORS["gradient descent"],
            **label | {"align": align, "dx": shift},
        )
        for side, align, shift in (("<", "left", 6), (">=", "right", -6))
    ]
    formula = (
        alt.Chart(named("typical"))
        .transform_filter("datum.edge > 0")
        .mark_text(text="1/√n", color=INK, dx=6, **label)
    )
    return alt.layer(
        bars,
        zero,
        typical.encode(x="edge:Q"),
        step.encode(x="change:Q"),
        *[word.encode(x="change:Q") for word in words],
        formula.encode(x="edge:Q"),
    ).properties(width=WIDTH, height=200)


def _shares():
    x = alt.X(
        "length:Q",
        scale=alt.Scale(type="log", domain=[0.8 * LENGTHS[0], 1.25 * LENGTHS[-1]], nice=False),
        title="length of the step",
        axis=alt.Axis(values=[0.01, 0.1, 1, 10]),
    )
    scale = alt.Scale(domain=[0, 100])
    y = alt.Y("measured:Q", scale=scale, title="steps that help (%)")
    base = alt.Chart(named("shares"))
    gray = METHOD_COLORS["random search"]
    formula = base.mark_line(strokeDash=[4, 3], strokeWidth=1.5, color=INK).encode(
        x=x, y=alt.Y("predicted:Q", scale=scale)
    )
    measured = base.mark_point(filled=True, size=30, color=gray).encode(x=x, y=y)
    chosen = (
        alt.Chart(named("chosen"))
        .mark_point(size=160, strokeWidth=3, color=METHOD_COLORS["momentum"])
        .encode(x=alt.X("at:Q"), y=alt.Y("share:Q"))
    )
    return alt.layer(formula, measured, chosen).properties(width=WIDTH, height=130)
