"""Data for the figures in `descent.plots.case_study`."""

import torch
from tests.descent.plots.looking import numbers

from descent import plots
from descent.landscapes import CONVEX_POLYNOMIAL, NONCONVEX_POLYNOMIAL


def polynomials_data(starts=4):
    return {
        "convex": CONVEX_POLYNOMIAL,
        "convex_paths": 4 * numbers(8, starts, seed=1) - 3,
        "nonconvex": NONCONVEX_POLYNOMIAL,
        "nonconvex_paths": 3 * numbers(8, starts, seed=2) - 2,
    }


def digits_data(count=2):
    images = 3 * numbers(count, 28, 28) - 0.4
    return {"images": images, "labels": torch.arange(count) + 5, "patch": 6}


def surrogate_data():
    fractions = torch.linspace(0, 1, 41)
    return {
        "fractions": fractions,
        "error_rates": 0.9 - 0.8 * (5 * fractions).floor() / 5,
        "losses": 2.3 * (-2 * fractions).exp(),
        "slope_at": 12,
    }


def segments_data(count=5):
    return {"fractions": torch.linspace(0, 1, 11), "losses": numbers(count, 11)}


def class_filters_data():
    return {"weights": torch.nn.Parameter(numbers(10, 784) - 0.3)}


FIGURES = {
    plots.polynomials: polynomials_data,
    plots.digits_with_values: digits_data,
    plots.surrogate: surrogate_data,
    plots.segments: segments_data,
    plots.class_filters: class_filters_data,
}
