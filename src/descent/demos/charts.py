"""What the charts of all demos share: sizes, colours, lines of equal loss."""

import altair as alt
import numpy as np
from contourpy import contour_generator

from descent.plots import METHOD_COLORS

INK = "#222222"
WIDTH = 400  # of a panel, in units that a phone shows as about 0.75 pixels
DASHES = {
    "gradient descent": [1, 0],
    "momentum": [6, 2],
    "RMSprop": [2, 2],
    "Adam": [8, 2, 2, 2],
    "random search": [3, 3],
}
# All at once: each of Altair's methods for one of these would copy the whole chart.
LOOK = {
    "font": "sans-serif",
    "background": "white",
    "padding": 8,
    "aria": False,
    "view": {"stroke": "#888888"},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": "#e4e4e4",
    },
    "axisY": {"minExtent": 38},
    "legend": {
        "orient": "top",
        "labelFontSize": 13,
        "symbolSize": 160,
        "symbolStrokeWidth": 3,
        "labelColor": INK,
        "titleColor": INK,
    },
    "title": {"anchor": "start", "fontSize": 13, "color": INK},
    "text": {"color": INK},
    "line": {"strokeWidth": 2.5},
}


def named(name):
    """Return Altair's data for a data set that the explorer fills in."""
    return alt.Data(name=name)


def method_encodings(methods, field="method"):
    """Return colour and dashes for a field that names methods, the same in the whole book.

    Parameters
    ----------
    methods : sequence of str
        Keys of `descent.plots.METHOD_COLORS`.
    field : str
        The column.
    """
    domain = list(methods)
    colors = alt.Scale(domain=domain, range=[METHOD_COLORS[method] for method in domain])
    dashes = alt.Scale(domain=domain, range=[DASHES[method] for method in domain])
    legend = alt.Legend(title=None)
    return {
        "color": alt.Color(f"{field}:N", scale=colors, legend=legend),
        "strokeDash": alt.StrokeDash(f"{field}:N", scale=dashes, legend=legend),
    }


def stack(*panels):
    """Return panels one below the other, in the look of the book."""
    return alt.vconcat(*panels, spacing=12, config=LOOK)


def styled(chart):
    """Return a chart in the look of the book."""
    return chart.properties(config=LOOK)


def contour_columns(x, y, losses, axes, levels=12):
    """Return lines of equal loss as the columns of a data set.

    Parameters
    ----------
    x, y, losses : numpy.ndarray
        A grid, shape (rows, columns) each.
    axes : int
        How many controls the explorer computes for; the lines are the same for all.
    levels : int
        How many losses to draw lines for, denser where the loss is low.

    Returns
    -------
    dict of str to numpy.ndarray
        Columns ``x``, ``y``, ``line`` (which line a point is on) and ``order``.
    """
    heights = np.unique(np.quantile(losses, np.linspace(0, 1, levels) ** 1.5))[1:-1]
    generator = contour_generator(x, y, losses)
    lines = [line for height in heights for line in generator.lines(height)]
    points = np.concatenate(lines)
    number = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    columns = {"x": points[:, 0], "y": points[:, 1], "line": number}
    columns["order"] = np.arange(len(points))
    return {name: values.reshape(*[1] * axes, -1) for name, values in columns.items()}


def contours(x_scale, y_scale, x_title, y_title):
    """Return the chart of the data set ``contours``, from `contour_columns`."""
    return (
        alt.Chart(named("contours"))
        .mark_line(color="#b5b5b5", strokeWidth=1, clip=True)
        .encode(
            x=alt.X("x:Q", scale=x_scale, title=x_title),
            y=alt.Y("y:Q", scale=y_scale, title=y_title),
            detail="line:N",
            order="order:Q",
        )
    )
