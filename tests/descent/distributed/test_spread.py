"""One grid over several processes: the same numbers, and nothing lost when a process dies."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from descent.distributed import run_ranks, spread
from descent.models import MLP, losses_many, stack_models
from descent.optimizers import momentum_update
from descent.runs import descend, grid

SETTINGS = grid(lr=[0.01, 0.1], beta=[0.0, 0.5, 0.9], start=[0, 1])
GENERATOR = torch.Generator().manual_seed(1)
INPUTS = torch.randn(60, 20, generator=GENERATOR)
TARGETS = torch.randint(10, (60,), generator=GENERATOR)
SCRIPT = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_spread import LARGE, script

if __name__ == "__main__":
    script(*sys.argv[1:])
"""
LARGE = grid(lr=[0.01 * k for k in range(1, 9)])


def train(part):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        models = [MLP(20, hidden_dims=[7]) for _ in range(2)]

    def losses_fn(params):
        batch = torch.randint(60, (10,))
        return losses_many(params, INPUTS[batch], TARGETS[batch])

    return descend(losses_fn, stack_models(models), momentum_update, part, 30, keep_paths=True)


def quick(part):
    start = [torch.ones(2, 2)]
    return descend(lambda params: params[0].square().sum((1, 2)), start, gradient, part, 3)


def gradient(loss, params, lr):
    momentum_update(loss, params, [torch.zeros_like(param) for param in params], lr, 0)


def each_in_a_folder_of_its_own(folder, shares):
    folder = Path(folder, str(dist.get_rank()))
    return spread(train, SETTINGS, folder, shares, progress=False)


def script(folder, log, victim, count):
    """Run the large grid, and note each share; the victim dies before that many are noted."""

    def noted(part):
        rank = os.environ["RANK"]
        lines = Path(log).read_text().splitlines() if Path(log).exists() else []
        if rank == victim and sum(line.startswith(rank) for line in lines) == int(count):
            os.kill(os.getpid(), signal.SIGKILL)
        with Path(log).open("a") as file:
            file.write(f"{rank} {part.chosen.start}\n")
        return quick(part)

    runs = spread(noted, LARGE, folder, progress=False)
    if runs is not None:
        print(json.dumps(runs.losses.tolist()))


