"""Seeds and devices: what makes a run the same tomorrow."""

import os
import random

import numpy as np
import torch

from descent.arguments import explain_errors

DEFAULT_SEED = 2021
LARGEST_SEED = 2**32 - 1


def seed_from_environment(environment=os.environ):
    """Return the seed of the book: ``DESCENT_SEED`` where it is set, else 2021.

    Parameters
    ----------
    environment : mapping of str to str
        Where to look; the process's own environment unless told otherwise.

    Returns
    -------
    int
        A whole number from 0 to 2**32 - 1.

    Raises
    ------
    ValueError
        If ``DESCENT_SEED`` is not such a number.
    """
    text = environment.get("DESCENT_SEED", "").strip()
    if not text:
        return DEFAULT_SEED
    if not text.isdecimal() or int(text) > LARGEST_SEED:
        raise ValueError(
            f"DESCENT_SEED must be a whole number from 0 to {LARGEST_SEED}, but it is {text!r}"
        )
    return int(text)


def _checked_seed(seed):
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"a seed must be a whole number, not {seed!r}")
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"a seed must lie between 0 and {LARGEST_SEED}, but it is {seed}")
    return int(seed)


SEED = seed_from_environment()


def set_seed(seed=None, seed_torch=True):
    """Seed every source of random numbers that the course uses, and say so.

    Parameters
    ----------
    seed : int, optional
        From 0 to 2**32 - 1. Without it, a fresh seed is drawn and printed, so that the run can be
        repeated.
    seed_torch : bool
        Whether to seed PyTorch too, on every device, and to ask for repeatable arithmetic: on the
        CPU for one thread, because sums in another order are other numbers, on a GPU for cuDNN's
        repeatable algorithms. ``torch.set_num_threads`` takes more threads again.

    Returns
    -------
    int
        The seed that was set.

    Raises
    ------
    TypeError, ValueError
        If the seed is not a whole number in that range.
    """
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1)[0])
    seed = _checked_seed(seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - learners use np.random's global functions
    if seed_torch:
        torch.manual_seed(seed)  # seeds CUDA devices as well
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
        torch.set_num_threads(1)
    print(f"Random seed {seed} has been set.")
    return seed


def seed_worker(worker_id):
    """Seed NumPy and ``random`` in a worker process of a ``DataLoader`` from PyTorch's own seed.

    Pass it as ``DataLoader(..., worker_init_fn=seed_worker)``. PyTorch gives each worker a seed of
    its own, which follows from the loader's generator; so all that a worker draws follows from it.

    Parameters
    ----------
    worker_id : int
        The number that the loader gives the worker. PyTorch's seed already depends on it.
    """
    worker_seed = torch.initial_seed() % 2**32
    np.random.seed(worker_seed)  # noqa: NPY002 - learners use np.random's global functions
    random.seed(worker_seed)


def set_device():
    """Return ``"cuda"`` when PyTorch sees a GPU, else ``"cpu"``, and say which.

    Returns
    -------
    str
        A device name that ``tensor.to`` and ``model.to`` take.
    """
    if torch.cuda.is_available():
        print(f"Running on the GPU ({torch.cuda.get_device_name()}).")
        return "cuda"
    print("Running on the CPU. That is fast enough for every chapter.")
    return "cpu"


explain_errors(__name__)
