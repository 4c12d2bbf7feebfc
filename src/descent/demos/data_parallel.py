"""The demo of the appendix: how long a data-parallel step takes, under a simple model."""

import altair as alt
import numpy as np

from descent.demos.charts import WIDTH, named, styled
from descent.distributed import step_seconds
from descent.plots import METHOD_COLORS
from livepage.explorer import Slider, explorer

WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
FLOPS = 1e13  # of a worker, in a second
BATCHES = (256, 1024, 4096, 16384, 65536, 262144)
LINKS = (1, 10, 100, 1000, 10000)  # gigabits a second
USES = (1, 10, 100, 1000)
PARTS = ["computing", "sending"]


def step_time():
    """Show how the time of a step falls with the number of workers, and where it stops falling."""
    return explorer(
        step_time_data,
        {
            "batch": Slider("batch size", BATCHES, 4096, "points"),
            "link": Slider("link", LINKS, 100, "Gbit/s"),
            "uses": Slider("uses of a parameter, each point", USES, 1),
        },
        _chart(),
        caption="Try it: find three ways to make 64 workers worth their while. Which of them "
        "changes the training itself?",
        alt="Bars for 1 to 256 workers: the time of a step, where that of one worker is 100 %. The "
        "blue part, computing, is halved from bar to bar. The orange part, sending, is missing "
        "with one worker, and about the same in all other bars.",
    )


def step_time_data(batch, link, uses):
    """Return the two parts of a step's time for all triples of settings, and what they amount to.

    The number of parameters cancels: both parts are proportional to it.

    Parameters
    ----------
    batch : list of int
        Points of the whole minibatch.
    link : list of float
        Gigabits that a worker sends in a second.
    uses : list of float
        How often a parameter is used for one point.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``parts`` and ``message``, as `livepage.explorer.explorer` takes them.
    """
    size, speed, reuse = (axis[..., None] for axis in np.ix_(*map(np.array, (batch, link, uses))))
    workers = np.array(WORKERS)
    seconds = step_seconds(workers, size, 1.0, FLOPS, 1e9 * speed, reuse)
    computing, sending = (np.broadcast_to(part, np.broadcast(*seconds).shape) for part in seconds)
    whole = (computing + sending)[..., :1]
    return {
        "parts": {
            "workers": np.tile(workers, 2)[None, None, None],
            "part": np.repeat(PARTS, len(workers))[None, None, None],
            "percent": 100 * np.concatenate([computing, sending], axis=-1) / whole,
        },
        "message": {"text": _texts(whole / (computing + sending), sending > computing)},
    }


def _texts(gain, sends_longer):
    texts = np.empty((*gain.shape[:-1], 1), dtype=object)
    for place in np.ndindex(*gain.shape[:-1]):
        longer = np.flatnonzero(sends_longer[place])
        turn = "Computing takes longer than sending, however many there are."
        if len(longer):
            turn = f"From {WORKERS[longer[0]]} workers on, sending takes longer than computing."
        faster = f"{gain[place][-1]:.3g} times as fast as with one"
        texts[place] = f"With {WORKERS[-1]} workers a step is {faster}. {turn}"
    return texts.astype(str)


def _chart():
    colors = [METHOD_COLORS["gradient descent"], METHOD_COLORS["momentum"]]
    bars = alt.Chart(named("parts")).mark_bar(clip=True)
    bars = bars.encode(
        x=alt.X("workers:O", scale=alt.Scale(domain=WORKERS), axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "percent:Q",
            scale=alt.Scale(domain=[0, 120]),
            title="time of a step (one worker: 100 %)",
        ),
        color=alt.Color(
            "part:N", scale=alt.Scale(domain=PARTS, range=colors), legend=alt.Legend(title=None)
        ),
        order=alt.Order("part:N"),
    )
    return styled(bars.properties(width=WIDTH, height=220))
