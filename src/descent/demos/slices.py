"""Demo 5b: two planes through one network, and descents within them from any place."""

import itertools

import altair as alt
import numpy as np
import torch

from descent.demos.charts import INK, WIDTH, contour_columns, contours, named, styled
from descent.landscapes import plane_losses
from descent.plots import METHOD_COLORS
from descent.runs import descend, grid
from livepage.explorer import Choice, Slider, explorer

POINTS = 100  # digits that the loss is taken over
STEPS = 30
LRS = (0.005, 0.02, 0.05, 0.1, 0.2)
PLACES = tuple(quarters / 4 for quarters in range(-2, 7))
EDGE = 0.125  # of the picture around the places
LEFT, RIGHT = PLACES[0] - EDGE, PLACES[-1] + EDGE
CELLS = 27  # in a row
FIXED = [(-0.5, 0.75), (0.5, -0.5), (1.5, 0.5), (1.25, 1.5), (0.0, 1.5), (0.5, 0.25)]
IN_A_VALLEY = 0.1
CHOSEN = METHOD_COLORS["gradient descent"]


def slices(origin, planes, inputs, targets, update_fn):
    """Show demo 5b: the loss of a network on planes, with descents that stay in them.

    Parameters
    ----------
    origin : list of torch.Tensor
        The network at the place (0, 0) of each plane.
    planes : dict of str to (list of torch.Tensor, dict of str to sequence of float)
        For each plane its two directions, as for `descent.landscapes.plane_losses`, and the
        places of the networks that it holds, by their names.
    inputs, targets : torch.Tensor
        Digits and their classes. The loss is that on the first 200.
    update_fn : callable
        A rule with a learning rate ``lr``, such as ``gradient_update``.
    """
    landscapes = _landscapes(origin, planes, inputs, targets)
    networks = {
        name: {network: [float(part) for part in place] for network, place in places.items()}
        for name, (_, places) in planes.items()
    }
    constant = _pictures(landscapes, networks)

    def compute(plane, a, b, lr):
        picked = [list(planes).index(name) for name in plane]
        pictures = {
            name: {column: values[picked] for column, values in columns.items()}
            for name, columns in constant.items()
        }
        return slices_data(landscapes, networks, update_fn, plane, a, b, lr) | pictures | _targets()

    return explorer(
        compute,
        {
            "plane": Choice("plane", {name: name for name in planes}, next(iter(planes))),
            "a": Slider("start: a", PLACES, 1.0),
            "b": Slider("start: b", PLACES, 0.5),
            "lr": Slider("learning rate", LRS, 0.02),
        },
        _chart(),
        caption="Try it: click on a place to start there. In each plane, in which valleys can you "
        "end? Then raise the learning rate: which of the paths change their valley?",
        alt="The loss on a plane through a trained network, darker where it is higher, with lines "
        "of equal loss around one valley. Grey paths of gradient descent from six places and a "
        "blue one from the chosen place all lead down into it.",
    )


def slices_data(landscapes, networks, update_fn, plane, a, b, lr):
    """Return the descents within planes, for all combinations of settings.

    Parameters
    ----------
    landscapes : dict of str to callable
        For each plane the loss, as from `descent.landscapes.plane_losses`.
    networks : dict of str to dict of str to sequence of float
        For each plane where the networks lie.
    update_fn : callable
        As for `slices`.
    plane : list of str
        Names of planes.
    a, b, lr : list of float
        Where to start, and learning rates.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``path``, with columns ``x``, ``y`` and ``step``; ``others``, the same with ``start`` from
        fixed places; and ``message``, as `livepage.explorer.explorer` takes them.
    """
    starts = [*itertools.product(a, b), *FIXED]
    found = [_descend(landscapes[name], update_fn, starts, lr) for name in plane]
    paths, losses = (np.stack(parts) for parts in zip(*found, strict=True))
    # From (plane, lr, start, step, coordinate) to (plane, a, b, lr, step, coordinate).
    shape = (len(plane), len(lr), len(a), len(b), *paths.shape[3:])
    chosen = np.moveaxis(paths[:, :, : -len(FIXED)].reshape(shape), 1, 3)
    others = paths[:, :, -len(FIXED) :].reshape(len(plane), 1, 1, len(lr), -1, 2)
    levels = np.moveaxis(losses[:, :, : -len(FIXED)].reshape(*shape[:4], 2), 1, 3)
    steps = np.arange(STEPS + 1)
    return {
        "path": {"x": chosen[..., 0], "y": chosen[..., 1], "step": _constant(steps)},
        "others": {
            "x": others[..., 0],
            "y": others[..., 1],
            "start": _constant(np.repeat(np.arange(len(FIXED)), len(steps))),
            "step": _constant(np.tile(steps, len(FIXED))),
        },
        "message": {"text": _sentences(plane, networks, chosen[..., -1, :], levels)},
    }


