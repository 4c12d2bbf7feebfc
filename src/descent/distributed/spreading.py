"""One grid of runs over many processes, in shares that are kept as they are finished."""

import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist
from tqdm import tqdm

from descent.arguments import explain_errors
from descent.distributed.launching import NOTE
from descent.distributed.shares import Shares
from descent.distributed.world import world
from descent.reproducibility import SEED
from descent.runs import join

PATIENCE = 10  # seconds for torchrun to notice that a rank is gone


def spread(run_share, settings, folder, shares=8, seed=SEED, progress=True):
    """Run a grid in shares, which all processes together compute.

    Call it in each process: of ``torchrun``, on one machine or on several, of `run_ranks`, or in a
    single one, which then computes all shares. A share that is finished is kept in the folder. So
    if a process dies, or you interrupt it, the same call computes only what is missing.

    With the same number of threads in each, the numbers do not depend on how many processes there
    are, since the shares do not. Compared with the whole grid in one piece, the last digits may
    differ, because matrix products of another size may add in another order.

    Parameters
    ----------
    run_share : callable
        ``run_share(part)`` takes a part of the grid, a `descent.runs.Grid`, and returns its
        `descent.runs.Runs`, as `descent.runs.descend` does.
    settings : descent.runs.Grid
        All runs.
    folder : str or pathlib.Path
        Where the results of the shares are kept; it is made if it is not there. It belongs to this
        grid and to this function: take a new one when you change ``run_share``. Several machines
        may share it, or each has its own.
    shares : int
        How many parts the grid is cut into, at least 1. Choose a multiple of the number of
        processes. Small ones lose less when a process dies, large ones use a machine better.
    seed : int
        PyTorch's random numbers start from it in each share, so that all runs meet the same
        minibatches.
    progress : bool
        Whether rank 0 shows a bar, as text on standard error.

    Returns
    -------
    Runs or None
        On rank 0 the results of the whole grid, on the CPU; elsewhere nothing.

    Raises
    ------
    ValueError
        If the folder is that of another grid, ``settings`` is a part of a grid, ``shares`` is less
        than 1, or ``run_share`` returns runs of another grid than it was given.
    ConnectionError
        If another process is gone. The message says what is missing.
    """
    with world() as here:
        results = Shares.open(folder, settings, shares, seed)
        if NOTE in os.environ:
            Path(os.environ[NOTE]).write_text(str(results.folder))
        with _last_words(results, here):
            mine = _missing(results)[here.rank :: here.size]
            for number in tqdm(mine, unit=" shares", disable=not progress or here.rank > 0):
                results.save(number, _run(run_share, results.parts()[number], seed, here))
            return _gathered(results, here)


def _missing(results):
    """Return the shares that no rank has."""
    had = {number for finished in _everyones(results.finished()) for number in finished}
    return [number for number in range(len(results.parts())) if number not in had]


def _run(run_share, part, seed, here):
    with torch.random.fork_rng(devices=[here.device] if here.device.type == "cuda" else []):
        torch.manual_seed(seed)
        runs = run_share(part)
    if getattr(runs, "grid", None) != part:
        raise ValueError("run_share must return the Runs of the very grid that it is given")
    if runs.interrupted:
        raise KeyboardInterrupt
    return runs


def _gathered(results, here):
    """Return on rank 0 the runs of all shares, each from the first rank that has it."""
    holders = _everyones(results.finished())
    own = [number for number in holders[here.rank] if not _in(holders[: here.rank], number)]
    collected = [None] * here.size if here.rank == 0 else None
    dist.gather_object({number: results.load(number) for number in own}, collected)
    if here.rank > 0:
        return None
    runs = {number: one for part in collected for number, one in part.items()}
    return join([runs[number] for number in sorted(runs)])


def _in(holders, number):
    return any(number in finished for finished in holders)


def _everyones(value):
    """Return what each rank has for a value."""
    values = [None] * dist.get_world_size()
    dist.all_gather_object(values, value)
    return values


@contextmanager
def _last_words(results, here):
    """Say what is missing when the work ends early, because of this rank or of another."""
    alone = here.size == 1 or threading.current_thread() is not threading.main_thread()
    before = None if alone else signal.signal(signal.SIGTERM, _told_to_end(results))
    try:
        yield
    except KeyboardInterrupt:
        if _first_to_tell():
            print(f"Interrupted. {results.report()}", file=sys.stderr)
        raise
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and "Connection" not in str(error):
            raise
        # If torchrun ends the ranks that are left, `_told_to_end` has the last words.
        time.sleep(PATIENCE)
        raise ConnectionError(f"Another rank is gone. {results.report()}") from error
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _told_to_end(results):
    def tell(number, frame):
        if _first_to_tell():
            print(f"A rank ended too early. {results.report()}", file=sys.stderr, flush=True)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    return tell


def _first_to_tell():
    """Return whether nobody else will say it: neither the launcher nor another rank."""
    if NOTE in os.environ:
        return False
    own = os.environ.get("TORCHELASTIC_ERROR_FILE")
    if own is None:
        return True
    try:
        (Path(own).parents[1] / "told").touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:  # torchrun keeps no such folder
        return True
    return True


explain_errors(__name__)
