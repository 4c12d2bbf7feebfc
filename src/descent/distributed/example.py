"""A grid of 64 small networks, spread over all ranks; rank 0 prints the settings that learn best.

Start it on two processes with ``python -m descent.distributed --nproc-per-node 2 -m
descent.distributed.example FOLDER``, or with ``torchrun`` in place of the first three words. The
folder keeps what is finished. Kill a process, and the same command computes the rest.
"""

import sys

import torch

from descent.data import load_mnist_data, sample_minibatch
from descent.distributed import spread, world
from descent.models import MLP, losses_many, stack_models
from descent.optimizers import momentum_update
from descent.runs import descend, grid

SETTINGS = grid(lr=[0.01, 0.03, 0.1, 0.3], beta=[0, 0.5, 0.9, 0.98], start=range(4))
STEPS = 300


def main(folder):
    """Train all networks, and print the three best pairs of settings."""
    with world() as here:
        inputs, targets = digits(here.device)
        torch.manual_seed(0)
        starts = stack_models([MLP(hidden_dims=[50]) for _ in range(4)])
        starts = [param.detach().to(here.device) for param in starts]

        def train(part):
            return descend(
                lambda params: losses_many(params, *sample_minibatch(inputs, targets)),
                starts,
                momentum_update,
                part,
                STEPS,
                measure_fn=lambda params: losses_many(params, inputs, targets),
                every=50,
            )

        runs = spread(train, SETTINGS, folder)
        if runs is not None:
            last = runs.table().query("step == @STEPS")
            print(f"Mean loss of four networks after {STEPS} steps:")
            print(last.groupby(["lr", "beta"])["loss"].mean().nsmallest(3).to_string())


def digits(device):
    """Return 1,000 training digits and what they are, on a device."""
    train_set, _ = load_mnist_data(change_tensors=True)
    return train_set.data[:1000].to(device), train_set.targets[:1000].to(device)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the folder that is to keep the results.")
    main(sys.argv[1])
