"""Functions in several processes: what comes back, what is shown, how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from descent.distributed import RankError, launching, run_ranks, world

NOTEBOOK = """
import torch, torch.distributed as dist
from descent.distributed import run_ranks

class Answer:
    def __init__(self, value):
        self.value = value

factor = 10

def scaled(value):
    return factor * value

def work(value):
    return Answer(scaled(value) + dist.get_rank())

answers = run_ranks(work, 2, 4)
assert all(type(answer) is Answer for answer in answers)
print([answer.value for answer in answers])
"""
SLEEPING = """
import os, sys, time
from pathlib import Path
import torch.distributed as dist
from descent.distributed import run_ranks

def sleep(folder):
    Path(folder, f"rank-{dist.get_rank()}").write_text(str(os.getpid()))
    time.sleep(300)

run_ranks(sleep, 2, sys.argv[1])
"""


def introduce(factor):
    print("hello")
    total = torch.tensor([1.0, 2.0]) * factor ** dist.get_rank()
    dist.all_reduce(total)
    return dist.get_rank(), torch.get_num_threads(), total


def fail_in_rank_1():
    if dist.get_rank() == 1:
        raise KeyError("no such thing")
    dist.barrier()


def die_in_rank_0():
    if dist.get_rank() == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    dist.barrier()


def leave(status):
    sys.exit(status)


def is_there(process):
    """Whether a process still runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_each_rank_returns_its_own_and_speaks_with_the_others(capsys):
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    returned = run_ranks(introduce, 2, 10)
    assert [rank for rank, _, _ in returned] == [0, 1]
    assert [threads for _, threads, _ in returned] == [1, 1]
    assert all(torch.equal(total, torch.tensor([11.0, 22.0])) for _, _, total in returned)
    assert sorted(capsys.readouterr().out.splitlines()) == ["rank 0: hello", "rank 1: hello"]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers


def test_an_exception_comes_with_its_rank_its_message_and_its_traceback(capsys):
    with pytest.raises(RankError, match="Rank 1 stopped with KeyError: 'no such thing'") as caught:
        run_ranks(fail_in_rank_1, 2)
    assert caught.value.rank == 1
    assert "in fail_in_rank_1" in str(caught.value)
    assert "worker.py" not in str(caught.value)
    assert capsys.readouterr().err == ""


def test_a_rank_that_was_killed_is_named_and_not_one_that_lost_it(capsys):
    with pytest.raises(RankError, match=r"Rank 0 \(process \d+\) was killed \(SIGKILL\)") as caught:
        run_ranks(die_in_rank_0, 2)
    assert caught.value.rank == 0


def test_a_rank_that_leaves_is_told(capsys):
    with pytest.raises(RankError, match=r"Rank 0 \(process \d+\) ended with exit status 3"):
        run_ranks(leave, 1, 3)


def test_too_few_processes_or_threads_are_refused():
    with pytest.raises(ValueError, match="at least 1 process and 1 thread, not 0 and 1"):
        run_ranks(introduce, 0, 10)
    with pytest.raises(ValueError, match="at least 1 process and 1 thread, not 2 and 0"):
        run_ranks(introduce, 2, 10, threads=0)


def test_functions_and_classes_of_a_notebook_go_there_and_back():
    """They are in no file that a process could import, as here, where Python reads from a pipe."""
    done = subprocess.run(
        [sys.executable, "-"], input=NOTEBOOK, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "[40, 41]\n", done.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupt", "kill"])
def test_no_rank_outlives_the_process_that_asked_for_it(tmp_path, how):
    files = [tmp_path / "rank-0", tmp_path / "rank-1"]
    command = [sys.executable, "-c", SLEEPING, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: all(file.exists() and file.read_text() for file in files))
        process.send_signal(how)
        _, said = process.communicate(timeout=30)
    assert process.returncode == -how, said
    assert ("KeyboardInterrupt" in said) == (how == signal.SIGINT)
    wait_until(lambda: not any(is_there(int(file.read_text())) for file in files))


def test_an_interrupt_is_told_from_what_it_was_turned_into(tmp_path, monkeypatch, capsys):
    def interrupted(*arguments):
        try:
            raise launching.SignalException("stopped", signal.SIGINT)
        except launching.SignalException as error:
            raise ConnectionError("the connection to the store has failed") from error

    monkeypatch.setattr(launching, "elastic_launch", lambda *arguments: interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_ranks(introduce, 1, 10)
    assert "Interrupted." in capsys.readouterr().err


def test_an_interrupt_ends_the_ranks_where_signals_are_ignored(monkeypatch):
    """As in a process that a shell started in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)

    def interrupted(*arguments):
        raise launching.SignalException("stopped", signal.SIGINT)

    monkeypatch.setattr(launching, "elastic_launch", lambda *arguments: interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_ranks(introduce, 1, 10)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_process_by_itself_is_a_world_of_one():
    hook = sys.excepthook
    with world() as here:
        assert (here.rank, here.size) == (0, 1)
        total = torch.ones(3)
        dist.all_reduce(total)
        assert torch.equal(total, torch.ones(3))
        with world() as again:
            assert again == here
        assert dist.is_initialized()
    assert not dist.is_initialized()
    assert sys.excepthook is hook  # which PyTorch replaces
