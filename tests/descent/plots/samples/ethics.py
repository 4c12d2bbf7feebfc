"""Data for the figures in `descent.plots.ethics`."""

import torch
from tests.descent.plots.looking import numbers

from descent import plots

STEPS = list(range(0, 60, 10))


def captioned_digits_data():
    images, labels = numbers(3, 28, 28) - 0.4, torch.tensor([3, 1, 4])
    given = torch.tensor([3, 7, 4])
    return {"rows": {"Right": (images, labels), "Cheap": (images, given, labels)}}


def proxy_and_goal_data():
    rising = torch.linspace(0.3, 0.9, len(STEPS))[:, None] + torch.tensor([0.0, 0.05])
    bent = 0.6 + torch.tensor([-0.2, -0.1, 0.0, 0.2, 0.1, 0.0])[:, None] * torch.ones(2)
    one = {"trained on": rising, "new digits": rising - 0.1, "goal": bent}
    other = {name: values * 0.9 for name, values in one.items()}
    return {"steps": STEPS, "sources": {"Careless": one, "Shifted": other}}


def group_accuracies_data():
    shares = {"all people": 0.83, "majority": 0.86, "minority": 0.57}
    return {"shares": shares, "errors": dict.fromkeys(shares, 0.02)}


def trade_off_data():
    majority = torch.tensor([[0.9, 0.8, 0.6, 0.4], [0.88, 0.82, 0.62, 0.42]])
    minority = torch.tensor([[0.4, 0.6, 0.7, 0.75], [0.42, 0.58, 0.72, 0.73]])
    return {
        "curves": {"few": (majority, minority), "many": (majority + 0.03, minority + 0.1)},
        "choices": {"people": 0, "groups": 2},
    }


def training_costs_data():
    return {
        "operations": {"this page": (1e11, True), "GPT-3": (3e23, False)},
        "kilowatt_hours": {"this page": (1e-4, True), "water": (0.1, False), "GPT-3": (1e6, False)},
    }


FIGURES = {
    plots.captioned_digits: captioned_digits_data,
    plots.proxy_and_goal: proxy_and_goal_data,
    plots.group_accuracies: group_accuracies_data,
    plots.trade_off: trade_off_data,
    plots.training_costs: training_costs_data,
}
