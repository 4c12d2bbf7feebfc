"""Train a network on minibatches, watch it while it learns, and evaluate it."""

import math
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from tqdm import tqdm

from descent.models import loss_fn
from descent.training.tiny import EVERY, drop_tiny_means

POINTS_AT_ONCE = 10_000  # in an evaluation: few passes, and no more than some 100 MB
MOST = 10**9  # of what is repeated: a larger number has no end that anybody sees


def train_epoch(model, optimizer, inputs, targets, batch_size):
    """Train for one epoch: on every point once, in minibatches, in a new random order.

    Parameters
    ----------
    model : torch.nn.Module
        Returns log-probabilities, shape (points, classes). It is left in training mode.
    optimizer : torch.optim.Optimizer
        Of the model's parameters.
    inputs : torch.Tensor
        Shape (points, ...).
    targets : torch.Tensor
        The right classes, shape (points,).
    batch_size : int
        Points in a minibatch. The last one holds what is left.

    Returns
    -------
    float
        The mean loss over all points, each as it was when its minibatch was met.
    """
    model.train()
    total = 0.0
    order = torch.randperm(len(inputs)).to(inputs.device)
    for batch in order.split(batch_size):
        loss = loss_fn(model(inputs.index_select(0, batch)), targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += len(batch) * loss.item()
    return total / len(inputs)


@dataclass
class History:
    """What a training has recorded.

    Attributes
    ----------
    rows : list of dict
        One for each epoch that was completed. ``running_loss`` is the mean loss over the epoch
        while the model was changing; the other numbers are taken at the end of the epoch, on
        the validation set and on as many training points.
    interrupted : bool
        Whether the training was stopped before its end.
    """

    rows: list = field(default_factory=list)
    interrupted: bool = False

    def table(self):
        """Return a tidy table: a row for each epoch."""
        import pandas as pd

        return pd.DataFrame(self.rows, columns=COLUMNS)


COLUMNS = (
    "epoch",
    "updates",
    "running_loss",
    "train_loss",
    "val_loss",
    "train_accuracy",
    "val_accuracy",
)


def fit(
    model,
    optimizer,
    train_data,
    val_data,
    epochs,
    batch_size,
    scheduler=None,
    augment=None,
    train_epoch=train_epoch,
    progress=True,
):
    """Train a model for some epochs and record how well it does after each.

    Interrupting it (the stop button of a notebook, or Ctrl+C) loses nothing: the model keeps
    what it has learnt, and the history so far is returned.

    Parameters
    ----------
    model : torch.nn.Module
        Returns log-probabilities. Trained in place. What ``torch.compile`` makes of one will do
        too. It did not pay where it was measured: on an NVIDIA H100, an epoch of MNIST in
        minibatches of 64 took no less time with it than without.
    optimizer : torch.optim.Optimizer
        Of the model's parameters; ``fused=True`` is fastest.
    train_data, val_data : tuple of torch.Tensor
        Inputs of shape (points, ...) and right classes of shape (points,), on the model's device.
    epochs : int
        How many times to go through the training data, at least 1.
    batch_size : int
        Points in a minibatch, at least 1.
    scheduler : torch.optim.lr_scheduler.LRScheduler, optional
        Moves the learning rate; it takes a step after every *update*.
    augment : callable, optional
        Takes the training inputs and returns changed ones. Called before each epoch.
    train_epoch : callable
        As `train_epoch`: ``train_epoch(model, optimizer, inputs, targets, batch_size)``.
        `fast_epoch` does the same in less time, on a GPU in a fraction of it.
    progress : bool
        Whether to show a bar, as text on standard error. A built page leaves that out.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If ``epochs`` or ``batch_size`` is less than 1 or beyond a billion, or there is not one
        target for each input.
    FloatingPointError
        If a gradient or the loss becomes infinite or NaN. The model is then as it was before
        that update.
    """
    check_counts(epochs=epochs, batch_size=batch_size)
    inputs, targets = _checked(train_data, "training")
    compared = inputs[: len(val_data[0])], targets[: len(val_data[0])]
    _checked(val_data, "validation")
    history = History()
    expected = epochs * math.ceil(len(inputs) / batch_size)
    with _watched(optimizer, scheduler, expected, progress) as watch:
        try:
            for epoch in range(1, epochs + 1):
                changed = inputs if augment is None else augment(inputs)
                running_loss = train_epoch(model, optimizer, changed, targets, batch_size)
                train_loss, train_accuracy = evaluate(model, *compared)
                val_loss, val_accuracy = evaluate(model, *val_data)
                if not math.isfinite(running_loss):
                    raise FloatingPointError(_diverged(f"after update {watch.updates}", "loss"))
                numbers = (running_loss, train_loss, val_loss, train_accuracy, val_accuracy)
                row = (epoch, watch.updates, *numbers)
                history.rows.append(dict(zip(COLUMNS, row, strict=True)))
                watch.bar.set_postfix_str(f"epoch {epoch}, right {100 * val_accuracy:.1f} %")
        except KeyboardInterrupt:
            history.interrupted = True
    if history.interrupted:
        print(
            f"Stopped by you after {len(history.rows)} of {epochs} epochs and {watch.updates} "
            "updates. The model keeps what it has learnt; the history ends here."
        )
    return history


@dataclass
class _Watch:
    """How far a training has come."""

    bar: tqdm
    updates: int = 0


@contextmanager
def _watched(optimizer, scheduler, expected, progress):
    """Look at every update of an optimizer: count it, check it, move the learning rate.

    This way the loop itself stays the reader's.
    """
    last_param = optimizer.param_groups[-1]["params"][-1]

    def before(optimizer, args, kwargs):
        # A loss that is not finite shows in the last layer's bias, which is quick to add up.
        if last_param.grad is not None and not math.isfinite(last_param.grad.sum()):
            raise FloatingPointError(_diverged(f"at update {watch.updates + 1}", "gradient"))

    def after(optimizer, args, kwargs):
        watch.updates += 1
        watch.bar.update()
        if watch.updates % EVERY == 0:
            drop_tiny_means(optimizer)
        if scheduler is not None:
            scheduler.step()

    with tqdm(total=expected, disable=not progress, unit=" updates") as bar:
        watch = _Watch(bar)
        hooks = optimizer.register_step_pre_hook(before), optimizer.register_step_post_hook(after)
        try:
            yield watch
        finally:
            for hook in hooks:
                hook.remove()


def _diverged(when, what):
    return (
        f"{when} the {what} is no longer a finite number: the training has diverged. "
        "Try a learning rate ten times smaller. If that does not help, look for inputs that are "
        "not normalised, or that hold NaN"
    )


def evaluate(model, inputs, targets):
    """Return the mean loss and the accuracy of a model on a whole set.

    Parameters
    ----------
    model : torch.nn.Module
        Returns log-probabilities. Evaluated in evaluation mode, and left in the mode it was in.
    inputs : torch.Tensor
        Shape (points, ...).
    targets : torch.Tensor
        The right classes, shape (points,).

    Returns
    -------
    loss, accuracy : float
        The loss of `descent.models.loss_fn`, and the share of right answers from 0 to 1.

    Raises
    ------
    ValueError
        If there is not one target for each input, or no input.
    """
    _checked((inputs, targets), "evaluation")
    batches = zip(inputs.split(POINTS_AT_ONCE), targets.split(POINTS_AT_ONCE), strict=True)
    return _mean_over(model, batches)


def eval_model(model, data_loader, num_batches, device):
    """Return the mean loss and the accuracy over the first batches of a loader.

    Parameters
    ----------
    model : torch.nn.Module
        Returns log-probabilities. Evaluated in evaluation mode, and left in the mode it was in.
    data_loader : torch.utils.data.DataLoader
        Yields inputs and right classes.
    num_batches : int
        How many batches to look at, at least 1. All of them where the loader has fewer.
    device : str or torch.device
        Where the model is; the batches are moved there.

    Returns
    -------
    loss, accuracy : float
        Means over points, so that a smaller last batch counts for less.

    Raises
    ------
    ValueError
        If ``num_batches`` is less than 1, or the loader is empty.
    """
    check_counts(num_batches=num_batches)
    batches = zip(range(num_batches), data_loader, strict=False)
    on_device = ((inputs.to(device), targets.to(device)) for _, (inputs, targets) in batches)
    return _mean_over(model, on_device)


@torch.no_grad()
def _mean_over(model, batches):
    """Return loss and accuracy over all points of some batches; put the model's mode back."""
    was_training = model.training
    model.eval()
    total_loss, right, points = 0.0, 0, 0
    try:
        for inputs, targets in batches:
            log_probabilities = model(inputs)
            total_loss += loss_fn(log_probabilities, targets, reduction="sum").item()
            right += (log_probabilities.argmax(dim=1) == targets).sum().item()
            points += len(targets)
    finally:
        model.train(was_training)
    if points == 0:
        raise ValueError("there is nothing to evaluate on: the data hold no point")
    return total_loss / points, right / points


def check_counts(**counts):
    """Raise an error unless each is a whole number of which a training comes to its end."""
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int):
            raise TypeError(f"{name} must be a whole number, but it is {count!r}")
        if not 1 <= count <= MOST:
            what = f"{name} must be at least 1 and at most {MOST:,}"
            raise ValueError(f"{what}, but it is {count}")


def _checked(data, name):
    """Return inputs and targets, or raise an error if they do not belong together."""
    inputs, targets = data
    if targets.shape != inputs.shape[:1] or len(inputs) == 0:
        raise ValueError(
            f"the {name} data need one target for each input, and at least one of them, but "
            f"there are {len(inputs)} inputs and targets of shape {tuple(targets.shape)}"
        )
    return inputs, targets
