"""The same seed gives the same numbers, everywhere that the course draws any."""

import os
import random
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset

from descent import reproducibility
from descent.reproducibility import seed_from_environment, seed_worker, set_device, set_seed

LARGEST = 2**32 - 1
steady = settings(derandomize=True, deadline=None, database=None, max_examples=40)


@pytest.fixture(autouse=True)
def _same_state_for_others():
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    cudnn = torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    random.setstate(states[0])
    np.random.set_state(states[1])  # noqa: NPY002
    torch.set_rng_state(states[2])
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = cudnn


def draws():
    return {
        "random": random.random(),
        "numpy": np.random.random(),  # noqa: NPY002
        "torch": torch.rand(()).item(),
    }


# ---- set_seed


@steady
@given(st.integers(0, LARGEST))
def test_same_seed_repeats_every_source_of_random_numbers(seed):
    set_seed(seed)
    first = draws()
    assert draws() != first
    set_seed(seed)
    assert draws() == first


def test_other_seeds_give_other_numbers():
    seen = []
    for seed in range(20):
        set_seed(seed)
        seen.append(tuple(draws().values()))
    assert all(len(set(column)) == 20 for column in zip(*seen, strict=True))


def test_seeding_does_what_the_libraries_do_with_the_same_seed():
    set_seed(7)
    random_numbers, generator = random.Random(7), np.random.RandomState(7)
    assert draws() == {
        "random": random_numbers.random(),
        "numpy": generator.random_sample(),
        "torch": torch.rand((), generator=torch.Generator().manual_seed(7)).item(),
    }


def test_seed_is_said_and_returned(capsys):
    assert set_seed(123) == 123
    assert capsys.readouterr().out == "Random seed 123 has been set.\n"


def test_without_a_seed_the_printed_one_repeats_the_run(capsys):
    seed = set_seed()
    first = draws()
    said = int(re.search(r"\d+", capsys.readouterr().out).group())
    assert said == seed
    assert 0 <= seed <= LARGEST
    set_seed(said)
    assert draws() == first


def test_without_a_seed_each_call_draws_a_fresh_one():
    seeds = set()
    for _ in range(5):
        set_seed(1)  # a seed that followed from the seeded generators would come again
        seeds.add(set_seed())
    assert len(seeds) == 5


def test_torch_is_left_alone_on_request():
    set_seed(1)
    expected = draws()["torch"]
    set_seed(1)
    set_seed(2, seed_torch=False)
    values = draws()
    assert values["torch"] == expected
    set_seed(2)
    assert draws() == {**values, "torch": pytest.approx(torch.initial_seed(), abs=2)}
    assert torch.initial_seed() == 2


def test_cudnn_is_asked_for_repeatable_algorithms_only_with_torch():
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = True, False
    set_seed(1, seed_torch=False)
    assert torch.backends.cudnn.benchmark
    assert not torch.backends.cudnn.deterministic
    set_seed(1)
    assert not torch.backends.cudnn.benchmark
    assert torch.backends.cudnn.deterministic


TRAINING = """
import torch
from descent.models import MLP, loss_fn
from descent.reproducibility import set_seed

{seeding}
inputs, targets = torch.rand(2000, 28, 28), torch.arange(2000) % 10
model = MLP(hidden_dims=[100, 100])
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for _ in range(40):
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
print(loss.item().hex(), sum(param.double().sum() for param in model.parameters()).item().hex())
"""


