"""Demos 8a and 8b: a goal lost while its proxy rises, and what weighting a group changes."""

import itertools

import altair as alt
import numpy as np
import torch
from torch.nn.functional import avg_pool2d, log_softmax

from descent.demos.charts import INK, WIDTH, named, stack, styled
from descent.models import MLP, stack_models
from descent.optimizers import adam_update
from descent.plots.ethics import PROXY
from descent.reproducibility import SEED
from descent.runs import descend, grid
from livepage.explorer import Choice, Slider, explorer

MEASURES = {  # its colour and its dashes
    "goal": (INK, [1, 0]),
    "proxy, new digits": (PROXY, [6, 3]),
    "proxy, trained on": (PROXY, [2, 2]),
}
STAR = "#F0E442"
PRESSURES = (10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 600)
SHARES = (0, 10, 20, 30, 40, 50)
NEAR = 1.0  # how many points below its best still count as the best
MAJORITY = 900  # people in the training set
GROUPS = ["majority", "minority", "all people"]
BANDS = alt.Scale(domain=GROUPS, paddingInner=0.2)


def goodhart(sources, known, new, hidden=50):
    """Show demo 8a: a proxy and the goal, at more and more optimization pressure.

    Parameters
    ----------
    sources : dict of str to callable
        For each source of cheap labels a function of images, right labels and the share of wrong
        ones, from 0 to 1. It returns the images and the labels of the source.
    known, new : tuple of torch.Tensor
        Images of shape (points, height, width), their sides even, and right labels, of the digits
        to train on and of new ones.
    hidden : int
        Width of the hidden layer.
    """

    def compute(source, share, steps):
        return goodhart_data(known, new, source, share, steps, hidden)

    return explorer(
        compute,
        {
            "source": Choice("source of labels", sources, next(iter(sources))),
            "share": Slider("wrong labels", SHARES, 30, "%"),
            "steps": Slider("optimization pressure", PRESSURES, PRESSURES[-1], "steps"),
        },
        _goodhart_chart(),
        caption="Try it: lower the pressure until the goal is best. Then change the source: which "
        "line that you can see without true labels would have told you when to stop?",
        alt="Three lines against the number of steps, for the first source of labels with three "
        "labels in ten wrong. Agreement with the labels trained on rises to the end. The goal, the "
        "share of new digits read rightly, rises to a star and falls.",
    )


def goodhart_data(known, new, source, share, steps, hidden=50):
    """Return proxy and goal while networks are trained on cheap labels, for all settings.

    All networks have the same start and the same minibatches. Where fewer labels are wrong, they
    are among those that are wrong where more are.

    Parameters
    ----------
    known, new, hidden
        As for `goodhart`.
    source : list of callable
        Sources of labels, as for `goodhart`.
    share : list of float
        Shares of wrong labels, in per cent.
    steps : list of int
        Steps of training to look at. The last recorded step until then is taken.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``lines``, ``points`` and ``best``, with columns ``measure``, ``step`` and ``percent``,
        and ``message``, as `livepage.explorer.explorer` takes them.
    """
    settings = list(itertools.product(source, share))
    images, cheap = _from_sources(settings, known)
    new_images, new_cheap = _from_sources(settings, new)
    paths = _train_on(images, cheap, hidden)
    answers = _answers(paths, new_images)
    values = [answers == new[1], answers == new_cheap, _answers(paths, images) == cheap]
    values = 100 * torch.stack([right.double().mean(dim=-1) for right in values]).cpu().numpy()
    values = values.transpose(2, 0, 1).reshape(len(source), len(share), 3, -1)  # measure, record
    places = [np.flatnonzero(np.array(PRESSURES) <= step)[-1] for step in steps]
    best = values[:, :, 0].argmax(axis=-1)[..., None]
    names, recorded = np.array(list(MEASURES)), np.array(PRESSURES)
    return {
        "lines": {
            "measure": names.repeat(len(recorded))[None, None, None],
            "step": np.tile(recorded, 3)[None, None, None],
            "percent": values.reshape(*values.shape[:2], 1, -1),
        },
        "points": {
            "measure": names[None, None, None],
            "step": recorded[places][None, None, :, None],
            "percent": values[..., places].swapaxes(2, 3),
        },
        "best": {
            "measure": names[:1][None, None, None],
            "step": recorded[best][:, :, None],
            "percent": values[:, :, 0].max(axis=-1)[:, :, None, None],
        },
        "message": _losses_of_the_goal(values, places),
    }


def _from_sources(settings, data):
    """Return for each setting the shrunk images, shape (runs, points, pixels), and the labels."""
    images, labels = [], []
    for source, share in settings:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            shown, given = source(*data, share / 100)
        images.append(avg_pool2d(shown, 2).flatten(1).double())
        labels.append(given)
    return torch.stack(images), torch.stack(labels)