def _descend(losses_fn, update_fn, starts, lr):
    """Return paths of shape (lr, start, step, 2), and the first and last losses (lr, start, 2)."""
    runs = descend(
        lambda params: losses_fn(params[0])[..., 0],
        [torch.tensor(starts, dtype=torch.float64)[:, None]],
        update_fn,
        grid(lr=lr, start=range(len(starts))),
        STEPS,
        keep_paths=True,
    )
    paths = runs.paths[0][:, :, 0].reshape(STEPS + 1, len(lr), len(starts), 2)
    paths = paths.where(paths.abs() < 100, torch.nan).permute(1, 2, 0, 3)
    losses = runs.losses[[0, -1]].reshape(2, len(lr), len(starts)).permute(1, 2, 0)
    return paths.numpy(), losses.numpy()


def _sentences(plane, networks, ends, losses):
    """Say for each setting where the descent ends, with an axis for the one row."""
    texts = np.empty(ends.shape[:4], dtype=object)
    for place in np.ndindex(*texts.shape):
        texts[place] = _sentence(networks[plane[place[0]]], ends[place], *losses[place])
    return texts.astype(str)[..., None]


def _sentence(networks, end, first, last):
    said = f"In {STEPS} steps the loss goes from {first:.2g} to {last:.2g}"
    if not np.isfinite(end).all() or not np.isfinite(last):
        return "It has diverged: the learning rate is too large."
    if not last < first:
        return f"{said}: the learning rate is too large."
    if not last < IN_A_VALLEY:
        return f"{said}: not yet in a valley."
    nearest = min(networks, key=lambda name: np.linalg.norm(end - networks[name]))
    return f"{said}, in the valley of “{nearest}”."


def _landscapes(origin, planes, inputs, targets):
    """Return the loss on each plane, in double precision on the processor."""
    inputs, targets = inputs[:POINTS].double().cpu(), targets[:POINTS].cpu()
    origin = [param.detach().double().cpu() for param in origin]
    return {
        name: plane_losses(
            origin, [part.detach().double().cpu() for part in directions], inputs, targets
        )
        for name, (directions, _) in planes.items()
    }


def _pictures(landscapes, networks):
    """Return what stays of each plane: its cells, its lines of equal loss and its networks."""
    drawn = [_picture(losses_fn, networks[name]) for name, losses_fn in landscapes.items()]
    return {
        name: {
            column: _padded([picture[name][column] for picture in drawn])
            for column in drawn[0][name]
        }
        for name in drawn[0]
    }


def _picture(losses_fn, places):
    x, y, losses = _mesh(losses_fn, CELLS, half=0.5)
    lines = contour_columns(*_mesh(losses_fn, 31), axes=1, levels=10)
    points = np.array(list(places.values()))
    return {
        "cells": {"x": x.ravel(), "y": y.ravel(), "loss": losses.ravel()},
        "contours": {name: values[0] for name, values in lines.items()},
        "networks": {"x": points[:, 0], "y": points[:, 1], "name": np.array(list(places))},
    }


