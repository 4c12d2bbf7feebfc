"""Start several processes that work together, and say what became of them."""

import logging
import os
import pickle
import signal
import sys
import tempfile
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cloudpickle
from torch.distributed.elastic.multiprocessing.api import DefaultLogsSpecs, SignalException, Std
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

NOTE = "DESCENT_SPREAD_NOTE"  # the file in which a rank says which folder its results go to
SIGNALS = signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT


class RankError(RuntimeError):
    """A rank stopped before its end.

    Parameters
    ----------
    rank : int
        Which.
    message : str
        What became of it.
    """

    def __init__(self, rank, message):
        super().__init__(message)
        self.rank = rank


@dataclass(frozen=True)
class Failure:
    """The exception that ended a rank: when, what it said, and its traceback."""

    time: float
    said: str
    traceback: str


def run_ranks(function, processes, *arguments, threads=1):
    """Call a function in several processes at once, which torch.distributed connects.

    In each of them the process group is there already, so that ``torch.distributed.get_rank()``
    says which one it is, and ``all_reduce`` works. What they print is shown here, each line with
    the rank it comes from. An exception in one of them, or an interrupt here, ends all.

    Parameters
    ----------
    function : callable
        Anything that cloudpickle can send: functions of a notebook too, with what they refer to.
    processes : int
        How many, at least 1. They are started afresh, on this machine, by torchrun's own engine.
    *arguments
        What the function is called with, the same in each process.
    threads : int
        Of PyTorch in each process, at least 1.

    Returns
    -------
    list
        What the function returned in each process, by rank.

    Raises
    ------
    ValueError
        If ``processes`` or ``threads`` is less than 1.
    RankError
        If a process raised an exception, was killed or ended by itself. It names the rank, and has
        the message and the traceback of that rank.
    """
    if processes < 1 or threads < 1:
        raise ValueError(f"it takes at least 1 process and 1 thread, not {processes} and {threads}")
    # A rank that is being ended may write while the folder is removed.
    with tempfile.TemporaryDirectory(prefix="ranks-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        payload = cloudpickle.dumps((function, arguments))
        task_in(folder).write_bytes(pickle.dumps((os.getpid(), sys.path, threads, payload)))
        _launch(folder, processes)
        return [pickle.loads(outcome_of(folder, rank).read_bytes()) for rank in range(processes)]


def task_in(folder):
    """Return the path of what the ranks are to do."""
    return folder / "task"


def outcome_of(folder, rank):
    """Return the path of what became of a rank."""
    return folder / f"outcome-{rank}"


def note_in(folder):
    """Return the path of the note that says where results are saved."""
    return folder / "note"


def _launch(folder, processes):
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",  # any free port
        max_restarts=0,
        logs_specs=DefaultLogsSpecs(log_dir=str(folder), redirects=Std.ALL, tee=Std.ALL),
        log_line_prefix_template="rank ${rank}: ",
    )
    from descent.distributed import worker  # here, since each rank runs it as its main module

    command = "-m", worker.__name__, str(folder)
    received = None
    with launcher_kept_quiet():
        try:
            elastic_launch(config, sys.executable)(*command)
        except Exception as error:
            received = _signal_behind(error)
            if received is None and isinstance(error, ChildFailedError):
                raise _rank_error(error.failures, folder, processes) from None
            if received is None:
                raise
    if received is not None:
        tell_interrupted(note_in(folder))
        signal.raise_signal(received)
        raise KeyboardInterrupt  # where the signal is ignored, the ranks have ended all the same


def _signal_behind(error):
    """Return the signal that an exception tells of, or one that it followed from; None if none.

    torchrun's engine raises it wherever it was, and turns it into another exception there.
    """
    while error is not None:
        if isinstance(error, SignalException):
            return error.sigval
        error = error.__cause__ or error.__context__
    return None


@contextmanager
def launcher_kept_quiet():
    """Keep torchrun's engine from logging, and give back the signal handlers that it replaces."""
    log, silence = logging.getLogger("torch.distributed.elastic"), logging.NullHandler()
    propagate, log.propagate = log.propagate, False
    log.addHandler(silence)
    in_main_thread = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in SIGNALS} if in_main_thread else {}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        log.removeHandler(silence)
        log.propagate = propagate


def _rank_error(failures, folder, processes):
    """Return the error that tells of the rank that failed first."""
    rank, failure = first_failure(failures)
    raised = _raised(folder, processes)
    if failure.exitcode == -signal.SIGKILL or not raised:
        return RankError(rank, what_happened(rank, failure, note_in(folder)))
    rank = min(raised, key=lambda rank: raised[rank].time)
    said, trace = raised[rank].said, raised[rank].traceback
    return RankError(rank, f"Rank {rank} stopped with {said}\n\nThere:\n{trace}")


def _raised(folder, processes):
    """Return by rank the exceptions that ended ranks; others follow from the first."""
    paths = {rank: outcome_of(folder, rank) for rank in range(processes)}
    outcomes = {rank: path.read_bytes() for rank, path in paths.items() if path.exists()}
    found = {rank: pickle.loads(outcome) for rank, outcome in outcomes.items()}
    return {rank: failure for rank, failure in found.items() if isinstance(failure, Failure)}


def first_failure(failures):
    """Return the rank that the others followed, and how it failed.

    A rank that was killed brings the connections of the others down, within a moment.
    """
    killed = {rank: one for rank, one in failures.items() if one.exitcode == -signal.SIGKILL}
    return min((killed or failures).items(), key=lambda item: item[1].timestamp)


def what_happened(rank, failure, note):
    """Say in one paragraph how a rank ended, and what of a grid is left to compute.

    Parameters
    ----------
    rank : int
        Which.
    failure : torch.distributed.elastic.multiprocessing.errors.ProcessFailure
        What torchrun's engine knows of it.
    note : pathlib.Path
        The file in which `descent.distributed.spread` noted its folder; it need not be there.
    """
    code = failure.exitcode
    if code == -signal.SIGKILL:
        how = "was killed (SIGKILL), by somebody or because memory ran out"
    elif code < 0:
        how = f"was ended by the signal {signal.Signals(-code).name}"
    else:
        how = f"ended with exit status {code}; what it said is above"
    told = f"Rank {rank} (process {failure.pid}) {how}."
    return f"{told} {what_is_left(note)}".strip()


def tell_interrupted(note):
    """Say that the work was interrupted, and what is left of it."""
    print(f"Interrupted. {what_is_left(note)}".strip(), file=sys.stderr)


def what_is_left(note):
    """Say what of the grid is left to compute whose folder a note names, if there is one."""
    if not note.exists():
        return ""
    from descent.distributed.shares import Shares  # only here: each rank would wait for the import

    return Shares.read(note.read_text()).report()
