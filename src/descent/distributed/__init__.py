"""More than one process: a grid spread over ranks, and functions that ranks run together."""

from descent.arguments import explain_errors
from descent.distributed.launching import RankError, run_ranks
from descent.distributed.ring import step_seconds, values_sent
from descent.distributed.world import World, world

__all__ = ["RankError", "World", "run_ranks", "spread", "step_seconds", "values_sent", "world"]


def __getattr__(name):
    """Import what needs pandas and SciPy when it is first asked for: ranks wait for imports."""
    if name != "spread":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from descent.distributed.spreading import spread

    return spread


def __dir__():
    return __all__


explain_errors(__name__)
