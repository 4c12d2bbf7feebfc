"""Training, against loops written by hand and with a DataLoader."""

import copy
import io
from contextlib import redirect_stderr, suppress

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from descent.models import MLP, loss_fn
from descent.reproducibility import set_seed
from descent.training import eval_model, evaluate, fit, train_epoch

COLUMNS = ["epoch", "updates", "running_loss", "train_loss", "val_loss"]


def points(n=50, seed=0, classes=3):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(n, 2, 4, generator=generator, dtype=torch.float64)
    targets = inputs.flatten(1)[:, :classes].argmax(dim=1)
    return inputs, targets


def new_model(seed=1, **options):
    torch.manual_seed(seed)
    return MLP(in_dim=8, out_dim=3, hidden_dims=[6], **options).double()


def new_pair(optimizer_class=torch.optim.SGD, lr=0.1, **options):
    model = new_model()
    return model, optimizer_class(model.parameters(), lr=lr, **options)


def quiet_fit(*args, **options):
    return fit(*args, progress=False, **options)


def assert_same_weights(one, other):
    for here, there in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(here, there, rtol=1e-12, atol=1e-12)


# ---- One epoch


@pytest.mark.parametrize("batch_size", [7, 10, 50, 64])
def test_an_epoch_is_gradient_descent_on_each_minibatch_in_turn(batch_size):
    inputs, targets = points()
    model, optimizer = new_pair()
    expected = [param.detach().clone().requires_grad_() for param in model.parameters()]
    torch.manual_seed(3)
    mean = train_epoch(model, optimizer, inputs, targets, batch_size)
    torch.manual_seed(3)
    order = torch.randperm(50)
    total = 0.0
    for start in range(0, 50, batch_size):
        batch = order[start : start + batch_size]
        weight, bias, weight2, bias2 = expected
        hidden = (inputs[batch].reshape(len(batch), 8) @ weight.T + bias).clamp(min=0)
        scores = hidden @ weight2.T + bias2
        loss = -torch.log_softmax(scores, dim=1)[range(len(batch)), targets[batch]].mean()
        total += loss.item() * len(batch)
        gradients = torch.autograd.grad(loss, expected)
        expected = [
            (param - 0.1 * gradient).detach().requires_grad_()
            for param, gradient in zip(expected, gradients, strict=True)
        ]
    for here, there in zip(model.parameters(), expected, strict=True):
        torch.testing.assert_close(here, there, rtol=1e-12, atol=1e-12)
    assert mean == pytest.approx(total / 50, rel=1e-12)
    assert type(mean) is float


@pytest.mark.parametrize("optimizer_class", [torch.optim.SGD, torch.optim.Adam])
def test_an_epoch_is_what_a_data_loader_with_the_same_order_gives(optimizer_class):
    inputs, targets = points()
    model, optimizer = new_pair(optimizer_class)
    other = copy.deepcopy(model)
    other_optimizer = optimizer_class(other.parameters(), lr=0.1)
    torch.manual_seed(5)
    order = torch.randperm(50).tolist()
    for x, y in DataLoader(TensorDataset(inputs, targets), batch_size=8, sampler=order):
        other_optimizer.zero_grad()
        loss_fn(other(x), y).backward()
        other_optimizer.step()
    torch.manual_seed(5)
    train_epoch(model, optimizer, inputs, targets, 8)
    assert_same_weights(model, other)


def test_an_epoch_puts_the_model_into_training_mode():
    model, optimizer = new_pair()
    model.eval()
    train_epoch(model, optimizer, *points(), 8)
    assert model.training


# ---- Many epochs


def test_fit_trains_as_epochs_in_a_row_do():
    train_data, val_data = points(), points(20, seed=1)
    model, optimizer = new_pair(momentum=0.5)
    torch.manual_seed(7)
    history = quiet_fit(model, optimizer, train_data, val_data, epochs=3, batch_size=8)
    other, other_optimizer = new_pair(momentum=0.5)
    torch.manual_seed(7)
    for row in history.rows:
        running = train_epoch(other, other_optimizer, *train_data, 8)
        assert row["running_loss"] == pytest.approx(running, rel=1e-12)
        val_loss, val_accuracy = evaluate(other, *val_data)
        assert row["val_loss"] == pytest.approx(val_loss, rel=1e-12)
        assert row["val_accuracy"] == val_accuracy
        train_loss, train_accuracy = evaluate(other, train_data[0][:20], train_data[1][:20])
        assert row["train_loss"] == pytest.approx(train_loss, rel=1e-12)
        assert row["train_accuracy"] == train_accuracy
    assert_same_weights(model, other)


