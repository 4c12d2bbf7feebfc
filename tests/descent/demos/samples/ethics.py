"""Calls of the demos of chapter 8 with small data."""

import functools

import torch

from descent import demos

WEIGHTS = (0.01, 0.1, 1, 10, 100)
PEOPLE = (100, 300)


def images_and_labels(points, seed):
    """Return images of 8 x 8 pixels, in each of which one of nine squares shines."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(9, (points,), generator=generator)
    squares = 0.3 * torch.rand(points, 16, generator=generator)
    squares[torch.arange(points), labels] = 1
    return squares.reshape(-1, 4, 4).repeat_interleave(2, 1).repeat_interleave(2, 2), labels


def careless(images, labels, share):
    slips = torch.rand(len(labels)) < share
    return images, torch.where(slips, torch.randint_like(labels, 9), labels)


def shifted(images, labels, share):
    images, second_office = images.clone(), torch.rand(len(labels)) < share
    images[second_office, 6:] = 1
    return images, torch.where(second_office, (labels + 1) % 9, labels)


SOURCES = {"careless": careless, "shifted": shifted}
KNOWN, NEW = images_and_labels(60, seed=1), images_and_labels(80, seed=2)


@functools.cache
def measure(people, weights):
    """Return shares of right answers that weight and number of people move as in the chapter."""
    weight = torch.tensor(weights).double().log10() / 2
    draws = torch.tensor([0.0, 0.02])[:, None]
    help_of_people = people / 2000
    return torch.stack([0.8 - 0.1 * weight + draws, 0.6 + help_of_people + 0.1 * weight - draws])


def goodhart():
    return demos.goodhart(SOURCES, KNOWN, NEW, hidden=5)


def weighting(measure=measure):
    return demos.weighting(measure, WEIGHTS, PEOPLE)


DEMOS = {"goodhart": goodhart, "weighting": weighting}
