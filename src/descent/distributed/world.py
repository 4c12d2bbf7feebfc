"""Which rank this process is, among how many, and on which device it computes."""

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist

LAUNCHED = {"RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}
# A rank may compute for long before it speaks to the others. One that dies is noticed at once,
# since its connections close.
LONGEST_WAIT = timedelta(days=7)


@dataclass(frozen=True)
class World:
    """The place of this process among all that work together.

    Attributes
    ----------
    rank : int
        Its number, from 0.
    size : int
        How many processes there are.
    device : torch.device
        Where it computes: a GPU of its own where there is one for each process, one that it shares
        where there are fewer, else the CPU.
    """

    rank: int
    size: int
    device: torch.device


@contextmanager
def world():
    """Join the other processes, and leave them again; a ``with`` statement gives a `World`.

    Started by ``torchrun``, by `run_ranks` or by whatever else sets torch.distributed's variables
    (``RANK``, ``WORLD_SIZE``, ``MASTER_ADDR``, ``MASTER_PORT``), a process is one of many. Started
    otherwise it is a world of one, in which every collective operation works too. Where a process
    group is there already, it is used and stays.

    Messages go through gloo on the CPU, and through NCCL where each process has a GPU.

    Yields
    ------
    World

    Raises
    ------
    RuntimeError
        If this PyTorch was built without torch.distributed.
    """
    if not dist.is_available():
        raise RuntimeError("this PyTorch was built without torch.distributed: install one with it")
    if dist.is_initialized():
        yield World(dist.get_rank(), dist.get_world_size(), _device())
        return
    alone, hook = not os.environ.keys() >= LAUNCHED, sys.excepthook
    if not alone:
        dist.init_process_group(_backend(), timeout=LONGEST_WAIT)
    else:
        dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    try:
        yield World(dist.get_rank(), dist.get_world_size(), _device())
    finally:
        dist.destroy_process_group()
        if alone:
            sys.excepthook = hook  # PyTorch has put the rank before each line of a traceback


def _backend():
    here = int(os.environ.get("LOCAL_WORLD_SIZE", os.environ["WORLD_SIZE"]))
    one_each = torch.cuda.is_available() and torch.cuda.device_count() >= here
    return "cpu:gloo,cuda:nccl" if one_each and dist.is_nccl_available() else "gloo"


def _device():
    if not torch.cuda.is_available():
        return torch.device("cpu")
    number = int(os.environ.get("LOCAL_RANK", 0)) % torch.cuda.device_count()
    torch.cuda.set_device(number)
    return torch.device("cuda", number)