def test_history_is_a_tidy_table():
    model, optimizer = new_pair()
    history = quiet_fit(model, optimizer, points(), points(20, seed=1), 4, 8)
    table = history.table()
    assert list(table) == [*COLUMNS, "train_accuracy", "val_accuracy"]
    assert table["epoch"].tolist() == [1, 2, 3, 4]
    assert table["updates"].tolist() == [7, 14, 21, 28]
    assert not history.interrupted
    assert table["running_loss"].is_monotonic_decreasing


def test_the_same_seed_gives_the_same_training(capsys):
    ends = []
    for seed in (3, 3, 4):
        set_seed(seed)
        model = MLP(in_dim=8, out_dim=3, hidden_dims=[6]).double()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        history = quiet_fit(model, optimizer, points(), points(20, seed=1), 2, 8)
        ends.append((history.table(), [param.detach() for param in model.parameters()]))
    assert ends[0][0].equals(ends[1][0])
    assert all(map(torch.equal, ends[0][1], ends[1][1]))
    assert not ends[0][0].equals(ends[2][0])


def test_the_scheduler_moves_the_rate_after_every_update():
    rates = []
    model, optimizer = new_pair()
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=14)
    _, expected_optimizer = new_pair()
    expected = torch.optim.lr_scheduler.OneCycleLR(expected_optimizer, 0.5, total_steps=14)
    optimizer.register_step_pre_hook(lambda o, a, k: rates.append(o.param_groups[0]["lr"]))
    quiet_fit(model, optimizer, points(), points(20), 2, 8, scheduler=scheduler)
    wanted = []
    for _ in range(14):
        wanted.append(expected_optimizer.param_groups[0]["lr"])
        expected_optimizer.step()
        expected.step()
    assert rates == wanted


def test_augment_changes_the_inputs_of_each_epoch_and_of_nothing_else():
    seen = []

    def negate(inputs):
        seen.append(inputs)
        return -inputs

    train_data, val_data = points(), points(20, seed=1)
    model, optimizer = new_pair()
    torch.manual_seed(2)
    history = quiet_fit(model, optimizer, train_data, val_data, 2, 8, augment=negate)
    other, other_optimizer = new_pair()
    torch.manual_seed(2)
    for _ in range(2):
        train_epoch(other, other_optimizer, -train_data[0], train_data[1], 8)
    assert_same_weights(model, other)
    assert all(inputs is train_data[0] for inputs in seen)
    assert len(seen) == 2
    loss, _ = evaluate(model, train_data[0][:20], train_data[1][:20])
    assert history.rows[-1]["train_loss"] == loss


def test_the_epoch_can_be_the_readers_own():
    calls = []

    def my_epoch(model, optimizer, inputs, targets, batch_size):
        calls.append((len(inputs), batch_size))
        return train_epoch(model, optimizer, inputs, targets, batch_size)

    quiet_fit(*new_pair(), points(), points(20), 2, 8, train_epoch=my_epoch)
    assert calls == [(50, 8), (50, 8)]


# ---- What goes wrong


def test_an_interruption_keeps_what_was_learnt(capsys):
    calls = 0

    def interrupted_epoch(*args):
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return train_epoch(*args)

    model, optimizer = new_pair()
    torch.manual_seed(7)
    history = quiet_fit(model, optimizer, points(), points(20), 9, 8, train_epoch=interrupted_epoch)
    assert history.interrupted
    assert history.table()["epoch"].tolist() == [1, 2]
    said = capsys.readouterr().out
    assert said.startswith("Stopped by you after 2 of 9 epochs and 14 updates.")
    other, other_optimizer = new_pair()
    torch.manual_seed(7)
    quiet_fit(other, other_optimizer, points(), points(20), 2, 8)
    assert_same_weights(model, other)


def test_an_interruption_before_the_first_epoch_ends_leaves_an_empty_table(capsys):
    def interrupt(*args):
        raise KeyboardInterrupt

    history = quiet_fit(*new_pair(), points(), points(20), 2, 8, train_epoch=interrupt)
    assert list(history.table())[:2] == ["epoch", "updates"]
    assert len(history.table()) == 0


def test_a_loss_that_is_not_finite_stops_the_training_before_its_update():
    inputs, targets = points()
    model, optimizer = new_pair()
    torch.manual_seed(0)
    place = torch.randperm(50)[9]  # in the second minibatch of 8
    inputs[place] = torch.nan
    torch.manual_seed(0)
    with pytest.raises(FloatingPointError, match=r"at update 2 the gradient .* ten times smaller"):
        quiet_fit(model, optimizer, (inputs, targets), points(20), 3, 8)
    assert all(param.isfinite().all() for param in model.parameters())


def test_too_large_a_learning_rate_is_told():
    model, optimizer = new_pair(lr=1e200)
    with pytest.raises(FloatingPointError, match="the training has diverged"):
        quiet_fit(model, optimizer, points(), points(20), 5, 8)


