"""Exercise 9: one epoch of training on minibatches.

A right function may draw its random order in many ways, so two right epochs differ in every number.
What is compared is therefore what all right epochs have in common: how many steps are taken, which
points they use, whether a gradient is that of its minibatch, and what the returned number is.
"""

import itertools
import math
import random

import numpy as np
import torch

from descent.exercises.checking import Exercise, Mistake
from descent.models import MLP, loss_fn
from descent.training.fitting import train_epoch

POINTS = 24
BATCH_SIZES = (7, 8)  # with a smaller last minibatch, and without
SIZES = [7, 7, 7, 3]  # of the minibatches in the first call


def scenario(function, outcome):
    """Train a small network for two epochs; it has been evaluated before, as in a real run."""
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - a reader may draw the order with any of the three
    random.seed(0)
    inputs = torch.randn(POINTS, 2, 3, dtype=torch.float64)
    targets = torch.arange(POINTS)  # a class for each point tells which targets were used
    model = WatchedModel(inputs, targets)
    optimizer = WatchedOptimizer(model, lr=0.5)
    orders = []
    for number, batch_size in enumerate(BATCH_SIZES, start=1):
        model.eval()
        model.passes.clear()
        optimizer.steps.clear()
        call = f"call {number} ({POINTS} points, batch_size={batch_size})"
        before = [param.detach().clone() for param in model.parameters()]
        returned = function(model, optimizer, inputs.clone(), targets.clone(), batch_size)
        moved = any(map(_differ, before, model.parameters()))
        outcome.note(f"whether the parameters move in {call} (1: yes, 0: no)", moved)
        orders.append(_note_minibatches(outcome, call, model.used()))
        _note_steps(outcome, call, optimizer.steps)
        if number == 1:
            _note_returned(outcome, call, returned, model, optimizer.steps)
    same = orders[0] == orders[1]
    outcome.note("whether both epochs have the same order (1: yes, 0: no)", same)


class WatchedModel(MLP):
    """A network that notes which points pass through it, and which of these passes go back."""

    def __init__(self, inputs, targets):
        super().__init__(in_dim=inputs[0].numel(), out_dim=len(targets), hidden_dims=[4])
        self.double()
        self.data = inputs, targets
        self.passes = []

    def forward(self, x):
        """Return the log-probabilities, as `MLP` does."""
        log_probabilities = super().forward(x)
        distances = torch.cdist(
            x.detach().reshape(-1, self.in_dim), self.data[0].reshape(-1, self.in_dim)
        )
        this = {
            "points": distances.argmin(dim=1).tolist(),
            "training": self.training,
            "backward": 0,
        }
        this["loss"] = self.loss(this["points"]).item()
        self.passes.append(this)
        if log_probabilities.requires_grad:
            log_probabilities.register_hook(lambda gradient: _count_backward(this))
        return log_probabilities

    def loss(self, points):
        """Return the mean loss of some points, unnoticed."""
        inputs, targets = self.data
        return loss_fn(super().forward(inputs[points]), targets[points])

    def used(self):
        """Return the passes that were trained on: those that went back, or all if none did."""
        return [each for each in self.passes if each["backward"]] or self.passes


def _count_backward(this):
    this["backward"] += 1


