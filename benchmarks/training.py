"""One network on MNIST, against the loops that people write. On a GPU, a pass is replayed."""

import math
import statistics
import warnings

import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from torch.utils.data import DataLoader

from benchmarks.measuring import Row, medians, rows
from descent.data import load_mnist_data, split_validation
from descent.models import MLP, loss_fn
from descent.reproducibility import seed_worker
from descent.training import evaluate, fast_epoch, fit, shift_images, train_epoch_from

HIDDEN, BATCH, GOAL = (200, 100, 50), 64, 0.98
RATES, SEEDS, MOST_EPOCHS = (3e-4, 5e-4, 1e-3, 2e-3), range(5), 20


def epochs(device="cpu"):
    """Compare an epoch to a DataLoader, to a bare loop over ready slices, and to scikit-learn."""
    inputs, targets = _tensors(load_mnist_data(change_tensors=True)[0], device)
    slices = list(zip(inputs.split(BATCH), targets.split(BATCH), strict=True))
    vectors, labels = inputs.flatten(1).cpu().numpy(), targets.cpu().numpy()
    peer = MLPClassifier(HIDDEN, batch_size=BATCH, max_iter=1)
    warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is what is asked for

    def with_fit():
        one = inputs[:1], targets[:1]
        what = (inputs, targets), one, 1, BATCH
        fit(*_pair(device, fused=True), *what, train_epoch=fast_epoch, progress=False)

    def over_slices(fused):
        model, optimizer = _pair(device, fused=fused)
        for x, y in slices:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()

    ways = {
        "ours": with_fit,
        "a `DataLoader` with two workers": _loader_epoch(device),
        "a bare loop over ready slices": lambda: over_slices(fused=None),
        "the same with fused Adam": lambda: over_slices(fused=True),
        "scikit-learn's `MLPClassifier`": lambda: peer.fit(vectors, labels),
    }
    return rows(f"an epoch of MNIST, minibatches of {BATCH}, Adam", "ours", medians(ways))


def time_to_goal(device="cpu"):
    """Compare the time to 98.0 % of the test digits to the DataLoader loop's at its best rate.

    How many epochs the loop needs is counted on the fast path: both give the same losses.
    """
    train_set, test_set = load_mnist_data(change_tensors=True)
    train, test = _tensors(train_set, device), _tensors(test_set, device)
    learn = _tensors(split_validation(train_set, seed=0)[0], device)
    needed = {lr: [_epochs_to_goal(lr, seed, train, test) for seed in SEEDS] for lr in RATES}
    best = min(RATES, key=lambda lr: statistics.median(needed[lr]))
    count = statistics.median(needed[best])
    reached = []
    ways = {
        "ours": lambda: reached.append(_by_recipe(len(reached), learn, test)),
        "loop": _loader_epoch(device),
    }
    taken = medians(ways)
    ours, loop = taken["ours"], taken["loop"] * count
    accuracies = ", ".join(f"{100 * share:.2f}" for share in sorted(reached))
    what = f"98.0 % of MNIST's test digits (ours reaches {accuracies})"
    against = f"a `DataLoader` loop at its best rate, {best:g}: {count:g} epochs"
    return [Row(what, against, loop / ours, f"{ours:.3g} s / {loop:.3g} s")]


def _by_recipe(seed, learn, test):
    """Train as the bonus chapter does; return the share of test digits that is read right."""
    torch.manual_seed(seed)
    model = MLP(hidden_dims=HIDDEN).to(learn[0].device)
    optimizer = torch.optim.AdamW(model.parameters(), 0.01, weight_decay=0.1, fused=True)
    updates = 4 * math.ceil(len(learn[0]) / 256)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, updates)
    data = learn, (learn[0][:1], learn[1][:1])
    what = model, optimizer, *data, 4, 256, rates, shift_images
    fit(*what, train_epoch=fast_epoch, progress=False)
    return evaluate(model, *test)[1]


def _epochs_to_goal(lr, seed, train, test):
    torch.manual_seed(seed)
    model = MLP(hidden_dims=HIDDEN).to(train[0].device)
    optimizer = torch.optim.Adam(model.parameters(), lr, fused=True)
    for epoch in range(1, MOST_EPOCHS + 1):
        fast_epoch(model, optimizer, *train, BATCH)
        if evaluate(model, *test)[1] >= GOAL:
            return epoch
    return math.inf


def _loader_epoch(device):
    images = load_mnist_data()[0]
    loader = DataLoader(images, BATCH, True, num_workers=2, worker_init_fn=seed_worker)
    return lambda: train_epoch_from(loader, *_pair(device), device)


def _pair(device, fused=None):
    torch.manual_seed(0)
    model = MLP(hidden_dims=HIDDEN).to(device)
    return model, torch.optim.Adam(model.parameters(), 1e-3, fused=fused)


def _tensors(digits, device):
    return digits.data.to(device), digits.targets.to(device)
