"""One update rule, many settings and starts, in one batched program."""

import inspect
from numbers import Integral

import torch
from tqdm import tqdm

from descent.runs.recording import Record
from descent.runs.running import Running, of_runs, told_which_run

START = "start"  # the axis that chooses among several starts
CHECKED = 10  # after so many steps each, runs that have diverged are dropped
PATIENCE = 2  # seconds without a bar
MOST_STEPS = 10**9  # at best some hours


def descend(
    losses_fn,
    start,
    update_fn,
    settings,
    steps,
    keep_paths=False,
    measure_fn=None,
    every=1,
    progress=True,
):
    """Run one update rule with every combination of some settings, all at once.

    The rule is an ordinary update function, such as the one that a reader writes for a single
    network. It serves many runs because it is elementwise, and because the gradient of the summed
    loss of independent runs is the gradient of each.

    A run whose loss is NaN has diverged for good. Such runs are dropped, so that they cost nothing
    any more; what is recorded of them from then on is NaN.

    Interrupting it (the stop button of a notebook, or Ctrl+C) loses nothing: what was recorded so
    far is returned.

    Parameters
    ----------
    losses_fn : callable
        Takes parameters with a leading dimension of runs, returns losses of shape (runs,). It is
        called once a step, so it may draw a new minibatch each time. If it keeps something of its
        own for each run, let it take a second argument ``running``: the numbers of the runs that
        are still there.
    start : list of torch.Tensor
        Where every run starts, without a dimension of runs: shapes (in, out) and (1, out), say. If
        ``settings`` has an axis ``start``, several starts along a leading dimension. The runs are
        computed on the device where the start is.
    update_fn : callable
        ``update_fn(loss, params, *state, **hyperparameters)``, in place. Every argument after
        ``params`` without a default and without an axis is a state, such as a velocity: it starts
        at zero. When it is called, no parameter has a gradient.
    settings : Grid
        From `grid`. Its names are arguments of ``update_fn``; the axis ``start`` counts the starts
        from 0.
    steps : int
        Number of updates, at least 0.
    keep_paths : bool
        Whether to keep the parameters of every recorded step. Meant for small problems.
    measure_fn : callable, optional
        What to record in place of the losses that are descended, which those on a minibatch call
        for. Takes and returns what ``losses_fn`` does; called at recorded steps only.
    every : int or collection of int
        Record each step whose number this divides, or just these steps; and always the last.
    progress : bool
        Whether to show a bar, as text on standard error, if it takes more than some seconds.

    Returns
    -------
    Runs

    Raises
    ------
    ValueError
        If ``steps`` is negative or beyond a billion, ``every`` holds no step or is less than 1, an
        axis is not an argument of ``update_fn``, the start has other dimensions than it should, a
        start is not there, or there is not one loss for each run.
    """
    check_steps(steps)
    recorded = _recorded_steps(every, steps)
    hyperparameters = settings.hyperparameters(like=start[0])
    indices = hyperparameters.pop(START, None)
    states = state_names(update_fn, hyperparameters)
    first = repeat(start, len(settings)) if indices is None else _chosen(start, indices)
    state = {name: [torch.zeros_like(param) for param in first] for name in states}
    running = Running([param.requires_grad_() for param in first], state, hyperparameters)
    record = Record(running, measure_fn, keep_paths)
    losses_fn = told_which_run(losses_fn)
    try:
        for step in tqdm(range(steps), disable=not progress, delay=PATIENCE, unit=" steps"):
            losses = running.losses(losses_fn, "losses_fn")
            if step in recorded:
                record.add(step, losses)
            running.forget_gradients()
            update_fn(losses.sum(), running.params, **running.state, **running.hyperparameters)
            if step % CHECKED == 0:
                running.drop(losses.isnan())
        record.add(steps, None if measure_fn else running.losses(losses_fn, "losses_fn"))
    except KeyboardInterrupt:
        record.interrupted = True
        print(f"Stopped by you {_how_far(record.steps, steps)}.")
    return record.runs(settings)


def _recorded_steps(every, steps):
    """Return the steps to record, before the last."""
    if isinstance(every, Integral):
        if every < 1:
            raise ValueError(f"every must be at least 1, but it is {every}")
        return range(0, steps, every)
    chosen = {int(step) for step in every}
    if not chosen or min(chosen) < 0 or max(chosen) > steps:
        raise ValueError(f"every must name steps from 0 to {steps}, but it is {sorted(chosen)}")
    return chosen


def _how_far(recorded, steps):
    if not recorded:
        return "before anything was recorded"
    return f"after step {recorded[-1]} of {steps} was recorded. The result ends there"


def check_steps(steps):
    """Raise an error if a number of steps is negative, or so large that no run comes to its end."""
    if not 0 <= steps <= MOST_STEPS:
        what = f"the number of steps must be at least 0 and at most {MOST_STEPS:,}"
        raise ValueError(f"{what}, but it is {steps}")


def repeat(start, runs):
    """Return a copy of the start for each run: a leading dimension of runs, side by side."""
    _check_dimensions(start, 2, "a start is a list of tensors with two dimensions")
    every = torch.zeros(runs, dtype=torch.long, device=start[0].device)
    return [of_runs(param.detach()[None], every) for param in start]


def _chosen(starts, indices):
    """Return for each run a copy of the start that its setting names."""
    _check_dimensions(
        starts, 3, "with an axis start, the starts are a list of tensors with three dimensions"
    )
    counts = sorted({len(param) for param in starts})
    if len(counts) > 1:
        raise ValueError(f"the tensors of the starts must hold equally many, not {counts}")
    wanted = indices.flatten().tolist()
    if not set(wanted) <= set(range(counts[0])):
        raise ValueError(f"the axis start counts the {counts[0]} starts from 0, but has {wanted}")
    return [of_runs(param.detach(), indices.flatten().long()) for param in starts]


def _check_dimensions(params, wanted, what):
    shapes = [tuple(param.shape) for param in params]
    if any(len(shape) != wanted for shape in shapes):
        raise ValueError(f"{what}, but it has shapes {shapes}")


def state_names(update_fn, hyperparameters):
    """Return the names of the states of an update rule; check those of its hyperparameters."""
    arguments = list(inspect.signature(update_fn).parameters.values())[2:]
    names = [argument.name for argument in arguments]
    unknown = [name for name in hyperparameters if name not in names]
    if unknown:
        rule = getattr(update_fn, "__name__", "the update rule")
        raise ValueError(f"{rule} takes {', '.join(names)}, but not {', '.join(unknown)}")
    required = [argument.name for argument in arguments if argument.default is argument.empty]
    return [name for name in required if name not in hyperparameters]