def trained_with(threads, seeding):
    done = subprocess.run(
        [sys.executable, "-c", TRAINING.format(seeding=seeding)],
        env=os.environ | {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def test_after_seeding_the_number_of_threads_changes_no_bit():
    assert trained_with(1, "set_seed(1)") == trained_with(2, "set_seed(1)")


def test_threads_are_left_alone_without_torch():
    torch.set_num_threads(2)
    set_seed(1, seed_torch=False)
    assert torch.get_num_threads() == 2
    set_seed(1)
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize("seed", [0, LARGEST, np.int64(5), np.uint32(LARGEST)])
def test_every_whole_number_in_the_range_is_a_seed(seed):
    result = set_seed(seed)
    assert result == seed
    assert type(result) is int


@pytest.mark.parametrize("seed", [-1, LARGEST + 1])
def test_a_seed_outside_the_range_is_an_error_that_names_the_range(seed):
    with pytest.raises(ValueError, match=f"between 0 and {LARGEST}, but it is {seed}"):
        set_seed(seed)


@pytest.mark.parametrize("seed", [1.0, "1", True, [1], torch.tensor(1)])
def test_a_seed_that_is_no_whole_number_is_an_error(seed):
    with pytest.raises(TypeError, match="whole number"):
        set_seed(seed)


def test_a_refused_seed_changes_nothing():
    set_seed(3)
    expected = draws()
    set_seed(3)
    with pytest.raises(ValueError, match="between"):
        set_seed(-1)
    assert draws() == expected


# ---- seed_from_environment


@pytest.mark.parametrize("environment", [{}, {"DESCENT_SEED": ""}, {"DESCENT_SEED": "  "}])
def test_without_the_variable_the_seed_is_that_of_the_book(environment):
    assert seed_from_environment(environment) == 2021


@pytest.mark.parametrize(
    ("text", "seed"), [("0", 0), ("7", 7), (" 42\n", 42), ("007", 7), (str(LARGEST), LARGEST)]
)
def test_the_variable_sets_the_seed(text, seed):
    assert seed_from_environment({"DESCENT_SEED": text}) == seed


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "0x10", "seven", "1 2", "²", str(2**32)])
def test_a_variable_that_is_no_seed_is_an_error_that_names_it(text):
    message = re.escape(f"DESCENT_SEED must be a whole number from 0 to {LARGEST}")
    with pytest.raises(ValueError, match=message + f".*{re.escape(repr(text))}"):
        seed_from_environment({"DESCENT_SEED": text})


def test_the_environment_of_the_process_is_read_when_asked(monkeypatch):
    monkeypatch.setenv("DESCENT_SEED", "99")
    assert seed_from_environment() == 99


# ---- seed_worker


class Draws(Dataset):
    """Each item tells the seed that PyTorch gave the worker, and draws from NumPy and random."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        numpy_draw = np.random.randint(2**31)  # noqa: NPY002
        return torch.initial_seed(), int(numpy_draw), random.getrandbits(31)


def draws_of_two_workers(seed):
    """For each worker its two items; a batch of two goes to one worker."""
    generator = torch.Generator().manual_seed(seed)
    loader = DataLoader(
        Draws(),
        batch_size=2,
        num_workers=2,
        worker_init_fn=seed_worker,
        generator=generator,
        collate_fn=list,
    )
    return list(loader)


def test_two_workers_of_a_loader_draw_different_numbers_that_repeat():
    first, again, other = (draws_of_two_workers(seed) for seed in (1, 1, 2))
    assert first == again
    columns = [zip(*(item for batch in run for item in batch), strict=True) for run in (first,)]
    seeds, numpy_draws, random_draws = columns[0]
    assert len(set(seeds)) == 2
    assert len(set(numpy_draws)) == len(set(random_draws)) == 4
    assert set(numpy_draws).isdisjoint(item[1] for batch in other for item in batch)


def test_what_a_worker_draws_follows_from_the_seed_of_torch():
    for batch in draws_of_two_workers(3):
        seed = batch[0][0] % 2**32
        numbers, generator = random.Random(seed), np.random.RandomState(seed)
        expected = [(generator.randint(2**31), numbers.getrandbits(31)) for _ in batch]
        assert [item[1:] for item in batch] == expected


# ---- set_device


@pytest.mark.parametrize(("there", "device"), [(True, "cuda"), (False, "cpu")])
def test_the_device_is_the_gpu_where_there_is_one_and_is_said(monkeypatch, capsys, there, device):
    monkeypatch.setattr(reproducibility.torch.cuda, "is_available", lambda: there)
    monkeypatch.setattr(reproducibility.torch.cuda, "get_device_name", lambda: "Tesla T4")
    assert set_device() == device
    out = capsys.readouterr().out
    assert ("GPU (Tesla T4)" in out) == there
    assert ("CPU" in out) != there
    assert torch.device(device).type == device
