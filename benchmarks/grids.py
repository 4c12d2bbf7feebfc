"""Many optimizations at once, against one at a time and against the limit of the machine."""

import copy

import torch
from torch.func import functional_call, grad, stack_module_state, vmap

from benchmarks.measuring import medians, rows
from descent.landscapes import RAVINE
from descent.models import MLP, loss_fn, losses_many, stack_models
from descent.optimizers import adam_update, momentum_update
from descent.runs import descend, grid

LR, BETA = 0.01, 0.9


def two_parameters(runs=4096, steps=300, sample=8):
    """Compare many runs with two parameters to a loop over them.

    The loops are timed on a few of the runs; each takes as long as any other.
    """
    start = [torch.tensor([[-0.8, 0.6]])]
    side = int(runs**0.5)
    rates, betas = torch.linspace(0.001, 0.05, side).tolist(), torch.linspace(0, 0.95, side)
    settings = grid(lr=rates, beta=betas.tolist())
    few = settings.combinations()[:: len(settings) // sample][:sample]

    def at_once():
        descend(RAVINE.losses, start, momentum_update, settings, steps, every=steps)

    def with_our_rule():
        for lr, beta in few:
            params = [start[0].clone()[None].requires_grad_()]
            velocity = [torch.zeros_like(params[0])]
            for _ in range(steps):
                momentum_update(RAVINE.losses(params)[0], params, velocity, lr, beta)

    def with_torch_optim():
        for lr, beta in few:
            params = [start[0].clone()[None].requires_grad_()]
            optimizer = torch.optim.SGD(params, lr, momentum=beta)
            for _ in range(steps):
                optimizer.zero_grad()
                RAVINE.losses(params)[0].backward()
                optimizer.step()

    ways = {
        "ours": at_once,
        "a Python loop over the runs": with_our_rule,
        "a Python loop with `torch.optim`": with_torch_optim,
    }
    times = len(settings) / len(few)
    scale = {name: times for name in ways if name != "ours"}
    what = f"{len(settings):,} two-parameter runs of {steps} steps"
    return rows(what, "ours", medians(ways), scale)


def networks(count=64, hidden=100, points=500, device="cpu"):
    """Compare a step of many networks to loops, to vmap, and to the bare matrix products."""
    torch.manual_seed(0)
    models = [MLP(hidden_dims=[hidden]).to(device) for _ in range(count)]
    x, y = torch.randn(points, 784, device=device), torch.randint(10, (points,), device=device)
    ways = {
        "ours": _at_once(models, x, y)[1],
        "`torch.func.vmap`": _by_vmap(models, x, y)[1],
        "a Python loop with `torch.optim`": _one_by_one(models, x, y)[1],
        "the bare matrix products": _products(count, hidden, points, device),
        "one square product with as many operations": _square(count, hidden, points, device),
        "ours with Adam": _at_once(models, x, y, adam_update, states=3, lr=LR)[1],
    }
    taken = medians(ways, repeats=9)
    what = f"a step of {count:,} networks, {hidden} hidden units, {points} digits, momentum"
    with_adam = {
        "ours": taken.pop("ours with Adam"),
        "the bare matrix products": taken["the bare matrix products"],
    }
    return rows(what, "ours", taken) + rows("the same with Adam", "ours", with_adam)


def _at_once(models, x, y, rule=momentum_update, states=1, **hyperparameters):
    """Return a function that gives a network's first weights, and one that takes a step."""
    params = stack_models(models)
    state = [[torch.zeros_like(param) for param in params] for _ in range(states)]
    tensors = {
        name: torch.full((len(models), 1, 1), value, device=x.device)
        for name, value in (hyperparameters or {"lr": LR, "beta": BETA}).items()
    }

    def step():
        for param in params:
            param.grad = None  # as `descend` does
        rule(losses_many(params, x, y).sum(), params, *state, **tensors)

    return lambda run: params[0][run].T, step


def _by_vmap(models, x, y):
    params, buffers = stack_module_state(models)
    params = {name: param.detach() for name, param in params.items()}
    velocities = {name: torch.zeros_like(param) for name, param in params.items()}
    blank = copy.deepcopy(models[0]).to("meta")

    def loss(one, its_buffers):
        return loss_fn(functional_call(blank, (one, its_buffers), (x,)), y)

    gradients_of = vmap(grad(loss))

    def step():
        for name, gradient in gradients_of(params, buffers).items():
            velocities[name].mul_(BETA).sub_(LR * gradient)
            params[name].add_(velocities[name])

    return lambda run: params["main.0.weight"][run], step


def _one_by_one(models, x, y):
    models = copy.deepcopy(models)
    optimizers = [torch.optim.SGD(model.parameters(), LR, momentum=BETA) for model in models]

    def step():
        for model, optimizer in zip(models, optimizers, strict=True):
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()

    return lambda run: models[run].main[0].weight, step


def _products(count, hidden, points, device):
    """Return the products that a step cannot do without: forward, and two for each gradient."""

    def numbers(*shape):
        return torch.randn(*shape, device=device)

    x, wide = numbers(points, 784), numbers(784, count * hidden)
    slopes = numbers(points, count * hidden)
    entering, weight = numbers(count, points, hidden), numbers(count, hidden, 10)
    leaving = numbers(count, points, 10)

    def multiply():
        x @ wide
        x.T @ slopes
        entering @ weight
        entering.mT @ leaving
        leaving @ weight.mT

    return multiply


def _square(count, hidden, points, device):
    """Return a product that shows at what rate the machine can multiply, and add, at its best."""
    # A product of (n, m) and (m, k) takes 2 n m k operations.
    operations = 2 * count * points * hidden * (2 * 784 + 3 * 10)
    size = round((operations / 2) ** (1 / 3))
    left, right = torch.randn(2, size, size, device=device)
    return lambda: left @ right
