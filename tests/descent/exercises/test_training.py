"""Exercise 9 as readers answer it: in many right ways, and in many wrong ones."""

import random
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from descent.exercises import exercise_9
from descent.exercises.training import train_with
from descent.models import loss_fn
from descent.training import train_epoch as course_epoch

YOURS = "Exercise 9: correct. From here on the chapter uses your train_epoch."
OURS = "Exercise 9: not implemented yet. From here on the chapter uses the course's train_epoch."
CHAPTER = Path(__file__).parents[3] / "book" / "bonus.md"


def said(capsys):
    return " ".join(capsys.readouterr().out.split())


# ---- Right answers


def with_data_loader(model, optimizer, inputs, targets, batch_size):
    model.train()
    losses = 0.0
    for x, y in DataLoader(TensorDataset(inputs, targets), batch_size=batch_size, shuffle=True):
        prediction = model(x)
        loss = F.nll_loss(prediction, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses += loss.item() * x.size(0)
    return losses / targets.numel()


def with_numpy_order_and_range(model, optimizer, inputs, targets, batch_size):
    model.train(True)
    indices = np.random.permutation(len(inputs))  # noqa: NPY002
    means, sizes = [], []
    for start in range(0, len(indices), batch_size):
        batch = indices[start : start + batch_size]
        optimizer.zero_grad(set_to_none=False)
        loss = loss_fn(model(inputs[batch]), targets[batch])
        loss.backward()
        optimizer.step()
        means.append(loss.item())
        sizes.append(len(batch))
    return np.average(means, weights=sizes)


def with_fresh_entropy(model, optimizer, inputs, targets, batch_size):
    model.train()
    order = np.random.default_rng().permutation(len(inputs))
    shuffled_inputs, shuffled_targets = inputs[order], targets[order]
    total = 0
    for x, y in zip(
        shuffled_inputs.split(batch_size), shuffled_targets.split(batch_size), strict=True
    ):
        model.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        total = total + loss.detach() * len(y)
    return total / len(inputs)


def with_list_of_indices(model, optimizer, inputs, targets, batch_size):
    model.train()
    order = list(range(len(inputs)))
    random.shuffle(order)
    total = 0.0
    while order:
        batch, order = order[:batch_size], order[batch_size:]
        loss = F.cross_entropy(model(inputs[batch].flatten(1)), targets[batch])
        for param in model.parameters():
            param.grad = None
        loss.backward()
        optimizer.step()
        total += float(loss) * len(batch)
    return total / len(targets)


def with_closure(model, optimizer, inputs, targets, batch_size):
    model.train()
    total = 0.0
    for batch in torch.randperm(len(inputs)).split(batch_size):

        def closure(batch=batch):
            optimizer.zero_grad()
            loss = loss_fn(model(inputs[batch]), targets[batch])
            loss.backward()
            return loss

        total += optimizer.step(closure).item() * len(batch)
    return total / len(inputs)


def with_sum_divided(model, optimizer, inputs, targets, batch_size):
    model.train()
    total = torch.tensor(0.0)
    for batch in torch.randperm(inputs.shape[0]).split(batch_size):
        batch, _ = batch.sort()
        sums = loss_fn(model(inputs[batch]), targets[batch], reduction="sum")
        optimizer.zero_grad()
        (sums / len(batch)).backward()
        optimizer.step()
        total += sums.item()
    return total / inputs.shape[0]


def with_accuracy_and_print(model, optimizer, inputs, targets, batch_size):
    model.train()
    right = 0
    total = 0.0
    for batch in torch.randperm(len(inputs)).split(batch_size):
        log_probabilities = model(inputs[batch])
        loss = torch.nn.NLLLoss()(log_probabilities, targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right += (log_probabilities.argmax(dim=1) == targets[batch]).sum()
        total += loss.item() * len(batch)
    with torch.no_grad():
        print("right", right, "now", model(inputs).argmax(dim=1))
    return total / len(inputs)


def with_evaluation_that_records(model, optimizer, inputs, targets, batch_size):
    mean = course_epoch(model, optimizer, inputs, targets, batch_size)
    print(loss_fn(model(inputs), targets))
    return mean


RIGHT = [
    with_data_loader,
    with_numpy_order_and_range,
    with_fresh_entropy,
    with_list_of_indices,
    with_closure,
    with_sum_divided,
    with_accuracy_and_print,
    with_evaluation_that_records,
]


@pytest.mark.parametrize("function", RIGHT)
def test_a_right_function_is_used(function, capsys):
    assert exercise_9.check(function) is function
    assert said(capsys) == YOURS


def test_a_right_function_is_right_in_whatever_order_it_draws():
    for _ in range(30):
        assert exercise_9.problem(with_fresh_entropy) == ""


# ---- Nothing written yet


def stub_of_the_chapter():
    code = re.search(r"^def train_epoch\(.*?(?=^```)", CHAPTER.read_text(), re.M | re.S).group()
    names = {"loss_fn": loss_fn, "torch": torch}
    exec(code, names)
    return names["train_epoch"]


def only_pass(model, optimizer, inputs, targets, batch_size):
    pass


def order_written(model, optimizer, inputs, targets, batch_size):
    model.train()
    total = 0.0
    for _batch in torch.randperm(len(inputs)).split(batch_size):
        loss = ...
        total += ...
    return total, loss


def raises_not_implemented(model, optimizer, inputs, targets, batch_size):
    raise NotImplementedError("Exercise 9")


@pytest.mark.parametrize(
    "function", [stub_of_the_chapter(), only_pass, order_written, raises_not_implemented]
)
def test_an_unwritten_function_is_not_a_mistake(function, capsys):
    assert exercise_9.check(function) is course_epoch
    assert said(capsys) == OURS


def test_the_stub_with_its_blanks_filled_is_right(capsys):
    code = re.search(r"^def train_epoch\(.*?(?=^```)", CHAPTER.read_text(), re.M | re.S).group()
    answers = (
        "torch.randperm(len(inputs))",
        "loss_fn(model(inputs[batch]), targets[batch])",
        "optimizer.zero_grad()",
        "loss.backward()",
        "optimizer.step()",
        "len(batch) * loss.item()",
    )
    assert code.count("...") == len(answers)
    for answer in answers:
        code = code.replace("...", answer, 1)
    names = {"loss_fn": loss_fn, "torch": torch}
    exec(code, names)
    assert exercise_9.check(names["train_epoch"]) is names["train_epoch"]
    assert said(capsys) == YOURS


# ---- Mistakes written in other ways than in the table


def drops_last_by_count(model, optimizer, inputs, targets, batch_size):
    model.train()
    order = np.random.default_rng().permutation(len(inputs))
    total = 0.0
    for i in range(len(inputs) // batch_size):
        batch = order[i * batch_size : (i + 1) * batch_size]
        optimizer.zero_grad()
        loss = loss_fn(model(inputs[batch]), targets[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * batch_size
    return total / len(inputs)


def loads(**options):
    def train(model, optimizer, inputs, targets, batch_size):
        model.train()
        total = 0.0
        data = TensorDataset(inputs, targets)
        for x, y in DataLoader(data, batch_size=batch_size, **options):
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        return total / len(inputs)

    return train


def draws_minibatches_with_numpy(model, optimizer, inputs, targets, batch_size):
    model.train()
    total, n = 0.0, len(inputs)
    rng = np.random.default_rng()
    for _ in range(-(-n // batch_size)):
        batch = rng.integers(n, size=batch_size)
        loss = loss_fn(model(inputs[batch]), targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * batch_size
    return total / n


def seeds_inside(model, optimizer, inputs, targets, batch_size):
    torch.manual_seed(0)
    return course_epoch(model, optimizer, inputs, targets, batch_size)


def shuffles_inputs_only(model, optimizer, inputs, targets, batch_size):
    inputs = inputs[torch.randperm(len(inputs))]
    return loads(shuffle=True)(model, optimizer, inputs, targets, batch_size)


def shuffles_each_by_itself(model, optimizer, inputs, targets, batch_size):
    targets = targets[torch.randperm(len(targets))]
    return loads(shuffle=True)(model, optimizer, inputs, targets, batch_size)


def forgets_parentheses_of(name):
    def train(model, optimizer, inputs, targets, batch_size):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(inputs)).split(batch_size):
            loss = loss_fn(model(inputs[batch]), targets[batch])
            for method in ("zero_grad", "backward", "step"):
                bound = getattr(loss if method == "backward" else optimizer, method)
                if method != name:
                    bound()
            total += loss.item() * len(batch)
        return total / len(inputs)

    return train


def returns_inside_the_loop(model, optimizer, inputs, targets, batch_size):
    model.train()
    for batch in torch.randperm(len(inputs)).split(batch_size):
        loss = loss_fn(model(inputs[batch]), targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()
    return None


def makes_its_own_optimizer(model, optimizer, inputs, targets, batch_size):
    own = torch.optim.SGD(model.parameters(), lr=0.1)
    return course_epoch(model, own, inputs, targets, batch_size)


def clears_to_zeros_before_the_step(model, optimizer, inputs, targets, batch_size):
    def step(model, optimizer, x, y):
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.zero_grad(set_to_none=False)
        optimizer.step()
        return loss

    return train_with(step)(model, optimizer, inputs, targets, batch_size)


def steps_before_backward(model, optimizer, inputs, targets, batch_size):
    def step(model, optimizer, x, y):
        optimizer.zero_grad()
        optimizer.step()
        loss = loss_fn(model(x), y)
        loss.backward()
        return loss

    return train_with(step)(model, optimizer, inputs, targets, batch_size)


def multiplies_the_loss(model, optimizer, inputs, targets, batch_size):
    def step(model, optimizer, x, y):
        loss = loss_fn(model(x), y) * len(x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return train_with(step)(model, optimizer, inputs, targets, batch_size)


def evaluates(model, optimizer, inputs, targets, batch_size):
    model.eval()
    return train_with(prepare=lambda model: None)(model, optimizer, inputs, targets, batch_size)


def returns_array(model, optimizer, inputs, targets, batch_size):
    return np.zeros(3) + course_epoch(model, optimizer, inputs, targets, batch_size)


RECOGNISED = [
    (drops_last_by_count, "The last points of the order are left out"),
    (loads(shuffle=True, drop_last=True), "The last points of the order are left out"),
    (loads(), "Your minibatches hold neighbours"),
    (draws_minibatches_with_numpy, "Some points are used twice in an epoch"),
    (seeds_inside, "Two epochs go through the points in the same order."),
    (shuffles_inputs_only, "Inputs and targets do not belong together"),
    (shuffles_each_by_itself, "Inputs and targets do not belong together"),
    (forgets_parentheses_of("zero_grad"), "Gradients pile up"),
    (forgets_parentheses_of("backward"), "There is no backward pass"),
    (forgets_parentheses_of("step"), "You never call optimizer.step"),
    (returns_inside_the_loop, "Only one minibatch is used."),
    (makes_its_own_optimizer, "Your function moves the parameters by itself."),
    (clears_to_zeros_before_the_step, "When optimizer.step is called, no gradient is there"),
    (steps_before_backward, "When optimizer.step is called, no gradient is there"),
    (multiplies_the_loss, "The gradient is that of the sum over the minibatch."),
    (evaluates, "The model may come from an evaluation."),
    (returns_array, "Your function returns something other than one number."),
]


@pytest.mark.parametrize(
    ("function", "message"), RECOGNISED, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_mistake_is_recognised_however_it_is_written(function, message, capsys):
    assert exercise_9.check(function) is course_epoch
    text = said(capsys)
    assert text.startswith(f"Exercise 9: not right yet. {message}")
    assert text.endswith("From here on the chapter uses the course's train_epoch.")


# ---- Mistakes that are in no table


def test_two_mistakes_at_once_are_told_one_after_the_other():
    in_order = torch.arange
    both = train_with(
        batches=lambda n, batch_size: in_order(n).split(batch_size),
        result=lambda losses, sizes: losses[-1].item(),
    )
    problem = exercise_9.problem(both)
    assert "whether each minibatch holds neighbours in call 1" in problem
    assert "should be 0 and is 1" in problem


@pytest.mark.parametrize("factor", [0.5, 1.01, -1.0, 1000.0])
def test_another_number_is_told_as_a_multiple_of_the_right_one(factor):
    def scaled(model, optimizer, inputs, targets, batch_size):
        return factor * course_epoch(model, optimizer, inputs, targets, batch_size)

    problem = exercise_9.problem(scaled)
    assert problem.startswith("not right yet. In our test, what call 1 (24 points, batch_size=7)")
    assert problem.endswith(
        f"as a multiple of the mean loss over the epoch should be 1 and is {factor:g}."
    )


def test_a_scaled_gradient_is_told_in_numbers():
    def scales(model, optimizer, inputs, targets, batch_size):
        def step(model, optimizer, x, y):
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            (loss / 24).backward()
            optimizer.step()
            return loss

        return train_with(step)(model, optimizer, inputs, targets, batch_size)

    assert "find another gradient than their minibatch's should be 0 and is 4" in (
        exercise_9.problem(scales)
    )


def test_a_loop_that_never_ends_is_stopped():
    def endless(model, optimizer, inputs, targets, batch_size):
        order = torch.randperm(len(inputs))
        while len(order):
            loss_fn(model(inputs[order[:batch_size]]), targets[order[:batch_size]])

    problem = exercise_9.problem(endless)
    assert "It was stopped after 2 seconds in line" in problem
    assert "Is there a loop that never ends?" in problem


def test_a_crash_is_told_with_its_line():
    def crashes(model, optimizer, inputs, targets, batch_size):
        optimizer.clear()

    problem = exercise_9.problem(crashes)
    assert "in line 2 of your function (`optimizer.clear()`)" in problem
    assert "AttributeError" in problem


def test_other_arguments_are_told():
    problem = exercise_9.problem(lambda model, inputs, targets: 0.0)
    assert problem.endswith(
        "The first line should be: def train_epoch(model, optimizer, inputs, targets, batch_size)."
    )
