"""Small data for the demos in `descent.demos.bonus`."""

import torch

from descent import demos
from descent.data import epoch
from descent.optimizers import gradient_update


def digits(count, seed):
    """Three kinds of noisy pictures of 8 x 8 pixels."""
    generator = torch.Generator().manual_seed(seed)
    targets = torch.arange(count) % 3
    images = 0.3 * torch.randn(count, 8, 8, generator=generator)
    for target in range(3):
        images[targets == target, 2 * target : 2 * target + 2] += 1
    return images, targets


def rate_and_batch_demo(update_fn=gradient_update, sample_fn=epoch):
    return demos.rate_and_batch(digits(512, 1), digits(60, 2), update_fn, sample_fn)


DEMOS = {"rate_and_batch": rate_and_batch_demo}
