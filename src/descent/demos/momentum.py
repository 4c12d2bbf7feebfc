"""Demo 4: momentum on two parameters."""

import altair as alt
import numpy as np
import torch

from descent.demos.charts import (
    INK,
    WIDTH,
    contour_columns,
    contours,
    method_encodings,
    named,
    stack,
)
from descent.runs import descend, first_step_below, grid
from livepage.explorer import Slider, explorer

STEPS = 100
TASK = 1e-6
METHODS = ["gradient descent", "momentum"]
LRS = (0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
LRS += (10.0, 12.0, 14.0, 17.0, 20.0, 25.0, 30.0, 40.0, 50.0)
BETAS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98)


def momentum(losses_fn, minimum, update_fn, start=(0.0, 2.0)):
    """Show demo 4: gradient descent and momentum on a slice of a real loss.

    Parameters
    ----------
    losses_fn : callable
        Takes points of shape (..., 2), returns losses of shape (...).
    minimum : torch.Tensor
        Shape (2,): what distances are measured to.
    update_fn : callable
        The rule of momentum, such as the reader's ``momentum_update``.
    start : (float, float)
        Where both methods start.
    """
    region = _region(minimum, start)

    def compute(lr, beta):
        return momentum_data(losses_fn, minimum, update_fn, start, lr, beta) | {
            "contours": contour_columns(*_mesh(losses_fn, region), axes=2)
        }

    return explorer(
        compute,
        {
            "lr": Slider("learning rate", LRS, 2.0),
            "beta": Slider("momentum β", BETAS, 0.9),
            "steps": Slider("steps", tuple(range(5, STEPS + 1, 5)), STEPS, view=True),
        },
        _momentum_chart(region),
        caption="Try it: bring momentum within 10⁻⁶ of the minimum, in both parameters, within "
        "100 steps. Then lower the number of steps and watch the way it takes.",
        alt="Three panels. Top: the paths of gradient descent and of momentum on lines of equal "
        "loss. Below: the distance of each parameter to the minimum against the step, on "
        "logarithmic axes. Momentum swings to and fro, gradient descent creeps.",
    )


def momentum_data(losses_fn, minimum, update_fn, start, lr, beta):
    """Return the paths of both methods for all pairs of settings, and whether the task is met.

    Parameters
    ----------
    losses_fn, minimum, update_fn, start
        As for `momentum`.
    lr, beta : list of float
        The settings.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``plain`` and ``heavy``, with columns ``method``, ``step``, ``u``, ``v``, ``off_u`` and
        ``off_v``, and ``message``, as `livepage.explorer.explorer` takes them.
    """
    begin = [torch.tensor([start], dtype=torch.float64)]
    runs = descend(
        lambda params: losses_fn(params[0])[..., 0],
        begin,
        update_fn,
        grid(lr=lr, beta=[0.0, *beta]),
        STEPS,
        keep_paths=True,
    )
    paths = runs.paths[0][:, :, 0].reshape(STEPS + 1, len(lr), 1 + len(beta), 2)
    paths = paths.permute(1, 2, 0, 3)  # (lr, beta, step, parameter)
    return {
        "plain": _columns("gradient descent", paths[:, :1], minimum),
        "heavy": _columns("momentum", paths[:, 1:], minimum),
        "message": _verdicts((paths[:, 1:] - minimum).abs()),
    }


def _columns(method, paths, minimum):
    paths = paths.where(paths.abs() < 1e6, torch.nan)  # what has diverged is drawn no further
    off = (paths - minimum).abs().clamp(min=1e-16)
    numbers = {"u": paths[..., 0], "v": paths[..., 1], "off_u": off[..., 0], "off_v": off[..., 1]}
    return {"method": [[[method]]], "step": np.arange(STEPS + 1)[None, None]} | numbers


def _verdicts(off):
    """Say for each setting how near momentum is at the end, and whether the task is met."""
    texts, good = np.empty(off.shape[:2], dtype=object), np.zeros(off.shape[:2], dtype=bool)
    for place in np.ndindex(*off.shape[:2]):
        met = first_step_below(off[place], TASK)
        last = off[place][-1].max().item()
        good[place] = met is not None
        texts[place] = _verdict(met, last)
    return {"text": texts.astype(str)[..., None], "good": good[..., None]}


def _verdict(met, last):
    if met is not None:
        return f"Done: within 10⁻⁶ in both parameters from step {met} on."
    if not last < 1e6:
        return "Momentum has diverged: the learning rate is too large for this β."
    return f"Not yet: after {STEPS} steps momentum is still {last:.1e} away."


def _region(minimum, start):
    """Return left, right, bottom and top of what is drawn: start and minimum, with room around."""
    points = np.array([start, np.asarray(minimum)])
    low, high = points.min(axis=0), points.max(axis=0)
    room = 0.35 * (high - low).max() * np.array([1, 1.5])
    (left, bottom), (right, top) = low - room, high + room
    return left, right, bottom, top


def _mesh(losses_fn, region, points=81):
    left, right, bottom, top = region
    x, y = np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points))
    return x, y, losses_fn(torch.from_numpy(np.stack([x, y], axis=-1))).cpu().numpy()


def _momentum_chart(region):
    left, right, bottom, top = (float(f"{edge:.2f}") for edge in region)
    x_scale = alt.Scale(domain=[left, right], nice=False)
    y_scale = alt.Scale(domain=[bottom, top], nice=False)
    valley = contours(x_scale, y_scale, "weight u", "bias v")
    dots = alt.OverlayMarkDef(size=16, clip=True)
    ways = _for_each_method(dots, x="u:Q", y="v:Q")
    upper = alt.layer(valley, *ways).properties(width=WIDTH, height=210)
    below = [_distance(parameter) for parameter in "uv"]
    return stack(upper, *below).add_params(alt.param(name="steps", value=STEPS))


def _for_each_method(point=False, **encodings):
    """Return a line for both methods, up to the chosen step, with or without points."""
    return [
        alt.Chart(named(name))
        .transform_filter("datum.step <= steps")
        .mark_line(clip=True, point=point)
        .encode(order="step:Q", **method_encodings(METHODS), **encodings)
        for name in ("plain", "heavy")
    ]


def _distance(parameter):
    y = alt.Y(
        f"off_{parameter}:Q",
        scale=alt.Scale(type="log", domain=[1e-9, 100], clamp=True),
        title=f"distance in {parameter}",
        axis=alt.Axis(
            values=[1e-9, 1e-6, 1e-3, 1],
            labelExpr="{'-9': '10⁻⁹', '-6': '10⁻⁶', '-3': '10⁻³', '0': '1'}"
            "[round(log(datum.value) / LN10)]",
        ),
    )
    x = alt.X("step:Q", scale=alt.Scale(domain=[0, STEPS]), title="step")
    goal = alt.Chart(alt.Data(values=[{"task": TASK}]))
    goal = goal.mark_rule(color=INK, strokeDash=[4, 3]).encode(y="task:Q")
    return alt.layer(*_for_each_method(x=x, y=y), goal).properties(width=WIDTH, height=110)