def _mesh(losses_fn, points, half=0.0):
    """Return x, y and the loss on a grid, from edge to edge or at the centres of cells."""
    if half:
        ticks = LEFT + (np.arange(points) + half) * (RIGHT - LEFT) / points
    else:
        ticks = np.linspace(LEFT, RIGHT, points)
    x, y = np.meshgrid(ticks, ticks)
    return x, y, losses_fn(torch.from_numpy(np.stack([x, y], axis=-1))).numpy()


def _padded(columns):
    """Return columns of different lengths as one array (plane, 1, 1, 1, row)."""
    longest = max(map(len, columns))
    if columns[0].dtype.kind == "U":
        rows = [[*column, *[""] * (longest - len(column))] for column in columns]
    else:
        rows = [
            np.pad(c.astype(float), (0, longest - len(c)), constant_values=np.nan) for c in columns
        ]
    return np.array(rows)[:, None, None, None]


def _constant(values):
    return np.asarray(values)[None, None, None, None]


def _targets():
    """Return the places that a click can choose."""
    a, b = np.meshgrid(PLACES, PLACES)
    return {"targets": {"a": _constant(a.ravel()), "b": _constant(b.ravel())}}


def _chart():
    scale = alt.Scale(domain=[LEFT, RIGHT], nice=False, zero=False)
    x = alt.X("x:Q", scale=scale, title="a, along the first direction").axis(grid=False)
    y = alt.Y("y:Q", scale=scale, title="b, along the second").axis(grid=False)
    lines = contours(scale, scale, "a, along the first direction", "b, along the second")
    lines = lines.mark_line(color="white", strokeWidth=1, clip=True)
    lines = lines.transform_filter("isValid(datum.x)")
    layers = [_cells(x, y), lines, *_paths(x, y), *_networks(x, y), _clicks(scale)]
    return styled(alt.layer(*layers).properties(width=WIDTH, height=WIDTH))


def _cells(x, y):
    legend = alt.Legend(
        title="loss",
        titleFontSize=13,
        titleFontWeight="normal",
        gradientLength=WIDTH - 10,
        orient="top",
    )
    greys = alt.Scale(type="log", domain=[0.005, 20], range=["#ffffff", "#8a8a8a"], clamp=True)
    legend.values = [0.01, 0.1, 1, 10]
    size = WIDTH / CELLS + 0.5
    cells = alt.Chart(named("cells")).mark_rect(width=size, height=size, clip=True)
    return cells.encode(x=x, y=y, color=alt.Color("loss:Q", scale=greys, legend=legend))


def _paths(x, y):
    line = {"x": x, "y": y, "order": "step:Q"}
    others = alt.Chart(named("others")).mark_line(clip=True, color="#4d4d4d", strokeWidth=1.2)
    path = alt.Chart(named("path")).encode(**line)
    ends = path.transform_filter(f"datum.step == 0 || datum.step == {STEPS}")
    shapes = alt.Scale(domain=[0, STEPS], range=["circle", "square"])
    ends = ends.encode(shape=alt.Shape("step:O", scale=shapes, legend=None))
    return [
        others.encode(detail="start:N", **line),
        path.mark_line(clip=True, color="white", strokeWidth=6),
        path.mark_line(clip=True, color=CHOSEN, strokeWidth=2.5),
        ends.mark_point(clip=True, filled=True, opacity=1, size=150, color=CHOSEN, stroke="white"),
    ]


def _networks(x, y):
    places = alt.Chart(named("networks")).transform_filter("isValid(datum.x)").encode(x=x, y=y)
    words = places.encode(text="name:N")
    look = {"fontSize": 13, "dy": 19}
    return [
        places.mark_point(shape="diamond", size=140, color=INK, fill="#F0E442", opacity=1),
        words.mark_text(stroke="white", strokeWidth=4, strokeJoin="round", **look),
        words.mark_text(color=INK, **look),
    ]


def _clicks(scale):
    """Return what takes the clicks: cells around the places, on top of all and not seen."""
    size = WIDTH / len(PLACES)
    cells = alt.Chart(named("targets")).mark_rect(width=size, height=size, fill="transparent")
    return cells.encode(x=alt.X("a:Q", scale=scale), y=alt.Y("b:Q", scale=scale))
