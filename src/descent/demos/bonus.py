"""Demo 9: what learning rate and batch size do to the accuracy on fresh digits."""

import functools
import math

import altair as alt
import numpy as np
import torch

from descent.demos.charts import WIDTH, named, stack
from descent.models import MLP, losses_many, stack_models
from descent.plots import METHOD_COLORS
from descent.runs import descend, grid
from descent.training import answers_many, minibatch_losses
from livepage.explorer import Slider, explorer

LRS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
SIZES = (8, 32, 128, 512)
POINTS, EPOCHS, HIDDEN = 1000, 8, (30,)
HIGHEST = 1e3  # a loss beyond it is drawn no further
DIGITS = ["training digits", "validation digits"]


def rate_and_batch(train_data, val_data, update_fn, sample_fn, seed=0):
    """Show demo 9: the accuracy of small networks against learning rate and batch size.

    To be quick, they learn from at most 1,000 digits, shrunk to half their width and height.

    Parameters
    ----------
    train_data, val_data : tuple of torch.Tensor
        Images, shape (points, height, width), and right classes.
    update_fn : callable
        The rule, with the argument ``lr``, such as `descent.optimizers.gradient_update`.
    sample_fn : callable
        Goes through the data, such as ``descent.data.epoch``:
        ``sample_fn(inputs, targets, batch_size)``.
    seed : int
        Of the networks and the minibatches.
    """
    learn = _shrunk(train_data[0][:POINTS]), train_data[1][:POINTS]
    judge = _shrunk(val_data[0]), val_data[1]

    @functools.cache  # in a live kernel, what has been trained once stays on the figure
    def train(size, rates):
        return train_rates(learn, judge, update_fn, sample_fn, rates, size, seed)

    def compute(lr, size):
        return rate_and_batch_data(train, lr, size, len(judge[1]))

    return explorer(
        compute,
        {
            "lr": Slider("learning rate", LRS, 0.01),
            "size": Slider("batch size", SIZES, 128),
        },
        _chart(),
        caption="Try it: find the best learning rate for each batch size. Which batch size reads "
        "the most validation digits, and how much of the lead is chance?",
        alt="Top: the share of validation digits that are read right, against the learning rate on "
        "a logarithmic axis, for one batch size; it rises, and falls where the rate is too large. "
        "A ring marks the chosen rate. Below: the losses on training and validation digits fall "
        "slowly from epoch to epoch.",
    )


def rate_and_batch_data(train_fn, lr, size, count):
    """Return accuracies and training curves for all pairs of settings.

    Parameters
    ----------
    train_fn : callable
        Takes a batch size and a tuple of learning rates, returns what `train_rates` does.
    lr : list of float
        Learning rates.
    size : list of int
        Batch sizes.
    count : int
        How many validation digits there are.

    Returns
    -------
    dict of str to dict of str to numpy.ndarray
        ``others``, ``curve``, ``chosen``, ``training`` and ``message``, as
        `livepage.explorer.explorer` takes them.
    """
    every = np.concatenate([train_fn(one, LRS)["accuracy"][:, -1] for one in SIZES])
    mine = [train_fn(one, tuple(lr)) for one in size]
    parts = {name: np.stack([run[name] for run in mine], axis=1) for name in mine[0]}
    final = parts["accuracy"][..., -1:]
    epochs = np.arange(EPOCHS + 1)
    error = 100 * np.sqrt(final * (100 - final) / 1e4 / count)
    return {
        "others": {
            "rate": np.tile(LRS, len(SIZES))[None, None],
            "batch": np.repeat(SIZES, len(LRS))[None, None],
            "right": every[None, None],
        },
        "curve": {
            "rate": np.array([[LRS]]),
            "right": np.stack([train_fn(one, LRS)["accuracy"][:, -1] for one in size])[None],
        },
        "chosen": {"at": np.reshape(lr, (-1, 1, 1)), "right": final},
        "training": {
            "epoch": np.tile(epochs, 2)[None, None],
            "digits": np.repeat(DIGITS, len(epochs))[None, None],
            "loss": np.concatenate([parts["train_loss"], parts["val_loss"]], axis=-1),
        },
        "message": {"text": _texts(final, error, count)},
    }


