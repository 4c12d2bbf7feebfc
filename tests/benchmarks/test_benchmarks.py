"""The benchmarks: what they time does the same work, and the table says what was measured."""

import os
from functools import partial

import pytest
import torch
from benchmarks import __main__ as program
from benchmarks import grids, training
from benchmarks.measuring import Row, alone, medians, rows
from torch.utils.flop_counter import FlopCounterMode

from descent.models import MLP


def test_ways_are_timed_in_turn_after_one_call_each():
    called = []
    medians({name: lambda name=name: called.append(name) for name in "abc"}, repeats=5)
    rounds = ["".join(called[start : start + 3]) for start in range(0, 18, 3)]
    assert rounds[0] == "abc"
    assert all(sorted(names) == ["a", "b", "c"] for names in rounds)
    assert len(set(rounds[1:])) > 2, "one always follows the same other"


def test_a_ratio_says_how_many_times_as_fast_ours_is():
    (row,) = rows("a step", "ours", {"ours": 0.5, "theirs": 2.0})
    assert (row.ratio, row.against, row.times) == (4, "theirs", "500 ms / 2 s")


def test_what_was_timed_in_part_counts_as_the_whole():
    (row,) = rows("a step", "ours", {"ours": 0.5, "theirs": 2.0}, {"theirs": 10})
    assert row.ratio == 40
    assert row.times == "500 ms / 20 s"


def test_a_grid_is_compared_to_both_loops():
    found = grids.two_parameters(runs=16, steps=3, sample=2)
    assert [row.against for row in found] == [
        "a Python loop over the runs",
        "a Python loop with `torch.optim`",
    ]
    assert all(row.what == "16 two-parameter runs of 3 steps" for row in found)
    assert all(row.ratio > 0 for row in found)


def test_networks_are_compared_to_peers_and_to_the_bare_products():
    against = [row.against for row in grids.networks(2, hidden=4, points=8)]
    assert against.count("the bare matrix products") == 2
    assert "one square product with as many operations" in against
    assert "`torch.func.vmap`" in against


def test_the_square_product_has_as_many_operations():
    counts = []
    for product in grids._products, grids._square:
        with FlopCounterMode(display=False) as counter:
            product(8, 100, 50, "cpu")()
        counts.append(counter.get_total_flops())
    assert counts[1] == pytest.approx(counts[0], rel=0.01)


@pytest.mark.parametrize("way", [grids._by_vmap, grids._one_by_one])
def test_the_peers_take_the_same_steps(way):
    torch.manual_seed(0)
    models = [MLP(hidden_dims=[4]) for _ in range(3)]
    x, y = torch.randn(6, 784), torch.randint(10, (6,))
    ours, step = grids._at_once(models, x, y)
    theirs, their_step = way(models, x, y)
    for _ in range(4):
        step()
        their_step()
    for run in range(3):
        torch.testing.assert_close(ours(run), theirs(run), rtol=1e-4, atol=1e-6)


@pytest.fixture
def few_digits(monkeypatch):
    """Let the benchmarks of training read some of the embedded digits, and train hardly at all."""
    monkeypatch.setenv("DESCENT_DATASET", "digits")
    monkeypatch.setattr(training, "RATES", (1e-3, 2e-3))
    monkeypatch.setattr(training, "SEEDS", range(2))
    monkeypatch.setattr(training, "MOST_EPOCHS", 2)


def test_an_epoch_is_compared_to_the_loops_that_people_write(few_digits):
    against = [row.against for row in training.epochs()]
    assert against[0] == "a `DataLoader` with two workers"
    assert "scikit-learn's `MLPClassifier`" in against


def test_the_time_to_a_goal_names_rate_and_epochs_of_the_loop(few_digits, monkeypatch):
    monkeypatch.setattr(training, "GOAL", 0.2)
    (row,) = training.time_to_goal()
    assert "at its best rate, 0.001: 1 epochs" in row.against
    assert row.ratio > 0


def test_a_comparison_has_a_process_of_its_own():
    first, second = alone(os.getpid), alone(os.getpid)
    assert len({first, second, os.getpid()}) == 3
    method = partial(eval, "__import__('multiprocessing').get_start_method()")
    assert alone(method) == method()  # what it starts in turn is as fast as here


@pytest.mark.parametrize("on_a_gpu", [False, True])
def test_the_table_stands_between_its_marks(tmp_path, monkeypatch, capsys, on_a_gpu):
    readme = tmp_path / "README.md"
    marks = "<!-- benchmarks -->\nold\n<!-- end of benchmarks -->\n"
    on_gpu = marks.replace("benchmarks", "benchmarks on a GPU")
    readme.write_text(f"before\n{marks}between\n{on_gpu}after\n", encoding="utf-8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: on_a_gpu)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "some GPU")
    row = [Row("a step", "a loop", 12.3, "1 s / 12 s")]
    monkeypatch.setattr(program.grids, "two_parameters", lambda: row)
    monkeypatch.setattr(program.grids, "networks", lambda count, device: [])
    monkeypatch.setattr(training, "epochs", lambda device: [])
    monkeypatch.setattr(training, "time_to_goal", lambda device: [])
    monkeypatch.setattr(program, "alone", lambda part: part())
    program.main(["--readme", str(readme)])
    text = readme.read_text(encoding="utf-8")
    start = (on_gpu if on_a_gpu else marks).splitlines()[0]
    written = text.partition(f"{start}\n")[2].partition("<!-- end")[0]
    assert written.startswith("| what")
    assert "| a step | a loop | 12 | 1 s / 12 s |" in written
    assert ("some GPU" in written) is on_a_gpu
    assert text.replace(written, "old\n") == f"before\n{marks}between\n{on_gpu}after\n"
    assert f"torch {torch.__version__.split('+')[0]}" in capsys.readouterr().out


def test_a_file_without_a_place_for_the_table_is_an_error(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("nothing here", encoding="utf-8")
    with pytest.raises(SystemExit, match="<!-- benchmarks -->"):
        program.main(["--readme", str(readme)])