def launch(module, *arguments):
    """Start a script on two ranks; return the exit status, standard output and error."""
    command = [sys.executable, "-m", module, "--nproc-per-node", "2", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def assert_same(runs, others):
    assert runs.grid == others.grid == SETTINGS
    assert runs.steps == others.steps
    pairs = zip([runs.losses, *runs.params, *runs.paths], _tensors(others), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def _tensors(runs):
    return [runs.losses, *runs.params, *runs.paths]


@pytest.mark.parametrize(("ranks", "shares"), [(2, 5), (3, 2)], ids=["two", "more than shares"])
def test_ranks_give_what_one_process_gives_to_the_bit(tmp_path, one_thread, ranks, shares):
    first, *others = run_ranks(each_in_a_folder_of_its_own, ranks, str(tmp_path), shares)
    alone = spread(train, SETTINGS, tmp_path / "alone", shares, progress=False)
    assert_same(first, alone)
    assert others == [None] * (ranks - 1)


def test_shares_meet_the_minibatches_of_the_whole_grid(tmp_path):
    before = torch.get_rng_state()
    shared = spread(train, SETTINGS, tmp_path, seed=5, progress=False)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(5)
    whole = train(SETTINGS)
    torch.testing.assert_close(shared.losses, whole.losses, rtol=1e-4, atol=1e-6)


def test_a_rank_that_dies_is_told_and_only_the_rest_is_computed_again(tmp_path):
    program, folder, log = tmp_path / "program.py", tmp_path / "results", tmp_path / "log"
    program.write_text(SCRIPT)
    status, _, said = launch("descent.distributed", program, folder, log, "1", 2)
    assert status == 1
    last = said.strip().splitlines()[-1]
    assert re.match(r"Rank 1 \(process \d+\) was killed \(SIGKILL\)", last)
    finished = {int(path.stem.partition("-")[2]) for path in folder.glob("share-*.pt")}
    assert {1, 3} <= finished
    assert not {5, 7} & finished
    for share in range(8):
        missing = f"share {share} (lr={0.01 * (share + 1):g})"
        assert (missing in last) == (share not in finished)
    assert str(folder) in last
    assert "Run the same command again" in last
    assert "Traceback" not in said

    log.unlink()
    status, printed, said = launch("descent.distributed", program, folder, log, "nobody", 0)
    assert status == 0, said
    computed = {int(line.split()[1]) for line in log.read_text().splitlines()}
    assert computed == set(range(8)) - finished
    alone = spread(quick, LARGE, tmp_path / "alone", progress=False)
    assert json.loads(printed) == alone.losses.tolist()


def test_under_plain_torchrun_those_who_are_left_tell_it_once(tmp_path):
    program, folder = tmp_path / "program.py", tmp_path / "results"
    program.write_text(SCRIPT)
    arguments = program, folder, tmp_path / "log", "0", 1
    status, _, said = launch("torch.distributed.run", *arguments)
    assert status == 1
    assert said.count("A rank ended too early. Of 8 shares of the grid, ") == 1
    assert said.count("Run the same command again") == 1
    assert "share 2 (lr=0.03)" in said
    assert "closed by peer" not in said


def test_the_results_of_another_grid_are_refused(tmp_path):
    spread(quick, LARGE, tmp_path, shares=2, progress=False)
    for settings, options in (
        (grid(lr=[0.01, 0.02]), {"shares": 2}),
        (LARGE, {"shares": 4}),
        (LARGE, {"shares": 2, "seed": 1}),
    ):
        with pytest.raises(ValueError, match="holds results of another grid") as caught:
            spread(quick, settings, tmp_path, progress=False, **options)
        assert "8 values, 0.01 to 0.08; 2 shares; seed" in str(caught.value)
        assert str(tmp_path) in str(caught.value)
        assert "Name another folder" in str(caught.value)


def test_the_order_of_the_axes_counts(tmp_path):
    """With it the order of the runs differs."""
    spread(train, grid(lr=[0.1], beta=[0.5, 0.9], start=[0, 1]), tmp_path, 2, progress=False)
    with pytest.raises(ValueError, match="holds results of another grid"):
        spread(train, grid(lr=[0.1], start=[0, 1], beta=[0.5, 0.9]), tmp_path, 2, progress=False)


def test_what_cannot_be_spread_leaves_no_folder(tmp_path):
    with pytest.raises(ValueError, match="give the whole grid"):
        spread(quick, LARGE.cut(2)[0], tmp_path / "results")
    with pytest.raises(ValueError, match="at least 1 part, not 0"):
        spread(quick, LARGE, tmp_path / "results", shares=0)
    assert not (tmp_path / "results").exists()


def test_a_share_of_another_grid_or_a_broken_one_is_refused(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    spread(quick, LARGE, one, shares=2, progress=False)
    spread(quick, LARGE, other, shares=2, seed=1, progress=False)
    (other / "share-1.pt").replace(one / "share-1.pt")
    with pytest.raises(ValueError, match=r"share-1.pt is of another grid. Delete it"):
        spread(quick, LARGE, one, shares=2, progress=False)
    (one / "share-1.pt").write_bytes(b"half of")
    with pytest.raises(ValueError, match=r"share-1.pt cannot be read .* Delete it"):
        spread(quick, LARGE, one, shares=2, progress=False)


def test_what_is_finished_is_not_computed_again_after_an_interrupt(tmp_path, capsys):
    seen = []

    def interrupted_once(part):
        seen.append(part.chosen.start)
        if seen == [0, 2, 4]:
            raise KeyboardInterrupt
        return quick(part)

    with pytest.raises(KeyboardInterrupt):
        spread(interrupted_once, LARGE, tmp_path, shares=4, progress=False)
    said = capsys.readouterr().err
    assert "Of 4 shares of the grid, 2 are missing: share 2 (lr=0.05 to lr=0.06)" in said
    spread(interrupted_once, LARGE, tmp_path, shares=4, progress=False)
    assert seen == [0, 2, 4, 4, 6]
    assert {path.name for path in tmp_path.iterdir()} == {
        "grid.json",
        *(f"share-{number}.pt" for number in range(4)),
    }


@pytest.mark.parametrize("wrong", [lambda runs: None, lambda runs: replace(runs, grid=LARGE)])
def test_runs_of_another_grid_are_not_kept(tmp_path, wrong):
    with pytest.raises(ValueError, match="must return the Runs of the very grid"):
        spread(lambda part: wrong(quick(part)), LARGE, tmp_path, progress=False)
    assert not list(tmp_path.glob("share-*"))
