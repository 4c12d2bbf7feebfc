"""What the exercise on training notes of an epoch whose gradients are known."""

import pytest
import torch

from descent.exercises import exercise_9
from descent.models import loss_fn

CALL = "call 1 (24 points, batch_size=7)"
KINDS = {
    "missing": "find no gradient",
    "another": "find another gradient than their minibatch's",
    "sum": "find the gradient of a sum",
    "unlabelled": "find no gradient of the loss",
}
STEPS = 4  # minibatches of 7, 7, 7 and 3 points


def epoch(learn):
    """Return an answer that goes through the points once and learns from each minibatch so."""

    def answer(model, optimizer, inputs, targets, batch_size):
        model.train()
        order = torch.randperm(len(inputs))
        total = 0.0
        for chosen in order.split(batch_size):
            optimizer.zero_grad()
            loss = learn(model, inputs[chosen], targets[chosen])
            optimizer.step()
            total += loss.item() * len(chosen)
        return total / len(inputs)

    return answer


def with_loss(loss_of):
    def learn(model, inputs, targets):
        loss = loss_of(model(inputs), targets)
        loss.backward()
        return loss

    return learn


def without_backward(model, inputs, targets):
    return loss_fn(model(inputs), targets)


@pytest.mark.parametrize(
    ("learn", "counts"),
    [
        (with_loss(loss_fn), {}),
        (without_backward, {"missing": STEPS, "another": STEPS, "unlabelled": STEPS}),
        (
            with_loss(lambda outputs, targets: len(targets) * loss_fn(outputs, targets)),
            {"another": STEPS, "sum": STEPS, "unlabelled": STEPS},
        ),
        (
            with_loss(lambda outputs, targets: loss_fn(outputs, (targets + 1) % 24)),
            {"another": STEPS},
        ),
    ],
    ids=["right", "no backward", "a sum", "other labels"],
)
def test_the_gradients_of_an_epoch_are_counted_by_their_kind(learn, counts):
    values = exercise_9.play(epoch(learn)).values
    found = {
        kind: int(values[f"the number of steps in {CALL} that {KINDS[kind]}"]) for kind in KINDS
    }
    assert found == dict.fromkeys(KINDS, 0) | counts


def test_two_checks_see_the_same_points():
    one, other = (exercise_9.play(epoch(with_loss(loss_fn))) for _ in range(2))
    assert one.equals(other)


def test_losses_taken_after_each_step_are_known_for_what_they_are():
    def answer(model, optimizer, inputs, targets, batch_size):
        learn, total = with_loss(loss_fn), 0.0
        for chosen in torch.randperm(len(inputs)).split(batch_size):
            optimizer.zero_grad()
            learn(model, inputs[chosen], targets[chosen])
            optimizer.step()
            total += len(chosen) * model.loss(chosen.tolist()).item()
        return total / len(inputs)

    values = exercise_9.play(answer).values
    assert values[f"which number {CALL} returns (0: the mean loss over the epoch)"] == 8
    assert values[f"what {CALL} returns, as a multiple of the mean loss over the epoch"] == 1
