import torch
from tests.descent.inputs.calls.small import images, labels, model, params, seeded, start

from descent import runs, training
from descent.data import epoch
from descent.optimizers import gradient_update


def trained(**more):
    network = model()
    return {"model": network, "optimizer": torch.optim.SGD(network.parameters(), 0.1)} | more


def loader():
    return torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(images(), labels()), batch_size=2
    )


def fitting():
    return trained(
        train_data=(images(), labels()),
        val_data=(images(), labels()),
        epochs=2,
        batch_size=4,
        augment=training.shift_images,
        progress=False,
    )


def gradients():
    return torch.rand(6, 4, generator=seeded())


def finished():
    losses = training.minibatch_losses(images(), labels(), 2)
    return runs.descend(losses, start(), gradient_update, runs.grid(lr=[0.1]), 2, progress=False)


def data(**more):
    return {"inputs": images(), "targets": labels()} | more


CALLS = {
    training.answers_many: lambda: {"params": params(models=2), "inputs": images()},
    training.eval_model: lambda: {
        "model": model(),
        "data_loader": loader(),
        "num_batches": 2,
        "device": "cpu",
    },
    training.evaluate: lambda: data(model=model()),
    training.example_gradients: lambda: data(model=model()),
    training.fast_epoch: lambda: trained(**data(batch_size=2)),
    training.fit: fitting,
    training.gradient_noise: lambda: {
        "gradients": gradients(),
        "batch_sizes": [1, 2],
        "draws": 5,
        "replacement": True,
        "generator": seeded(),
    },
    training.measure_update_time: lambda: {"model": model(), "num_points": 3},
    training.minibatch_gradients: lambda: {
        "gradients": gradients(),
        "batch_size": 2,
        "draws": 5,
        "replacement": False,
        "generator": seeded(),
    },
    training.minibatch_losses: lambda: data(batch_size=2, sample_fn=epoch),
    training.shift_images: lambda: {"images": images(), "pixels": 1},
    training.standard_error: lambda: {"share": 0.5, "count": 10},
    training.train_epoch: lambda: trained(**data(batch_size=2)),
    training.train_epoch_from: lambda: trained(data_loader=loader(), device="cpu"),
    training.training_flops: lambda: {"runs": finished(), "points": 3},
    training.update_times: lambda: {"model": model(), "sizes": [1, 2], "repeats": 1},
}
