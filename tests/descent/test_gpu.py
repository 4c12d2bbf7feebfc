"""On a GPU everything computes what it computes on the CPU. Without one these tests are skipped."""

import pytest
import torch

from descent.data import load_mnist_data, sample_minibatch
from descent.distributed import run_ranks, spread
from descent.exercises.sandbox import attempt, undisturbed
from descent.landscapes import two_parameter_losses
from descent.models import MLP, losses_many, stack_models
from descent.optimizers import adam_update, momentum_update
from descent.runs import descend, grid
from descent.training import fit, minibatch_losses

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
DEVICES = "cpu", "cuda"
LAST_DIGITS = {"rtol": 1e-4, "atol": 1e-5}  # sums have another order there


def digits(device, count=500):
    train_set, _ = load_mnist_data(change_tensors=True)
    return train_set.data[:count].to(device), train_set.targets[:count].to(device)


def networks(device, count=4):
    torch.manual_seed(0)
    starts = stack_models([MLP(hidden_dims=[20, 10]) for _ in range(count)])
    return [param.detach().to(device) for param in starts]


@pytest.mark.parametrize("rule", [momentum_update, adam_update])
def test_many_networks_learn_as_on_the_cpu(rule):
    settings = grid(lr=[1e-4, 1e-3, 1e-2], start=range(4))
    runs = {}
    for device in DEVICES:
        inputs, targets = digits(device)
        torch.manual_seed(1)
        runs[device] = descend(
            minibatch_losses(inputs, targets, 100),
            networks(device),
            rule,
            settings,
            30,
            measure_fn=lambda params, data=(inputs, targets): losses_many(params, *data),
            every=10,
        )
    cpu, gpu = (runs[device].losses for device in DEVICES)
    assert gpu.shape == cpu.shape
    torch.testing.assert_close(gpu.cpu(), cpu, **LAST_DIGITS)
    tables = [runs[device].table() for device in DEVICES]
    assert tables[0].columns.equals(tables[1].columns)


def test_runs_that_diverge_are_dropped_there_too():
    inputs, targets = digits("cuda")
    runs = descend(
        lambda params: losses_many(params, inputs, targets),
        networks("cuda", 1),
        momentum_update,
        grid(lr=[0.01, 1e30], start=[0]),
        30,
    )
    assert runs.losses[-1].isnan().tolist() == [False, True]


def test_the_loss_of_two_parameters_is_drawn_from_points_on_either_device():
    places = torch.tensor([[0.0, 0.0], [2.0, -1.0]], dtype=torch.float64)
    found = {}
    for device in DEVICES:
        torch.manual_seed(0)
        losses_fn = two_parameter_losses(MLP().to(device), *digits(device))
        for where in DEVICES:
            losses = losses_fn(places.to(where))
            assert losses.device.type == where
            found[device, where] = losses.tolist()
    first = found.pop(("cpu", "cpu"))
    assert all(losses == pytest.approx(first, rel=1e-5) for losses in found.values())


@pytest.mark.parametrize("fused", [None, True])
def test_a_network_learns_as_on_the_cpu(fused):
    tables = {}
    for device in DEVICES:
        torch.manual_seed(0)
        model = MLP(hidden_dims=[20]).to(device)
        optimizer = torch.optim.Adam(model.parameters(), fused=fused)
        data = digits(device)
        tables[device] = fit(model, optimizer, data, data, 3, 50, progress=False).table()
    cpu, gpu = (tables[device]["train_loss"].tolist() for device in DEVICES)
    assert gpu == pytest.approx(cpu, rel=1e-3)


def each_rank(folder):
    settings = grid(lr=[0.01, 0.1], beta=[0.5, 0.9], start=[0])

    def train(part):
        inputs, targets = digits("cuda", 200)
        return descend(
            lambda params: losses_many(params, *sample_minibatch(inputs, targets)),
            networks("cuda", 1),
            momentum_update,
            part,
            20,
        )

    return spread(train, settings, folder, shares=2, progress=False)


def test_ranks_that_share_a_gpu_give_the_results_of_one(tmp_path):
    alone = each_rank(tmp_path / "alone")
    shared, nothing = run_ranks(each_rank, 2, tmp_path / "shared")
    assert nothing is None
    assert shared.losses.device.type == "cpu"
    torch.testing.assert_close(shared.losses, alone.losses, rtol=0, atol=0)


def test_what_is_checked_leaves_the_random_numbers_of_a_gpu_alone():
    torch.cuda.manual_seed(3)
    expected = torch.rand(2, device="cuda")
    torch.cuda.manual_seed(3)
    with undisturbed():
        torch.rand(5, device="cuda")
        torch.cuda.manual_seed(4)
    assert torch.rand(2, device="cuda").tolist() == expected.tolist()


def test_what_is_checked_may_compute_on_a_gpu():
    assert attempt(lambda: torch.ones(3, device="cuda").sum().item(), 20) is None
