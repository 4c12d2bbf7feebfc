"""On a GPU everything computes what it computes on the CPU. Without one these tests are skipped."""

import pytest
import torch

from descent.data import load_mnist_data, sample_minibatch
from descent.distributed import run_ranks, spread
from descent.exercises.sandbox import attempt, undisturbed
from descent.landscapes import two_parameter_losses
from descent.models import MLP, loss_fn, losses_many, stack_models
from descent.optimizers import adam_update, momentum_update
from descent.runs import descend, grid
from descent.training import fast_epoch, fit, minibatch_losses, train_epoch

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


class Hard(torch.nn.Module):
    """Its pass draws random numbers, and counts what it has met."""

    def __init__(self, dropout=0.0):
        super().__init__()
        self.counting, self.dropping = torch.nn.BatchNorm1d(784), torch.nn.Dropout(dropout)
        self.network = MLP(hidden_dims=[20])

    def forward(self, x):
        return self.network(self.dropping(self.counting(x.flatten(1))))


@pytest.mark.parametrize("kind", [MLP, Hard])
@pytest.mark.parametrize("batch_size", [50, 64, 500, 501])
@pytest.mark.parametrize("optimizer_class", [torch.optim.SGD, torch.optim.Adam])
def test_a_replayed_epoch_is_an_epoch(kind, batch_size, optimizer_class):
    ends = []
    for epoch in (train_epoch, fast_epoch):
        torch.manual_seed(0)
        model = kind().to("cuda")
        optimizer = optimizer_class(model.parameters(), 0.01)
        losses = [epoch(model, optimizer, *digits("cuda"), batch_size) for _ in range(3)]
        ends.append((losses, [tensor.detach() for tensor in model.state_dict().values()]))
    (losses, tensors), (replayed_losses, replayed_tensors) = ends
    assert replayed_losses == pytest.approx(losses, rel=1e-4)
    for one, other in zip(tensors, replayed_tensors, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-3, atol=1e-4)


def test_a_replayed_epoch_may_follow_another_whose_loss_is_still_held():
    model = MLP(hidden_dims=[20]).to("cuda")
    optimizer = torch.optim.Adam(model.parameters())
    inputs, targets = digits("cuda")
    held = loss_fn(model(inputs), targets)
    held.backward()
    first = fast_epoch(model, optimizer, inputs, targets, 50)
    assert fast_epoch(model, optimizer, inputs, targets, 50) < first < held.item()


def test_a_replayed_epoch_drops_other_units_each_time():
    inputs, targets = digits("cuda")
    model = Hard(dropout=0.5).to("cuda")
    still = torch.optim.SGD(model.parameters(), 0.0)
    same = inputs[:1].repeat(100, 1, 1, 1), targets[:1].repeat(100)
    gradients = []
    still.register_step_pre_hook(
        lambda *_: gradients.append(model.network.main[0].weight.grad.sum().item())
    )
    fast_epoch(model, still, *same, 20)
    assert len(set(gradients)) == 5


@pytest.mark.parametrize("epoch", [train_epoch, fast_epoch])
def test_a_replayed_epoch_is_stopped_where_an_epoch_is(epoch):
    inputs, targets = (tensor.clone() for tensor in digits("cuda"))
    torch.manual_seed(0)
    inputs[torch.randperm(len(inputs))[70]] = torch.nan
    model = MLP(hidden_dims=[20]).to("cuda")
    optimizer = torch.optim.Adam(model.parameters())
    data = inputs, targets
    torch.manual_seed(0)
    with pytest.raises(FloatingPointError, match="at update 2 the gradient"):
        fit(model, optimizer, data, data, 3, 50, train_epoch=epoch, progress=False)
    assert all(param.isfinite().all() for param in model.parameters())


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