def train_rates(train_data, val_data, update_fn, sample_fn, rates, size, seed=0):
    """Train a small network with several learning rates at once, and judge it after each epoch.

    Parameters
    ----------
    train_data, val_data : tuple of torch.Tensor
        Inputs, shape (points, ...), and right classes. In double precision, the numbers of a run do
        not depend on the others.
    update_fn, sample_fn, seed
        As for `rate_and_batch`.
    rates : sequence of float
        Learning rates.
    size : int
        Batch size.

    Returns
    -------
    dict of str to numpy.ndarray
        ``train_loss``, ``val_loss`` and ``accuracy`` in percent, of shape (rates, epochs + 1) each.
    """
    batches_per_epoch = math.ceil(len(train_data[1]) / size)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = MLP(train_data[0][0].numel(), hidden_dims=HIDDEN)
        start = [param[0].to(train_data[0]) for param in stack_models([model])]
        runs = descend(
            minibatch_losses(*train_data, size, sample_fn),
            start,
            update_fn,
            grid(lr=rates),
            EPOCHS * batches_per_epoch,
            keep_paths=True,
            every=batches_per_epoch,
        )
    return {
        "train_loss": _losses(runs.paths, train_data),
        "val_loss": _losses(runs.paths, val_data),
        "accuracy": _accuracies(runs.paths, val_data),
    }


def _losses(paths, data):
    losses = torch.stack([losses_many(list(at), *data) for at in zip(*paths, strict=True)], dim=1)
    losses = losses.cpu().numpy()
    return np.where(losses < HIGHEST, losses, np.nan)


def _accuracies(paths, data):
    """Return the share of right answers in percent, shape (runs, records)."""
    right = answers_many(paths, data[0]) == data[1]
    return 100 * right.double().mean(dim=-1).T.cpu().numpy()


def _shrunk(images):
    """Return images of half the width and height, in double precision."""
    images = images.reshape(len(images), 1, *images.shape[-2:]).double()
    return torch.nn.functional.avg_pool2d(images, 2)


def _texts(right, error, count):
    texts = np.empty(right.shape, dtype=object)
    for place in np.ndindex(*right.shape):
        texts[place] = (
            f"{right[place]:.1f} % of {count:,} validation digits are read right, "
            f"with a standard error of {error[place]:.1f} points."
        )
    return texts.astype(str)


def _chart():
    chart = stack(_accuracy_panel(), _training_panel())
    return chart.resolve_scale(color="independent", strokeDash="independent")


def _accuracy_panel():
    blue, orange = METHOD_COLORS["gradient descent"], METHOD_COLORS["momentum"]
    scale = alt.Scale(type="log", domain=[0.8 * LRS[0], 1.25 * LRS[-1]], nice=False)
    x = alt.X("rate:Q", scale=scale, title="learning rate", axis=alt.Axis(values=[0.01, 0.1, 1]))
    y = alt.Y("right:Q", scale=alt.Scale(domain=[0, 100]), title="right, validation (%)")
    pale = alt.Chart(named("others")).mark_line(color="#aaaaaa", strokeWidth=1)
    line = alt.Chart(named("curve")).mark_line(color=blue).encode(x, y)
    ring = alt.Chart(named("chosen")).mark_point(size=160, strokeWidth=3, color=orange)
    ring = ring.encode(x="at:Q", y="right:Q")
    pale = pale.encode(x, y, detail="batch:N")
    return alt.layer(pale, line, ring).properties(width=WIDTH, height=170)


def _training_panel():
    colors = [METHOD_COLORS["gradient descent"], METHOD_COLORS["random search"]]
    legend = alt.Legend(title=None)
    lines = alt.Chart(named("training")).mark_line(clip=True)
    return lines.encode(
        x=alt.X("epoch:Q", scale=alt.Scale(domain=[0, EPOCHS]), title="epoch"),
        y=alt.Y("loss:Q", scale=alt.Scale(domain=[0, 3]), axis=alt.Axis(tickCount=4)),
        color=alt.Color("digits:N", scale=alt.Scale(domain=DIGITS, range=colors), legend=legend),
        strokeDash=alt.StrokeDash(
            "digits:N", scale=alt.Scale(domain=DIGITS, range=[[6, 2], [1, 0]]), legend=legend
        ),
    ).properties(width=WIDTH, height=130)
