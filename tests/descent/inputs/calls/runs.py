import torch
from tests.descent.inputs.calls.small import bowl_of_params, losses, seeded, start

from descent import runs
from descent.optimizers import gradient_update, momentum_update


def of_scalars(x, y):
    return (x - 1).square() + 3 * y.square()


def search():
    return {
        "losses_fn": losses,
        "start": start(),
        "settings": runs.grid(length=[0.1, 0.2]),
        "steps": 3,
        "generator": seeded(),
        "keep_paths": True,
    }


def descent():
    return {
        "losses_fn": bowl_of_params,
        "start": [torch.ones(1, 2)],
        "update_fn": momentum_update,
        "settings": runs.grid(lr=[0.1, 0.2], beta=0.5),
        "steps": 3,
        "keep_paths": True,
        "every": 2,
        "progress": False,
    }


def parts():
    given = descent() | {"every": 1}
    return [
        runs.descend(**given | {"settings": part})
        for part in runs.grid(lr=[0.1, 0.2], beta=0.5).cut(2)
    ]


CALLS = {
    runs.Grid: lambda: {"axes": {"lr": (0.1, 0.2)}},
    runs.best_gradient_descent: lambda: {"smallest": 1.0, "largest": 4.0},
    runs.best_heavy_ball: lambda: {"smallest": 1.0, "largest": 4.0},
    runs.decades_below: lambda: {
        "rates": torch.logspace(-3, 0, 4),
        "losses": torch.rand(2, 4, generator=seeded()),
        "limit": 0.5,
    },
    runs.descend: descent,
    runs.first_step_below: lambda: {
        "distances": torch.tensor([1.0, 0.1, 0.01]),
        "tolerance": 0.05,
    },
    runs.grid: lambda: {"lr": [0.1, 0.2], "beta": 0.9},
    runs.heavy_ball_factor: lambda: {"lr": 0.1, "beta": torch.tensor(0.5), "curvature": 2.0},
    runs.join: lambda: {"parts": parts()},
    runs.random_search: search,
    runs.run_lbfgs: lambda: {"func": of_scalars, "init_list": (0.0, 1.0), "max_iter": 5},
    runs.run_newton: lambda: {
        "func": of_scalars,
        "init_list": (0.0, 1.0),
        "max_iter": 5,
        "keep_path": True,
    },
    runs.run_optimizer: lambda: {
        "inits": (0.0, 1.0),
        "eval_fn": of_scalars,
        "update_fn": gradient_update,
        "max_steps": 3,
        "optim_kwargs": {"lr": 0.1},
    },
}