def _train_on(images, labels, hidden):
    """Train a network for each run and return its parameters at each pressure."""
    generator = torch.Generator().manual_seed(SEED)

    def minibatch_losses(params):
        batch = torch.randint(images.shape[1], (50,), generator=generator)
        chosen = labels[:, batch, None]
        return -_log_probabilities(params, images[:, batch]).gather(-1, chosen).mean(dim=(1, 2))

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = MLP(images.shape[-1], hidden_dims=[hidden])
    start = [param[0].to(images) for param in stack_models([network])]
    rates = grid(lr=[4e-3] * len(images))
    every = PRESSURES[0]
    runs = descend(
        minibatch_losses, start, adam_update, rates, PRESSURES[-1], keep_paths=True, every=every
    )
    places = [step // every for step in PRESSURES]
    return [param[places] for param in runs.paths]


def _log_probabilities(params, inputs):
    """Return what each network finds for points of its own, shape (runs, points, classes)."""
    weight, bias, last_weight, last_bias = params
    activations = torch.baddbmm(bias, inputs, weight).relu()
    return log_softmax(torch.baddbmm(last_bias, activations, last_weight), dim=-1)


@torch.no_grad()
def _answers(paths, inputs):
    """Return the most probable classes, shape (records, runs, points)."""
    records = zip(*paths, strict=True)
    return torch.stack([_log_probabilities(params, inputs).argmax(dim=-1) for params in records])


def _losses_of_the_goal(values, places):
    """Say for each setting what the goal is, what it could be, and what the proxy says."""
    goal, best = values[:, :, 0][..., places], values[:, :, 0].max(axis=-1)[..., None]
    seen, lost = values[:, :, 2][..., places], best - goal
    texts = [
        f"After {PRESSURES[place]} steps the goal is at {goal[where]:.0f} %, its best is "
        f"{best[where[:2]][0]:.0f} %: {lost[where]:.1f} points are lost. The proxy that is "
        f"optimized says {seen[where]:.0f} %."
        for where, place in zip(np.ndindex(goal.shape), itertools.cycle(places), strict=False)
    ]
    return {"text": _unbroken(texts).reshape(*goal.shape, 1), "good": lost[..., None] < NEAR}


def _unbroken(texts):
    """Return texts as an array in which no line breaks before a sign of per cent."""
    return np.char.replace(np.array(texts, dtype=str), " %", "\N{NO-BREAK SPACE}%")


def _goodhart_chart():
    names = list(MEASURES)
    colors, dashes = zip(*MEASURES.values(), strict=True)
    legend = alt.Legend(title=None)
    axis = alt.Axis(values=[10, 20, 50, 100, 200, 400], format="d")
    scale = alt.Scale(type="log", domain=[PRESSURES[0], PRESSURES[-1]], nice=False)
    x = alt.X("step:Q", scale=scale, axis=axis, title="optimization pressure: steps of training")
    y = alt.Y("percent:Q", scale=alt.Scale(domain=[0, 100]), title="agreement (%)")
    color = alt.Color("measure:N", scale=alt.Scale(domain=names, range=colors), legend=legend)
    dash = alt.StrokeDash("measure:N", scale=alt.Scale(domain=names, range=dashes), legend=legend)
    lines = alt.Chart(named("lines")).mark_line().encode(x=x, y=y, color=color, strokeDash=dash)
    rule = alt.Chart(named("points")).mark_rule(color=INK, strokeWidth=1).encode(x=x)
    points = alt.Chart(named("points")).mark_point(filled=True, size=70, opacity=1)
    points = points.encode(x=x, y=y, color=alt.Color("measure:N", legend=None))
    star = alt.Chart(named("best")).mark_point(
        shape="M0,.5L.6,.8L.5,.1L1,-.3L.3,-.4L0,-1L-.3,-.4L-1,-.3L-.5,.1L-.6,.8L0,.5Z",
        size=160,
        fill=STAR,
        stroke=INK,
        strokeWidth=1,
        opacity=1,
    )
    layers = lines, rule, points, star.encode(x=x, y=y)
    return styled(alt.layer(*layers).properties(width=WIDTH, height=250))


def weighting(measure, weights, people):
    """Show demo 8b: the accuracy of two groups against the weight of the smaller one.

    Parameters
    ----------
    measure : callable
        Takes a number of people of the minority in the training set and a tuple of weights.
        Returns the shares of right answers in majority and minority, a tensor of shape
        (2, draws, weights). It is called again for what it has returned before, so it should
        keep its results.
    weights : sequence of float
        Weights of the minority, ascending, by about the same factor.
    people : sequence of int
        Numbers of people of the minority, ascending.
    """
    fewest = people[0]
    plain = min(weights, key=lambda weight: abs(weight - fewest / MAJORITY))

    def compute(omega, people):
        return weighting_data(measure, weights, omega, people, fewest)

    return explorer(
        compute,
        {
            "omega": Slider("weight ω of the minority", tuple(weights), plain),
            "people": Slider("minority in training", tuple(people), people[0], "people"),
        },
        _weighting_chart(),
        caption="Try it: find the weight with which both groups fare alike, and read what the "
        "majority pays. Then add people of the minority. A click on the curve works, too.",
        alt="Two panels. Top: bars for the right answers of the majority, of the minority and of "
        "all people. The minority's is far shorter. Below: right answers in the minority against "
        "right answers in the majority, a falling curve with a square at the chosen weight.",
    )


def weighting_data(measure, weights, omega, people, fewest):
    """Return the accuracies of both groups for all settings.

    Parameters
    ----------
    measure, weights
        As for `weighting`.
    omega : list of float
        Weights of the minority to look at.
    people : list of int
        Numbers of people of the minority in the training set.
    fewest : int
        The number that all others are compared with.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``bars``, with columns ``group`` and ``percent``; ``curve``, and ``first`` for the fewest
        people, with ``omega``, ``majority`` and ``minority``; ``chosen``, with the latter two;
        ``message``. As `livepage.explorer.explorer` takes them.
    """
    first = _percent(measure, fewest, tuple(weights))[:, None, None]
    curves = np.stack([_percent(measure, count, tuple(weights)) for count in people])
    points = np.stack([_at(measure, count, omega, weights) for count in people])
    majority, minority = points.transpose(1, 2, 0)  # (omega, people) each
    counts = np.array(people)
    everybody = (MAJORITY * majority + counts * minority) / (MAJORITY + counts)
    bars = np.stack([majority, minority, everybody], axis=-1)
    return {
        "bars": {"group": np.array([[GROUPS]]), "percent": bars},
        "first": _curve(weights, *first),
        "curve": _curve(weights, curves[None, :, 0], curves[None, :, 1]),
        "chosen": {"majority": majority[..., None], "minority": minority[..., None]},
        "message": {"text": _in_words(omega, bars)[..., None]},
    }


def _curve(weights, majority, minority):
    return {"omega": np.array([[weights]]), "majority": majority, "minority": minority}


def _percent(measure, count, weights):
    """Return the mean accuracies of both groups over the draws, in per cent, (2, weights)."""
    return 100 * measure(count, weights).double().mean(dim=1).cpu().numpy()


def _at(measure, count, omega, weights):
    """Return the accuracies for some weights; train only for those that are not on the curve."""
    known = list(weights)
    others = tuple(weight for weight in omega if weight not in known)
    accuracies = _percent(measure, count, tuple(known))
    if others:
        accuracies = np.hstack([accuracies, _percent(measure, count, others)])
    return accuracies[:, [[*known, *others].index(weight) for weight in omega]]


def _in_words(omega, bars):
    texts = np.empty(bars.shape[:2], dtype=object)
    for row, column in np.ndindex(texts.shape):
        majority, minority, everybody = bars[row, column]
        texts[row, column] = (
            f"ω = {omega[row]:.3g}: right are {majority:.0f} % in the majority, {minority:.0f} % "
            f"in the minority, {everybody:.0f} % on average over people. {_gap(majority, minority)}"
        )
    return _unbroken(texts)


def _gap(majority, minority):
    if abs(majority - minority) < 1:
        return "Both groups fare alike."
    worse, better = sorted([(minority, "minority"), (majority, "majority")])
    return f"The {worse[1]} is {better[0] - worse[0]:.0f} points worse off."


def _weighting_chart():
    colors = alt.Scale(domain=GROUPS, range=[INK, PROXY, "#666666"])
    x = alt.X("percent:Q", scale=alt.Scale(domain=[0, 100]), title="right answers (%)")
    bars = alt.Chart(named("bars")).encode(y=alt.Y("group:N", title=None, scale=BANDS))
    filled = bars.mark_bar().encode(x=x, color=alt.Color("group:N", scale=colors, legend=None))
    words = bars.mark_text(align="right", dx=-6, color="white", fontSize=13, fontWeight="bold")
    words = words.encode(x=x, text=alt.Text("percent:Q", format=".0f"))
    upper = alt.layer(filled, words).properties(width=WIDTH, height=96)
    scale = alt.Scale(domain=[20, 100], zero=False, clamp=True)
    place = {
        "x": alt.X("majority:Q", scale=scale, title="right answers in the majority (%)"),
        "y": alt.Y("minority:Q", scale=scale, title="in the minority (%)"),
    }
    alike = alt.Chart(alt.Data(values=[{"at": 20}, {"at": 100}]))
    alike = alike.mark_line(color="#888888", strokeWidth=1, strokeDash=[2, 2])
    alike = alike.encode(x=alt.X("at:Q", scale=scale), y=alt.Y("at:Q", scale=scale))
    curve = alt.Chart(named("curve")).encode(order="omega:Q", **place)
    first = alt.Chart(named("first")).encode(order="omega:Q", **place)
    square = alt.Chart(named("chosen")).mark_square(
        size=220, fill=STAR, stroke=INK, opacity=1, strokeWidth=1.5
    )
    layers = (
        alike,
        first.mark_line(color="#888888", strokeDash=[6, 3]),
        curve.mark_line(color=PROXY),
        square.encode(**place),
        curve.mark_circle(color=PROXY, size=60, opacity=1),
    )
    return stack(upper, alt.layer(*layers).properties(width=WIDTH, height=260))
