"""torchrun with clear last words: ``python -m descent.distributed --nproc-per-node 2 script.py``.

It takes all of torchrun's options, and does what it does. But when a rank dies, the last thing that
you read is one paragraph: which rank, what of the grid is missing, and how to get it.
"""

import os
import sys
import tempfile
from pathlib import Path

from torch.distributed import run as torchrun
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from descent.distributed.launching import (
    NOTE,
    first_failure,
    launcher_kept_quiet,
    note_in,
    tell_interrupted,
    what_happened,
)


def main(arguments=None):
    """Start the ranks that the command line asks for; return the exit status."""
    given = torchrun.parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="ranks-") as folder, launcher_kept_quiet():
        note = note_in(Path(folder))
        os.environ[NOTE] = str(note)
        try:
            torchrun.run(given)
        except ChildFailedError as error:
            print(f"\n{what_happened(*first_failure(error.failures), note)}", file=sys.stderr)
            return 1
        except SignalException as error:
            tell_interrupted(note)
            return 128 + error.sigval
    return 0


if __name__ == "__main__":
    sys.exit(main())
