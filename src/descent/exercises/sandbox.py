"""Run a function that may do anything, and keep the notebook as it was.

The function may never end, leave by ``sys.exit``, print a million lines, fill the memory or seed
the random numbers. None of it is felt outside.
"""

import os
import random
import signal
import sys
import threading
import time
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import torch

try:
    import resource
except ImportError:  # not on Windows
    resource = None

SECONDS_BETWEEN_ALARMS = 0.001  # at most
SHORTEST_ALARM = 1e-6  # seconds
MORE_MEMORY = 2**31  # bytes
STATISTICS = Path("/proc/self/statm")  # the size of this process, in pages, comes first


class TimeLimitReached(BaseException):
    """A function ran too long. No `Exception`, so that its ``except Exception`` lets it pass."""


def attempt(function, seconds):
    """Call a function without arguments and return what it raised.

    Parameters
    ----------
    function : callable
        Its result is dropped.
    seconds : float
        After this time it is stopped. In the main thread on Unix a timer does that. Elsewhere the
        clock is read before every line, which stops a loop but not a single call that never
        returns, and only once: a bare ``except:`` in the loop holds it off.

    Returns
    -------
    BaseException or None
        ``None`` if the function returned. A `KeyboardInterrupt` is not caught: it is the user's.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    has_timer = hasattr(signal, "setitimer") and in_main_thread
    call = _call_with_alarm if has_timer else _call_with_trace
    try:
        with undisturbed():
            call(function, seconds)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return error
    return None


@contextmanager
def undisturbed():
    """Hide output and warnings, limit memory, and put back what belongs to all."""
    before = [get() for get, _ in STATES]
    states_of_gpus = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    with (
        open(os.devnull, "w") as nowhere,  # noqa: PTH123 - not a path
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
        warnings.catch_warnings(),
        torch.random.fork_rng(states_of_gpus),
        torch.inference_mode(False),
        torch.enable_grad(),
        _silent_alarms(),
        _limited_memory(),
    ):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            for (get, put_back), usual in zip(STATES, before, strict=True):
                if get() != usual:
                    put_back(usual)
            random.setstate(python_state)
            np.random.set_state(numpy_state)  # noqa: NPY002


def _put_back_environment(usual):
    os.environ.clear()
    os.environ.update(usual)


# What a function may change for all: how to ask for it, and how to put it back.
STATES = [
    (
        torch.get_default_device,
        lambda usual: torch.set_default_device(None if usual.type == "cpu" else usual),
    ),
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_num_threads, torch.set_num_threads),
    (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
    (np.geterr, lambda usual: np.seterr(**usual)),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (os.getcwd, os.chdir),
    (os.environ.copy, _put_back_environment),
]


@contextmanager
def _limited_memory():
    """Let memory grow by `MORE_MEMORY` at most, where the system can tell how much there is.

    With a GPU, libraries set addresses aside by the terabyte, so that nothing is limited.
    """
    if resource is None or not STATISTICS.exists() or torch.cuda.is_available():
        yield
        return
    usual = resource.getrlimit(resource.RLIMIT_AS)
    used = int(STATISTICS.read_text().split()[0]) * resource.getpagesize()
    limits = [limit for limit in usual if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([used + MORE_MEMORY, *limits]), usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, usual)


@contextmanager
def _silent_alarms():
    """Say nothing of an alarm in a place from which no exception can rise; it rings again."""
    usual = sys.unraisablehook

    def hook(unraisable):
        if unraisable.exc_type is not TimeLimitReached:
            usual(unraisable)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = usual


def _call_with_alarm(function, seconds):
    draw, over = random.Random(), False  # draws of its own: the function may seed the others

    def ring(signum, frame):
        if over:
            return
        if _is_importing(frame):
            signal.setitimer(signal.ITIMER_REAL, seconds, SECONDS_BETWEEN_ALARMS)
            return
        # A bare `except:` in a loop swallows all alarms, but for one that rings while the last is
        # being swallowed. At equal distances none might ever do so.
        soon = draw.uniform(SHORTEST_ALARM, SECONDS_BETWEEN_ALARMS)
        signal.setitimer(signal.ITIMER_REAL, soon, SECONDS_BETWEEN_ALARMS)
        raise TimeLimitReached

    old_handler = signal.signal(signal.SIGALRM, ring)
    old_timer = signal.setitimer(signal.ITIMER_REAL, seconds, SECONDS_BETWEEN_ALARMS)
    try:
        function()
    finally:
        over = True  # first: an alarm that rings from here on would cut off what follows
        signal.setitimer(signal.ITIMER_REAL, *old_timer)
        signal.signal(signal.SIGALRM, old_handler)


def _call_with_trace(function, seconds):
    deadline = time.monotonic() + seconds

    def look_at_clock(frame, event, argument):
        nonlocal deadline
        if time.monotonic() < deadline:
            return look_at_clock
        if not _is_importing(frame):
            raise TimeLimitReached
        deadline = time.monotonic() + seconds
        return look_at_clock

    old_trace = sys.gettrace()
    sys.settrace(look_at_clock)
    try:
        function()
    finally:
        sys.settrace(old_trace)


def _is_importing(frame):
    """Tell whether an import is under way: cut off, it would leave half a module behind."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
