"""Which GPUs the machine has, told without PyTorch, which takes seconds to import."""

from pathlib import Path

DEVICES = Path("/dev")  # where Linux shows what there is: nvidia0 is the first GPU


def gpus():
    """Return the names of NVIDIA's GPUs, in order; none on a system other than Linux."""
    return sorted(path.name for path in DEVICES.glob("nvidia[0-9]*"))