class WatchedOptimizer(torch.optim.SGD):
    """Gradient descent that notes which gradient it finds at each step."""

    def __init__(self, model, lr):
        super().__init__(model.parameters(), lr=lr)
        self.model = model
        self.steps = []

    def step(self, closure=None):
        """Take a step, as `torch.optim.SGD` does."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        points = self.model.used()[-1]["points"] if self.model.passes else []
        self.steps.append({"points": points, **self._judged(points)})
        super().step()
        self.steps[-1]["loss after"] = self.model.loss(points).item() if points else math.nan
        return loss

    def _judged(self, points):
        """Compare the gradient with that of the minibatch that passed last."""
        params = list(self.model.parameters())
        found = _flat([torch.zeros_like(p) if p.grad is None else p.grad for p in params])
        if not points or not found.any():
            return {"missing": True, "right": False, "summed": False, "labelled": False}
        with torch.enable_grad():
            right = _flat(torch.autograd.grad(self.model.loss(points), params))
        return {
            "missing": False,
            "right": torch.allclose(found, right),
            "summed": len(points) > 1 and torch.allclose(found, len(points) * right),
            "labelled": self._is_of_some_labels(points, params[-1].grad),
        }

    @torch.no_grad()
    def _is_of_some_labels(self, points, bias_gradient):
        """Tell whether a gradient is that of the loss, for right labels or for wrong ones.

        The gradient in the last biases is the mean probability of each class less its share.
        """
        if bias_gradient is None:
            return False
        probabilities = MLP.forward(self.model, self.model.data[0][points]).exp()
        counts = probabilities.sum(dim=0) - len(points) * bias_gradient
        return torch.allclose(counts, counts.round().clamp(min=0), atol=1e-6)


def _flat(tensors):
    return torch.cat([tensor.flatten() for tensor in tensors])


def _differ(one, other):
    return not torch.equal(one, other)


def _note_minibatches(outcome, call, passes):
    """Note which points the minibatches hold; return the order of all of them."""
    batches = [each["points"] for each in passes]
    order = list(itertools.chain(*batches))
    neighbours = all(sorted(b) == list(range(min(b), max(b) + 1)) for b in batches if b)
    sizes = sorted(map(len, batches), reverse=True)
    outcome.note(f"the sizes of the minibatches of {call}", sizes)
    facts = {
        "every point is used": set(order) == set(range(POINTS)),
        "a point is used twice": len(set(order)) < len(order),
        "each minibatch holds neighbours": neighbours,
        "the model is in training mode": all(each["training"] for each in passes),
    }
    for fact, true in facts.items():
        outcome.note(f"whether {fact} in {call} (1: yes, 0: no)", true)
    outcome.note(f"the backward passes in {call}", sum(each["backward"] for each in passes))
    outcome.trace(f"the stored order in {call}", order == sorted(order))
    return order


def _note_steps(outcome, call, steps):
    """Note how many steps there are, and what was wrong with their gradients."""
    outcome.note(f"the number of optimizer steps in {call}", len(steps))
    kinds = {
        "find no gradient": sum(step["missing"] for step in steps),
        "find another gradient than their minibatch's": sum(not step["right"] for step in steps),
        "find the gradient of a sum": sum(step["summed"] for step in steps),
        "find no gradient of the loss": sum(not step["labelled"] for step in steps),
    }
    for kind, count in kinds.items():
        outcome.note(f"the number of steps in {call} that {kind}", count)
    sizes = [len(step["points"]) for step in steps]
    outcome.trace(f"the minibatches before each step in {call}", [len(steps), *sizes])


def _note_returned(outcome, call, returned, model, steps):
    """Note what kind of number was returned, if the minibatches and the steps are right."""
    has_graph = isinstance(returned, torch.Tensor) and returned.requires_grad
    outcome.note(f"whether what {call} returns has a graph (1: yes, 0: no)", has_graph)
    used = [len(each["points"]) for each in model.used()]
    judged = used == SIZES and len(steps) == len(used) and all(step["right"] for step in steps)
    kind, ratio = _kind_of_number(returned, model, steps) if judged else (0, 1.0)
    outcome.note(f"what {call} returns, as a multiple of the mean loss over the epoch", ratio)
    outcome.note(f"which number {call} returns (0: the mean loss over the epoch)", kind)


def _kind_of_number(returned, model, steps):
    """Return which of the numbers that come to mind this is, and what it is as a multiple.

    The multiple is one where the kind is known: from then on that says more.
    """
    numbers = _numbers_that_come_to_mind(model.used(), steps)
    numbers.append(model.loss(range(POINTS)).item())
    if returned is None:
        return -1, 1.0
    try:
        found = float(returned)
    except (TypeError, ValueError, RuntimeError):
        return -2, 1.0
    for kind, number in enumerate(numbers):
        if math.isclose(found, number, rel_tol=1e-5):
            return kind, 1.0
    return len(numbers), found / numbers[0]


def _numbers_that_come_to_mind(passes, steps):
    """Return the right number first, then those that are returned by mistake."""
    losses = np.array([each["loss"] for each in passes])
    sizes = np.array([len(each["points"]) for each in passes])
    later = sum(len(step["points"]) * step["loss after"] for step in steps)
    total = (losses * sizes).sum()
    return [
        total / POINTS,
        losses.mean(),
        losses.sum() / POINTS,
        total,
        losses.sum(),
        total / len(losses),
        losses[-1],
        losses[0],
        later / POINTS,
    ]


# ---- Wrong functions: each is right but for one of three parts.


def train_with(step=None, batches=None, result=None, prepare=torch.nn.Module.train):
    """Return a function like `train_epoch` with a part of it replaced.

    Parameters
    ----------
    step : callable
        ``step(model, optimizer, inputs, targets)`` learns from a minibatch; returns its loss.
    batches : callable
        ``batches(n, batch_size)`` returns the indices of each minibatch.
    result : callable
        ``result(losses, sizes)`` makes of all minibatches what is returned.
    prepare : callable
        Called with the model first.
    """
    step, batches, result = step or learn, batches or shuffled, result or mean_over_points

    def train(model, optimizer, inputs, targets, batch_size):
        prepare(model)
        losses, sizes = [], []
        for batch in batches(len(inputs), batch_size):
            losses.append(step(model, optimizer, inputs[batch], targets[batch]))
            sizes.append(len(batch))
        return result(losses, sizes)

    return train


def learn(model, optimizer, inputs, targets):
    """Take the right step on a minibatch."""
    loss = loss_fn(model(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def shuffled(n, batch_size):
    """Return the right minibatches."""
    return torch.randperm(n).split(batch_size)


def mean_over_points(losses, sizes):
    """Return the right number."""
    return sum(size * loss.item() for loss, size in zip(losses, sizes, strict=True)) / sum(sizes)


def _never_clears(model, optimizer, inputs, targets):
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss


def _clears_once(model, optimizer, inputs, targets, batch_size):
    optimizer.zero_grad()
    return train_with(_never_clears)(model, optimizer, inputs, targets, batch_size)


def _clears_before_step(model, optimizer, inputs, targets):
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss


def _steps_a_minibatch_late(model, optimizer, inputs, targets):
    loss = loss_fn(model(inputs), targets)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss


def _never_goes_back(model, optimizer, inputs, targets):
    loss = loss_fn(model(inputs), targets)
    optimizer.zero_grad()
    optimizer.step()
    return loss


def _only_measures(model, optimizer, inputs, targets):
    return loss_fn(model(inputs), targets)


def _never_steps(model, optimizer, inputs, targets):
    loss = loss_fn(model(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    return loss


def _steps_by_hand(model, optimizer, inputs, targets):
    loss = _never_steps(model, optimizer, inputs, targets)
    with torch.no_grad():
        for param in model.parameters():
            param -= 0.5 * param.grad
    return loss


def _sums(model, optimizer, inputs, targets):
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets, reduction="sum")
    loss.backward()
    optimizer.step()
    return loss


def _records_nothing(model, optimizer, inputs, targets):
    with torch.no_grad():
        loss = loss_fn(model(inputs), targets)
    optimizer.zero_grad()
    loss.backward()


def _swaps(model, optimizer, inputs, targets):
    loss_fn(targets, model(inputs))


def _measures_after_step(model, optimizer, inputs, targets):
    learn(model, optimizer, inputs, targets)
    return loss_fn(model(inputs), targets)


def _steps_at_the_end(step):
    def train(model, optimizer, inputs, targets, batch_size):
        train_with(step)(model, optimizer, inputs, targets, batch_size)
        optimizer.step()

    return train


def _backward_alone(model, optimizer, inputs, targets):
    loss_fn(model(inputs), targets).backward()


def _mixes_targets(model, optimizer, inputs, targets, batch_size):
    model.train()
    batches = zip(shuffled(len(inputs), batch_size), targets.split(batch_size), strict=True)
    for batch, chosen in batches:
        learn(model, optimizer, inputs[batch], chosen)


def _in_stored_order(n, batch_size):
    return torch.arange(n).split(batch_size)


def _blocks(n, batch_size):
    batches = _in_stored_order(n, batch_size)
    return [batches[i] for i in torch.randperm(len(batches))]


def _same_order(n, batch_size):
    return torch.randperm(n, generator=torch.Generator().manual_seed(1)).split(batch_size)


def _whole_only(n, batch_size):
    return [batch for batch in shuffled(n, batch_size) if len(batch) == batch_size]


def _one_too_many(n, batch_size):
    order = torch.randperm(n)
    starts = (batch_size * i for i in range(n // batch_size + 1))
    return [order[start : start + batch_size] for start in starts]


def _with_replacement(n, batch_size):
    return torch.randint(n, (n,)).split(batch_size)


def _draws(count):
    """Return minibatches that are drawn afresh each time, so that points come twice."""

    def batches(n, batch_size):
        return [torch.randperm(n)[:batch_size] for _ in range(count(n / batch_size))]

    return batches


def _all_at_once(n, batch_size):
    return [torch.randperm(n)]


def _one_by_one(n, batch_size):
    return torch.randperm(n).split(1)


def _only_first(n, batch_size):
    return [torch.randperm(n)[:batch_size]]


def _so_many_batches(n, batch_size):
    return torch.randperm(n).chunk(batch_size)


def _so_many_even_batches(n, batch_size):
    return torch.randperm(n).tensor_split(batch_size)


def _sum_with_graph(losses, sizes):
    return sum(size * loss for loss, size in zip(losses, sizes, strict=True))


def _evaluates_at_the_end(model, optimizer, inputs, targets, batch_size):
    train_with()(model, optimizer, inputs, targets, batch_size)
    return loss_fn(model(inputs), targets).item()


def _values(losses):
    return [loss.item() for loss in losses]


MISTAKES = (
    Mistake(
        "You never call optimizer.step, so the parameters stay as they are. It goes at the end of "
        "each turn of the loop, with its parentheses: optimizer.step().",
        (train_with(_never_steps),),
    ),
    Mistake(
        "The loop measures losses and learns nothing from them: neither backward nor "
        "optimizer.step is called.",
        (train_with(_only_measures),),
    ),
    Mistake(
        "Your function moves the parameters by itself. Leave that to the optimizer that it is "
        "given, whichever it is: optimizer.step().",
        (train_with(_steps_by_hand),),
    ),
    Mistake(
        "There is no backward pass, so optimizer.step finds no gradient. Call backward on the "
        "loss of the minibatch first.",
        (train_with(_never_goes_back),),
    ),
    Mistake(
        "When optimizer.step is called, no gradient is there: it was erased, or is not computed "
        "yet. Look at the order: zero_grad, backward, step.",
        (train_with(_clears_before_step),),
    ),
    Mistake(
        "Each step uses the gradient of the minibatch before. Call backward first, and "
        "optimizer.step after it.",
        (train_with(_steps_a_minibatch_late),),
    ),
    Mistake(
        "Gradients pile up: backward adds to the gradients of the minibatches before. "
        "optimizer.zero_grad() has to be called for every minibatch, inside the loop.",
        (train_with(_never_clears), _clears_once),
    ),
    Mistake(
        "optimizer.step is called once in an epoch, after the loop. Is its line indented, so that "
        "each minibatch gets a step?",
        (_steps_at_the_end(_never_steps), _steps_at_the_end(_backward_alone)),
    ),
    Mistake(
        "All points are in one minibatch, so an epoch is one step of full gradient descent. Split "
        "the order into parts of batch_size points.",
        (train_with(batches=_all_at_once),),
    ),
    Mistake(
        "Only one minibatch is used. Is there a return or break in the loop, or no loop?",
        (train_with(batches=_only_first),),
    ),
    Mistake(
        "Each minibatch holds a single point. Split the order into parts of batch_size points.",
        (train_with(batches=_one_by_one),),
    ),
    Mistake(
        "You make batch_size minibatches. It is the number of points in each: split does that, "
        "chunk does the other.",
        (train_with(batches=_so_many_batches), train_with(batches=_so_many_even_batches)),
    ),
    Mistake(
        "Your minibatches hold neighbours, in the order in which the points are stored. Draw an "
        "order of all points at random first; torch.randperm does it.",
        (train_with(batches=_in_stored_order), train_with(batches=_blocks)),
    ),
    Mistake(
        "Two epochs go through the points in the same order. Is a seed set inside the function, "
        "or the order drawn outside?",
        (train_with(batches=_same_order),),
    ),
    Mistake(
        "Inputs and targets do not belong together: a digit is learnt with the label of another. "
        "Use the same indices for both.",
        (_mixes_targets,),
    ),
    Mistake(
        "The last points of the order are left out where batch_size does not divide their number. "
        "Let the last minibatch be smaller.",
        (train_with(batches=_whole_only),),
    ),
    Mistake(
        "There is an empty minibatch at the end where batch_size divides the number of points. "
        "Its mean loss is 0/0.",
        (train_with(batches=_one_too_many),),
    ),
    Mistake(
        "Some points are used twice in an epoch and others not at all: you draw with replacement. "
        "Draw one order of all points, and cut it into minibatches.",
        (
            train_with(batches=_with_replacement),
            train_with(batches=_draws(math.ceil)),
            train_with(batches=_draws(math.floor)),
        ),
    ),
    Mistake(
        "The gradient is that of the sum over the minibatch. Descend its mean, so that the "
        "learning rate means the same for every batch size.",
        (train_with(_sums),),
    ),
    Mistake(
        "The model computes without recording: inside torch.no_grad() there is nothing for "
        "backward to go back through.",
        (train_with(_records_nothing),),
    ),
    Mistake(
        "The loss gets its arguments in the wrong order: first what the model returns, then the "
        "targets.",
        (train_with(_swaps),),
    ),
    Mistake(
        "The model may come from an evaluation. Put it into training mode first: model.train(). "
        "Layers such as dropout depend on it.",
        (train_with(prepare=lambda model: None),),
    ),
    Mistake(
        "Your function returns nothing. The chapter needs the mean loss of the epoch.",
        (train_with(result=lambda losses, sizes: None),),
    ),
    Mistake(
        "Your function returns something other than one number. Return the mean loss of the epoch.",
        (train_with(result=lambda losses, sizes: _values(losses)),),
    ),
    Mistake(
        "What you return carries the graphs of all minibatches with it, which costs memory. Take "
        "the number out of each loss: loss.item().",
        (
            train_with(result=lambda losses, sizes: _sum_with_graph(losses, sizes) / sum(sizes)),
            train_with(result=lambda losses, sizes: sum(losses) / len(losses)),
            train_with(result=lambda losses, sizes: sum(losses) / sum(sizes)),
            train_with(result=_sum_with_graph),
            train_with(result=lambda losses, sizes: sum(losses)),
            train_with(result=lambda losses, sizes: losses[-1]),
        ),
    ),
    Mistake(
        "You return the plain mean over minibatches. The last one may be smaller: its mean should "
        "count for as many points as it holds.",
        (train_with(result=lambda losses, sizes: sum(_values(losses)) / len(losses)),),
    ),
    Mistake(
        "You add up one mean for each minibatch, and divide by the number of points. Multiply "
        "each mean by the number of points in its minibatch first.",
        (train_with(result=lambda losses, sizes: sum(_values(losses)) / sum(sizes)),),
    ),
    Mistake(
        "You return the sum over the points. Divide it by their number.",
        (train_with(result=lambda losses, sizes: _sum_with_graph(losses, sizes).item()),),
    ),
    Mistake(
        "You return the sum of the losses of the minibatches. It should be the mean over all "
        "points.",
        (train_with(result=lambda losses, sizes: sum(_values(losses))),),
    ),
    Mistake(
        "You add up the losses of all points, and divide by the number of minibatches. Divide by "
        "the number of points.",
        (
            train_with(
                result=lambda losses, sizes: _sum_with_graph(losses, sizes).item() / len(losses)
            ),
        ),
    ),
    Mistake(
        "You return the loss of the last minibatch alone. It should be the mean over the epoch.",
        (train_with(result=lambda losses, sizes: losses[-1].item()),),
    ),
    Mistake(
        "You return the loss of the first minibatch alone. It should be the mean over the epoch.",
        (train_with(result=lambda losses, sizes: losses[0].item()),),
    ),
    Mistake(
        "You measure the loss of a minibatch again after its step. Use the loss that you "
        "descended: it is there already.",
        (train_with(_measures_after_step),),
    ),
    Mistake(
        "You return the loss of the model at the end of the epoch. Return the mean of the losses "
        "that were met on the way: they cost nothing more.",
        (_evaluates_at_the_end,),
    ),
)

exercise_9 = Exercise(
    number=9,
    reference=train_epoch,
    scenario=scenario,
    mistakes=MISTAKES,
)
