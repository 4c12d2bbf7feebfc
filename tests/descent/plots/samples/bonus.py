"""Data for the figures in `descent.plots.bonus`."""

import pandas as pd
import torch
from tests.descent.plots.looking import numbers

from descent import plots


def lucky_winners_data():
    counts = [1, 3, 10, 30, 100]
    rise = 0.005 * torch.arange(5)[:, None]
    return {
        "counts": counts,
        "chosen": 0.95 + 0.02 * numbers(5, 40) + rise,
        "fresh": 0.95 + 0.02 * numbers(5, 40, seed=1),
        "truth": 0.96,
    }


def training_table(run, epochs=6):
    falling = 2.0 / torch.arange(1, epochs + 1) + 0.01 * run
    return pd.DataFrame(
        {
            "epoch": range(1, epochs + 1),
            "train_loss": (falling / 2).tolist(),
            "val_loss": falling.tolist(),
            "train_accuracy": (1 - 0.1 * falling).tolist(),
            "val_accuracy": (1 - 0.2 * falling).tolist(),
        }
    )


def training_curves_data(runs=3):
    return {"tables": [training_table(run) for run in range(runs)]}


def confusion_data():
    counts = (8 * numbers(10, 10)).int()
    return {"counts": counts + torch.diag(torch.full((10,), 90))}


def misread_digits_data(count=7):
    return {
        "images": numbers(count, 28, 28),
        "labels": torch.arange(count) % 10,
        "predictions": (torch.arange(count) + 3) % 10,
        "probabilities": torch.linspace(0.996, 0.4, count) if count else torch.zeros(0),
    }


FIGURES = {
    plots.lucky_winners: lucky_winners_data,
    plots.training_curves: training_curves_data,
    plots.confusion: confusion_data,
    plots.misread_digits: misread_digits_data,
}
