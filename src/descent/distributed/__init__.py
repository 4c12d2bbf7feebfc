"""More than one process: a grid spread over ranks, and functions that ranks run together."""

from descent.distributed.launching import RankError, run_ranks
from descent.distributed.spreading import spread
from descent.distributed.world import World, world

__all__ = ["RankError", "World", "run_ranks", "spread", "world"]
