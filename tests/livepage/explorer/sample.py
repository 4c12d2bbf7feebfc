"""An explorer small enough to know all of its numbers: y = slope * x + start."""

import altair as alt
import numpy as np

from livepage.explorer import Choice, Slider, explorer

CONTROLS = {
    "slope": Slider("slope", (0.1, 1.0, 10.0), 1.0),
    "start": Choice("start", {"low": 0, "high": 5}, "high"),
    "last": Slider("last x", (1, 2, 3), 3, unit="m", view=True),
}
X = np.arange(4)


def compute(slope, start):
    slope, start = np.array(slope)[:, None, None], np.array(start)[None, :, None]
    y = slope * X + start
    where = np.where(y[..., -1:] > 20, "far", "near")
    return {
        "line": {"x": X[None, None], "y": y},
        "message": {"text": where, "good": where == "near"},
    }


def chart():
    line = alt.Chart(alt.Data(name="line")).transform_filter("datum.x <= last")
    return line.mark_line().encode(x="x:Q", y="y:Q").add_params(alt.param(name="last", value=3))


def make(function=compute, controls=CONTROLS):
    return explorer(
        function, controls, chart(), caption="Try it: a steep line.", alt="A line & its end."
    )
