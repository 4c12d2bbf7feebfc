"""Times of several ways to do the same, taken in turn, so that all meet the same machine."""

import multiprocessing
import random
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Row:
    """One line of the table: ``ratio`` says how many times as fast ours is."""

    what: str
    against: str
    ratio: float
    times: str = ""


def medians(ways, repeats=5):
    """Return the median time of each way in seconds.

    Parameters
    ----------
    ways : dict of str to callable
        Each is called once unmeasured, and then ``repeats`` times, one after the other in turn.
        The order is another each time: what ran before leaves its traces in caches.
    repeats : int
        How often to measure each.
    """
    order = random.Random(0)
    for way in ways.values():
        way()
    taken = {name: [] for name in ways}
    for _ in range(repeats):
        for name in order.sample(list(ways), len(ways)):
            taken[name].append(seconds(ways[name]))
    return {name: statistics.median(times) for name, times in taken.items()}


def alone(function):
    """Call a function without arguments in a new process, and return what it returns.

    What others have imported and allocated before slows it down: an epoch took some 10 % longer
    after a benchmark of many networks than in a process of its own.
    """
    # What a spawned process starts, such as the workers of a `DataLoader`, is spawned too, and
    # imports PyTorch first; unless it is told otherwise.
    usual = multiprocessing.get_start_method()
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawning, _start_others, [usual]) as process:
        return process.submit(function).result()


def _start_others(method):
    multiprocessing.set_start_method(method, force=True)


def seconds(way):
    """Return how long a call takes, with all that it has started on a GPU."""
    _wait()
    started = time.perf_counter()
    way()
    _wait()
    return time.perf_counter() - started


def rows(what, ours, taken, scale=None):
    """Return a row for each way but ours.

    Parameters
    ----------
    what : str
        What is done.
    ours : str
        The name of our way in ``taken``.
    taken : dict of str to float
        Seconds.
    scale : dict of str to float, optional
        How many times as much work it would have been to do all of it, for a way that was timed
        on a part.
    """
    full = {name: value * (scale or {}).get(name, 1) for name, value in taken.items()}
    return [
        Row(what, name, value / full[ours], f"{_short(full[ours])} / {_short(value)}")
        for name, value in full.items()
        if name != ours
    ]


def _wait():
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _short(value):
    return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"
