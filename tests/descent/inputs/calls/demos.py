from tests.descent.demos.samples import adaptive, bonus, ethics, minibatches, momentum, nonconvexity
from tests.descent.demos.samples import search as searching
from tests.descent.inputs.calls.small import images, labels, model

from descent import demos
from descent.data import epoch, sample_minibatch
from descent.demos import playing
from descent.landscapes import BOWL
from descent.models import MLP
from descent.optimizers import gradient_update, momentum_update


def four():
    pictures, kinds = adaptive.images_and_labels()
    return {"images": pictures, "labels": kinds, "rules": dict(adaptive.RULES)} | {
        "hidden_dims": [6, 6]
    }


def sweeps():
    return {"rates": adaptive.RATES, "recorded": adaptive.RECORDED, "losses": adaptive.sweeps()}


def sized():
    pictures, kinds = nonconvexity.digits()
    return {
        "inputs": pictures,
        "targets": kinds,
        "update_fn": momentum_update,
        "sizes": nonconvexity.TINY,
    }


def cheap():
    return {"known": ethics.KNOWN, "new": ethics.NEW, "hidden": 5}


def weighted():
    return {"measure": ethics.measure, "weights": ethics.WEIGHTS}


def race():
    data = minibatches.points()
    return {
        "start": minibatches.start(),
        "update_fn": gradient_update,
        "sample_fn": sample_minibatch,
        "data": data,
        "test_data": minibatches.some(data),
        "budget": 400,
        "goal": 0.5,
        "seed": 0,
    }


def sliced():
    pictures, kinds = nonconvexity.digits()
    return {
        "origin": nonconvexity.network(),
        "planes": nonconvexity.planes(),
        "inputs": pictures,
        "targets": kinds,
        "update_fn": gradient_update,
    }


def stepping():
    pictures, kinds = searching.digits()
    return {"stages": searching.stages(), "inputs": pictures, "targets": kinds, "seed": 0}


CALLS = {
    demos.batch_size_race: race,
    demos.digits_slice: lambda: {
        "model": MLP(),
        "inputs": images(20, 28),
        "targets": labels(20),
        "count": 4,
    },
    demos.four_optimizers: four,
    demos.goodhart: lambda: cheap() | {"sources": dict(ethics.SOURCES)},
    demos.goodhart_data: lambda: (
        cheap() | {"source": [ethics.careless], "share": [30.0], "steps": [50]}
    ),
    demos.momentum: lambda: {
        "losses_fn": momentum.bowl,
        "minimum": momentum.MINIMUM,
        "update_fn": momentum_update,
        "start": (0.0, 2.0),
    },
    demos.momentum_map: lambda: {
        "mu": momentum.MU,
        "L": momentum.L,
        "update_fn": momentum_update,
    },
    demos.optimizers_data: lambda: four() | {"lr": [0.1], "batch_size": [5], "steps": [3]},
    demos.overparameterization: sized,
    demos.overparameterization_data: lambda: sized() | {"hidden": [(3,)], "lr": [0.1]},
    demos.playground: lambda: {"digits": None},
    demos.random_steps: stepping,
    demos.rate_and_batch: lambda: {
        "train_data": bonus.digits(512, 1),
        "val_data": bonus.digits(20, 2),
        "update_fn": gradient_update,
        "sample_fn": epoch,
        "seed": 0,
    },
    demos.robustness: sweeps,
    demos.robustness_data: lambda: sweeps() | {"steps": [20], "limit": [0.5]},
    demos.slices: sliced,
    demos.step_time_data: lambda: {"batch": [64], "link": [1.0], "uses": [1]},
    demos.update_cost: lambda: {
        "networks": {"1": model((1,)), "2": model((2,))},
        "measure_fn": minibatches.times,
    },
    demos.weighting: lambda: weighted() | {"people": ethics.PEOPLE},
    demos.weighting_data: lambda: weighted() | {"omega": [1], "people": [100], "fewest": 100},
    playing.DigitsSlice: lambda: {"scene": playing.SCENES[0], "digits": 3, "deviation": 0.1},
    playing.Method: lambda: {
        "name": "momentum",
        "update": momentum_update,
        "settings": (),
        "marker": "o",
    },
    playing.Playground: lambda: {"scenes": playing.SCENES[:1], "methods": playing.METHODS[:1]},
    playing.Scene: lambda: {"landscape": BOWL, "start": (1.0, 1.0), "rates": {}},
    playing.Setting: lambda: {"name": "beta", "label": "momentum", "value": 0.9},
}
