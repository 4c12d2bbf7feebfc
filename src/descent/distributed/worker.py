"""What each process of `run_ranks` runs: ``python -m descent.distributed.worker FOLDER``."""

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

import cloudpickle
import torch

from descent.distributed.launching import NOTE, Failure, note_in, outcome_of, task_in
from descent.distributed.world import world


def main(folder):
    """Call the function in a folder as one of many ranks, and leave there what it returned."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the process that asked for this one tells of it
    sys.stdout.reconfigure(line_buffering=True)
    parent, path, threads, payload = pickle.loads(task_in(folder).read_bytes())
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    os.environ[NOTE] = str(note_in(folder))
    sys.path[:] = path
    torch.set_num_threads(threads)
    with world() as here:
        outcome = _call(payload)
        outcome_of(folder, here.rank).write_bytes(outcome)
        failed = isinstance(pickle.loads(outcome), Failure)
    return int(failed)


def _call(payload):
    """Return what the function returned, or how it failed, as bytes."""
    try:
        function, arguments = pickle.loads(payload)
        return cloudpickle.dumps(function(*arguments))
    except Exception as error:
        own = error.__traceback__.tb_next or error.__traceback__
        lines = traceback.format_exception(type(error), error, own)
        said = "".join(traceback.format_exception_only(error)).strip()
        return pickle.dumps(Failure(time.time(), said, "".join(lines)))


def _end_with(parent):
    """End this process when the one that asked for it is gone, however it ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
