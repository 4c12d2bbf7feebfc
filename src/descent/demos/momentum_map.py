"""Demo 4b: the map of all learning rates and momenta, and the run behind each place on it."""

import altair as alt
import numpy as np
import torch

from descent.demos.charts import INK, WIDTH, named, stack
from descent.landscapes import quadratic
from descent.plots import METHOD_COLORS
from descent.runs import best_heavy_ball, descend, first_step_below, grid
from livepage.explorer import Slider, explorer

NEARER = 1e-6
HEIGHT = 260  # of the map
LIMIT = 300  # steps after which a run is given up
SHOWN = 100  # steps that are drawn
LRS = tuple(tenths / 10 for tenths in range(2, 41, 2))  # in units of 1/L
BETAS = tuple(hundredths / 100 for hundredths in range(0, 100, 5))
DIRECTIONS = ["flat direction", "steep direction"]
COLORS = ["#0072B2", METHOD_COLORS["momentum"]]
STAR = "M0,-1L0.23,-0.33L0.95,-0.31L0.38,0.12L0.59,0.81L0,0.4L-0.59,0.81L-0.38,0.12L-0.95,-0.31"
STAR += "L-0.23,-0.33Z"
KINDS = np.array(["diverges", "oscillates", "smooth"])


def momentum_map(mu, L, update_fn):
    """Show demo 4b: how fast each setting of momentum is on a quadratic, and how it goes there.

    Parameters
    ----------
    mu, L : float
        The smallest and the largest curvature.
    update_fn : callable
        The rule of momentum, such as the reader's ``momentum_update``.
    """
    cells = _cells(mu, L, update_fn)
    fewest = cells["steps"][np.isfinite(cells["steps"])].min(initial=LIMIT)
    constant = {"cells": cells, "edges": edges(L / mu)}
    constant = {
        name: {column: values[None, None] for column, values in columns.items()}
        for name, columns in constant.items()
    }

    def compute(lr, beta):
        return momentum_map_data(mu, L, update_fn, lr, beta, fewest) | constant

    return explorer(
        compute,
        {
            "lr": Slider("learning rate", LRS, 1.6, unit="/ L"),
            "beta": Slider("momentum β", BETAS, 0.9),
        },
        _chart(*best_heavy_ball(mu / L, 1)),
        caption="Try it: click on the map, or move the sliders. Find a setting that is as fast as "
        "the star. Then go up from it, and to the right.",
        alt="Above, a map with the learning rate to the right and beta upwards. Crosses at the "
        "lower right mark runs that diverge. Dots at the lower left mark runs that do not "
        "oscillate. A star marks the fewest steps, where two lines of theory cross, and a ring "
        "the chosen setting. Below, the distance of that run along the flat and the steep "
        "direction against the step: both fall in arches, slowly.",
    )


def momentum_map_data(mu, L, update_fn, lr, beta, fewest=0):
    """Return the runs of all pairs of settings, and how many steps each takes.

    Parameters
    ----------
    mu, L, update_fn
        As for `momentum_map`.
    lr : list of float
        Learning rates in units of 1/L.
    beta : list of float
        Momenta.
    fewest : float
        With how few steps a run counts as a success.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``runs``, with columns ``direction``, ``step`` and ``distance``; ``chosen``, with columns
        ``lr`` and ``beta``; and ``message``, as `livepage.explorer.explorer` takes them.
    """
    paths = _paths(mu, L, update_fn, lr, beta)
    off = paths[:, :, : SHOWN + 1].abs().clamp(min=NEARER / 100)
    off = off.where(off < 1e6, torch.nan).transpose(2, 3).flatten(2)
    steps, kinds = _steps_and_kinds(paths)
    return {
        "runs": {
            "direction": np.repeat(DIRECTIONS, SHOWN + 1)[None, None],
            "step": np.tile(np.arange(SHOWN + 1), 2)[None, None],
            "distance": off.numpy(),
        },
        "chosen": {
            "lr": np.reshape(lr, (-1, 1, 1)),
            "beta": np.reshape(beta, (1, -1, 1)),
        },
        "message": {
            "text": np.vectorize(_sentence)(steps, kinds)[..., None],
            "good": (steps <= fewest)[..., None],
        },
    }