def test_an_epoch_that_returns_no_finite_loss_is_told():
    with pytest.raises(FloatingPointError, match="after update 0 the loss"):
        quiet_fit(*new_pair(), points(), points(20), 5, 8, train_epoch=lambda *args: torch.nan)


@pytest.mark.parametrize("trouble", [None, KeyboardInterrupt, FloatingPointError])
def test_the_optimizer_is_left_without_hooks(trouble, capsys):
    def epoch(*args):
        if trouble:
            raise trouble
        return train_epoch(*args)

    model, optimizer = new_pair()
    with suppress(FloatingPointError):
        quiet_fit(model, optimizer, points(), points(20), 1, 8, train_epoch=epoch)
    assert not optimizer._optimizer_step_pre_hooks
    assert not optimizer._optimizer_step_post_hooks


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("epochs", 0, ValueError),
        ("epochs", 10**9 + 1, ValueError),
        ("epochs", 1.5, TypeError),
        ("epochs", True, TypeError),
        ("batch_size", 0, ValueError),
        ("batch_size", -4, ValueError),
        ("batch_size", "32", TypeError),
    ],
)
def test_counts_that_are_none_are_refused(name, value, error):
    options = {"epochs": 1, "batch_size": 8, name: value}
    with pytest.raises(error, match=f"{name} must be .* but it is {value}|{name} must be a whole"):
        quiet_fit(*new_pair(), points(), points(20), **options)


@pytest.mark.parametrize("which", ["training", "validation"])
def test_data_that_do_not_belong_together_are_refused(which):
    good, bad = points(), (points()[0], points()[1][:-1])
    data = (bad, good) if which == "training" else (good, bad)
    with pytest.raises(ValueError, match=f"the {which} data need one target for each input"):
        quiet_fit(*new_pair(), *data, 1, 8)


# ---- The bar


def test_the_bar_counts_updates_on_standard_error_and_nothing_else(capsys):
    stderr = io.StringIO()
    with redirect_stderr(stderr):
        fit(*new_pair(), points(), points(20), epochs=2, batch_size=8)
    last = stderr.getvalue().split("\r")[-1]
    assert "14/14" in last
    assert "epoch 2" in last
    assert capsys.readouterr().out == ""


def test_the_bar_can_be_left_out(capsys):
    quiet_fit(*new_pair(), points(), points(20), 1, 8)
    assert capsys.readouterr() == ("", "")


# ---- Evaluation


class Dropping(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = torch.nn.Dropout(0.5)
        self.inner = new_model()

    def forward(self, x):
        assert not torch.is_grad_enabled()
        return self.inner(self.drop(x))


@pytest.mark.parametrize("n", [1, 50, 10_000, 10_001])
def test_evaluate_is_the_mean_over_all_points(n):
    inputs, targets = points(n)
    model = new_model()
    log_probabilities = model(inputs)
    loss, accuracy = evaluate(model, inputs, targets)
    assert loss == pytest.approx(loss_fn(log_probabilities, targets).item(), rel=1e-12)
    right = (log_probabilities.argmax(dim=1) == targets).double().mean().item()
    assert accuracy == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("mode", [True, False])
def test_evaluation_is_done_without_dropout_and_leaves_the_mode_as_it_was(mode):
    model = Dropping().train(mode)
    results = {evaluate(model, *points()) for _ in range(3)}
    assert len(results) == 1
    assert model.training is mode
    assert model.drop.training is mode


def test_the_mode_is_put_back_when_the_evaluation_fails():
    model = new_model()
    with pytest.raises(ValueError, match="evaluate cannot work with"):
        evaluate(model, torch.zeros(3, 7, dtype=torch.float64), torch.zeros(3, dtype=torch.int64))
    assert model.training


def test_nothing_to_evaluate_is_an_error():
    with pytest.raises(ValueError, match="at least one of them"):
        evaluate(new_model(), *points(0))
    loader = DataLoader(TensorDataset(*points(0)), batch_size=4)
    with pytest.raises(ValueError, match="the data hold no point"):
        eval_model(new_model(), loader, 3, "cpu")


@pytest.mark.parametrize(("num_batches", "seen"), [(1, 8), (3, 24), (7, 50), (99, 50)])
def test_eval_model_is_the_mean_over_the_points_of_the_first_batches(num_batches, seen):
    inputs, targets = points()
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=8)
    model = new_model().eval()
    result = eval_model(model, loader, num_batches, "cpu")
    assert result == pytest.approx(evaluate(model, inputs[:seen], targets[:seen]), rel=1e-12)
    assert not model.training


@pytest.mark.parametrize("num_batches", [0, -1, 2.0])
def test_eval_model_needs_a_number_of_batches(num_batches):
    loader = DataLoader(TensorDataset(*points()), batch_size=8)
    with pytest.raises((ValueError, TypeError), match="num_batches must be"):
        eval_model(new_model(), loader, num_batches, "cpu")