def edges(kappa, points=60):
    """Return the lines of theory: where a run begins to oscillate, and where to diverge.

    Parameters
    ----------
    kappa : float
        The condition number.
    points : int
        How many places a line has.

    Returns
    -------
    dict of str to numpy.ndarray
        Columns ``edge``, ``x`` (the learning rate in units of 1/L) and ``y`` (beta).

    References
    ----------
    Qian (1999), On the momentum term in gradient descent learning algorithms.
    """
    root = np.linspace(0, 1, points)  # of beta
    stable = 2 * (1 + root**2)
    lines = {
        "limit": stable,
        "steep: damped": (1 - root) ** 2,
        "flat: damped": kappa * (1 - root) ** 2,
        "steep: alternates": (1 + root) ** 2,
    }
    inside = [np.where(line <= stable, line, np.nan) for line in lines.values()]
    return {
        "edge": np.repeat(list(lines), points),
        "x": np.concatenate(inside),
        "y": np.tile(root**2, len(lines)),
    }


def _paths(mu, L, update_fn, lr, beta):
    """Return where runs from (1, 1) go, shape (lr, beta, step, direction)."""
    bowl = quadratic([mu, L])
    runs = descend(
        lambda params: bowl(params[0])[..., 0],
        [torch.ones(1, 2, dtype=torch.float64)],
        update_fn,
        grid(lr=[rate / L for rate in lr], beta=beta),
        LIMIT,
        keep_paths=True,
    )
    paths = runs.paths[0][:, :, 0].reshape(LIMIT + 1, len(lr), len(beta), 2)
    return paths.permute(1, 2, 0, 3)


def _steps_and_kinds(paths):
    """Return how many steps each run takes to come a million times nearer, and how it goes."""
    away = paths.norm(dim=-1)
    steps, kinds = np.empty(away.shape[:2]), np.empty(away.shape[:2], dtype=int)
    crosses = (paths[:, :, 1:] * paths[:, :, :-1] < 0).flatten(2).any(dim=-1)
    for place in np.ndindex(*steps.shape):
        near = first_step_below(away[place], NEARER * away[place][0])
        steps[place] = LIMIT if near is None else near
        kinds[place] = 1 if crosses[place] else 2
    diverged = ~(away[..., -1] <= away[..., 0]).numpy()  # NaN has diverged too
    steps[diverged], kinds[diverged] = np.inf, 0
    return steps, KINDS[kinds]


def _sentence(steps, kind):
    if kind == "diverges":
        return "This setting diverges."
    took = f"more than {LIMIT}" if steps == LIMIT else f"{steps:.0f}"
    return f"It {'is ' if kind == 'smooth' else ''}{kind}: {took} steps to come 10⁶ times nearer."


def _cells(mu, L, update_fn):
    """Return a row for each place on the map."""
    steps, kinds = _steps_and_kinds(_paths(mu, L, update_fn, LRS, BETAS))
    lr, beta = np.meshgrid(LRS, BETAS, indexing="ij")
    columns = {"lr": lr, "beta": beta, "steps": steps, "kind": kinds}
    return {name: values.ravel() for name, values in columns.items()}


def _chart(best_lr, best_beta):
    x = alt.X("lr:Q", scale=alt.Scale(domain=[0.1, 4.1], nice=False, zero=False))
    x = x.title("learning rate, in units of 1/L").axis(tickCount=5, grid=False)
    y = alt.Y("beta:Q", scale=alt.Scale(domain=[-0.025, 0.975], nice=False, zero=False))
    y = y.title("momentum β").axis(tickCount=5, grid=False)
    lines = [_theory(), _words(), _star(best_lr, best_beta)]
    upper = alt.layer(*_places(x, y), *lines, _ring(x, y), _targets(x, y))
    upper = upper.properties(width=WIDTH, height=HEIGHT)
    return stack(upper, _distances()).resolve_scale(color="independent")


def _places(x, y):
    """Return the cells, with crosses where runs diverge and dots where they do not oscillate."""
    fewer = alt.Scale(type="log", scheme="viridis", reverse=True, domain=[20, LIMIT])
    legend = alt.Legend(
        title="steps to come a million times nearer",
        titleFontSize=13,
        titleFontWeight="normal",
        titleLimit=400,
        gradientLength=WIDTH - 10,
        values=[20, 50, 100, 200, LIMIT],
        orient="top",
    )
    cells = alt.Chart(named("cells"))
    size = {"width": WIDTH / len(LRS) + 0.5, "height": HEIGHT / len(BETAS) + 0.5}
    taken = cells.transform_filter("datum.kind != 'diverges'").mark_rect(**size)
    taken = taken.encode(x=x, y=y, color=alt.Color("steps:Q", scale=fewer, legend=legend))
    crosses = _marks(cells, "diverges", shape="cross", angle=45, color="#888888", size=28)
    # Written so, white stays white on a dark page, as the colours below it stay.
    dots = _marks(cells, "smooth", shape="circle", color="rgb(255, 255, 255)", size=16)
    return [taken, *(marks.encode(x=x, y=y) for marks in (crosses, dots))]


def _marks(cells, kind, **look):
    return cells.transform_filter(f"datum.kind == '{kind}'").mark_point(
        filled=True, opacity=1, **look
    )


def _theory():
    dashes = alt.Scale(
        domain=["limit", "steep: damped", "flat: damped", "steep: alternates"],
        range=[[1, 0], [6, 4], [2, 3], [2, 3]],
    )
    lines = alt.Chart(named("edges")).encode(x="x:Q", y="y:Q", detail="edge:N", order="y:Q")
    below = lines.mark_line(clip=True, color=INK, strokeWidth=4)
    above = lines.mark_line(clip=True, color="white", strokeWidth=2)
    above = above.encode(strokeDash=alt.StrokeDash("edge:N", scale=dashes, legend=None))
    return alt.layer(below, above)


def _words():
    places = [("diverges", 3.45, 0.3), ("oscillates", 1.9, 0.72), ("← smooth", 0.85, 0.2)]
    rows = [{"word": word, "x": x, "y": y} for word, x, y in places]
    words = alt.Chart(alt.Data(values=rows)).encode(x="x:Q", y="y:Q", text="word:N")
    halo = words.mark_text(fontSize=14, stroke="white", strokeWidth=4, strokeJoin="round")
    return alt.layer(halo, words.mark_text(fontSize=14, color=INK))


def _star(lr, beta):
    place = alt.Chart(alt.Data(values=[{"x": round(lr, 6), "y": round(beta, 6)}]))
    look = {"shape": STAR, "size": 300, "fill": "white", "stroke": INK, "opacity": 1}
    return place.mark_point(**look).encode(x="x:Q", y="y:Q")


def _ring(x, y):
    ring = alt.Chart(named("chosen")).encode(x=x, y=y)
    white = ring.mark_point(size=260, color="white", strokeWidth=5, opacity=1)
    return alt.layer(white, ring.mark_point(size=260, color="#D00000", strokeWidth=2.5, opacity=1))


def _targets(x, y):
    """Return what takes the clicks: the cells once more, on top of the lines and not seen."""
    look = {"width": WIDTH / len(LRS), "height": HEIGHT / len(BETAS), "fill": "transparent"}
    return alt.Chart(named("cells")).mark_rect(**look).encode(x=x, y=y)


def _distances():
    y = alt.Y(
        "distance:Q",
        scale=alt.Scale(type="log", domain=[NEARER / 10, 100], clamp=True),
        title="distance",
        axis=alt.Axis(
            values=[NEARER, 1e-4, 1e-2, 1, 100],
            labelExpr="{'-6': '10⁻⁶', '-4': '10⁻⁴', '-2': '0.01', '0': '1', '2': '100'}"
            "[round(log(datum.value) / LN10)]",
        ),
    )
    x = alt.X("step:Q", scale=alt.Scale(domain=[0, SHOWN]), title="step")
    look = {"legend": alt.Legend(title=None)}
    colors = alt.Scale(domain=DIRECTIONS, range=COLORS)
    dashes = alt.Scale(domain=DIRECTIONS, range=[[1, 0], [6, 2]])
    lines = alt.Chart(named("runs")).mark_line(clip=True)
    lines = lines.encode(
        x=x,
        y=y,
        order="step:Q",
        color=alt.Color("direction:N", scale=colors, **look),
        strokeDash=alt.StrokeDash("direction:N", scale=dashes, **look),
    )
    goal = alt.Chart(alt.Data(values=[{"goal": NEARER}]))
    goal = goal.mark_rule(color=INK, strokeDash=[4, 3]).encode(y="goal:Q")
    return alt.layer(lines, goal).properties(width=WIDTH, height=130)
